"""What a category asks of its products beyond attributes, by profile and region."""

from dataclasses import dataclass

from apps.simulator.world.regions import REGIONS
from apps.simulator.world.rolls import digits
from apps.simulator.world.taxonomy_attributes import Condition, condition

_EU = frozenset({"DE"})


@dataclass(frozen=True, slots=True)
class Certification:
    """`is_required` always; with `conditions`, as soon as one of them is met."""

    id: str
    name: str
    is_required: bool
    details: str
    conditions: tuple[Condition, ...] = ()
    needs_expiration_date: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    certifications: tuple[Certification, ...]
    special_types: tuple[str, ...]  # PRE_ORDER, MADE_TO_ORDER, CUSTOM
    fees: tuple[tuple[str, bool], ...]  # (type, whether it is required)
    supports_size_chart: bool
    needs_size_chart: bool
    supports_cod: bool
    needs_package_dimensions: bool
    needs_epr: bool
    needs_responsible_person: bool
    needs_manufacturer: bool
    needs_seller_sku: bool


# What each market asks of a subject; the subjects of a profile follow below.
_PAPERS: dict[str, dict[str, str]] = {
    "cosmetics": {
        "US": "Cosmetic Product Facility Registration", "GB": "SCPN Notification",
        "DE": "CPNP-Notifizierung", "MY": "Notifikasi NPRA", "ID": "Izin Edar BPOM",
        "TH": "ใบรับจดแจ้งเครื่องสำอาง อย.", "VN": "Phiếu công bố mỹ phẩm",
    },
    "electrical": {
        "US": "FCC Supplier's Declaration of Conformity",
        "GB": "UKCA Declaration of Conformity", "DE": "CE-Konformitätserklärung",
        "MY": "Sijil SIRIM", "ID": "Sertifikat SNI", "TH": "ใบรับรอง มอก.",
        "VN": "Giấy chứng nhận hợp quy CR",
    },
    "batteries": {
        "US": "UN 38.3 Test Summary", "GB": "UN 38.3 Test Summary",
        "DE": "UN 38.3 Prüfbericht", "MY": "Laporan Ujian UN 38.3",
        "ID": "Laporan Uji UN 38.3", "TH": "รายงานทดสอบ UN 38.3",
        "VN": "Báo cáo thử nghiệm UN 38.3",
    },
    "food": {
        "US": "FDA Food Facility Registration", "GB": "Food Business Registration",
        "DE": "Lebensmittelregistrierung", "MY": "Sijil Halal", "ID": "Izin Edar MD/ML",
        "TH": "เลขสารบบอาหาร อย.", "VN": "Giấy chứng nhận an toàn thực phẩm",
    },
    "toys": {
        "US": "Children's Product Certificate", "GB": "UKCA Toy Safety Declaration",
        "DE": "EN-71-Prüfbericht", "MY": "Sijil Keselamatan Mainan",
        "ID": "Sertifikat SNI Mainan", "TH": "ใบรับรอง มอก. ของเล่น",
        "VN": "Chứng nhận hợp quy đồ chơi",
    },
}  # fmt: skip
# (subject, required, the attribute and value that require it, with an expiry date)
_Paper = tuple[str, bool, tuple[str, str] | None, bool]
_PAPERS_OF: dict[str, tuple[_Paper, ...]] = {
    "skincare": (("cosmetics", True, None, True),),
    "makeup": (("cosmetics", True, None, True),),
    "haircare": (("cosmetics", True, None, True),),
    "lighting": (
        ("electrical", False, ("Power", "Mains"), False),
        ("batteries", False, ("Battery", "Lithium-ion"), False),
    ),
    "appliance": (("electrical", True, None, False),),
    "charger": (("electrical", True, None, False),),
    "smartphone": (
        ("electrical", True, None, False),
        ("batteries", True, None, False),
    ),
    "audio": (("batteries", False, ("Battery", "Lithium-ion"), False),),
    "food": (("food", True, None, True),),
    "drink": (("food", True, None, True),),
    "toy": (("toys", False, ("Age", "0-3 Years"), False),),
    "baby": (("toys", False, ("Age", "0-3 Years"), False),),
}
_WITH_SIZE_CHART = {"apparel": True, "shoes": True, "accessory": False, "baby": False}
_BULKY = frozenset({"furniture", "appliance", "lighting", "textile", "bags"})
_WITHOUT_COD = frozenset({"food", "drink", "smartphone"})
_TAKEN_BACK = frozenset({"lighting", "appliance", "charger", "smartphone", "audio"})
_MADE_TO_ORDER = frozenset({"furniture", "jewelry"})
_MADE_FOR_ONE = frozenset({"jewelry", "accessory", "stationery"})


def rules_of(profile: str, region: str) -> Rules:
    is_eu = region in _EU
    return Rules(
        certifications=tuple(
            _certification(paper, region) for paper in _PAPERS_OF.get(profile, ())
        ),
        special_types=_special_types(profile),
        fees=(("PFAND", True),) if profile == "drink" and is_eu else (),
        supports_size_chart=profile in _WITH_SIZE_CHART,
        needs_size_chart=_WITH_SIZE_CHART.get(profile, False),
        supports_cod=REGIONS[region].cash_on_delivery and profile not in _WITHOUT_COD,
        needs_package_dimensions=profile in _BULKY,
        needs_epr=is_eu and profile in _TAKEN_BACK,
        needs_responsible_person=is_eu,
        needs_manufacturer=is_eu,
        needs_seller_sku=region == "US" and profile in _TAKEN_BACK,
    )


def _certification(paper: _Paper, region: str) -> Certification:
    subject, is_required, when, expires = paper
    return Certification(
        id=digits("60", 6, "certification", subject, region),
        name=_PAPERS[subject][region],
        is_required=is_required,
        details="A scan or a photo of the whole document, every page legible.",
        conditions=(condition(*when),) if when else (),
        needs_expiration_date=expires,
    )


def _special_types(profile: str) -> tuple[str, ...]:
    types = ["PRE_ORDER"] if profile not in ("food", "drink") else []
    if profile in _MADE_TO_ORDER:
        types.append("MADE_TO_ORDER")
    if profile in _MADE_FOR_ONE:
        types.append("CUSTOM")
    return tuple(types)
