"""The markets: currency, habits, and where parcels go.

Amounts are integers in the currency's smallest unit that is in use.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    state: str
    city: str
    postal_code: str
    tax_rate_millionths: int = 0  # sales tax where prices are before tax


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    country: str
    currency: str
    decimals: int
    unit: int  # what costs one dollar in the US costs this many smallest units
    step: int  # prices are multiples of this, less one where `charm`
    charm: bool
    utc_offset_hours: int
    dial: str
    levels: tuple[str, str]  # names of address levels below the country
    places: tuple[Place, ...]
    payment_methods: tuple[tuple[str, str], ...]  # (name, method code)
    carrier: str
    cash_on_delivery: bool = False
    prices_before_tax: bool = False
    packages_after_shipping: bool = False
    ships_by_package: bool = False  # own carriers too, and splits before that


CARD = ("Credit/Debit card", "pm_pi_ccdc_visa_c_d")
WALLET = ("PayPal", "pm_ew_paypal")

REGIONS = {
    region.code: region
    for region in (
        Region(
            "US", "United States", "USD", 2, 100, 100, charm=True, utc_offset_hours=-5,
            dial="+1", levels=("State", "City"),
            places=(
                Place("California", "San Jose", "95110", 72_500),
                Place("New York", "Albany", "12203", 80_000),
                Place("Texas", "Austin", "78701", 82_500),
                Place("Colorado", "Denver", "80202", 88_100),
                Place("Oregon", "Portland", "97204", 0),
                Place("Washington", "Tacoma", "98402", 103_000),
            ),
            payment_methods=(CARD, ("Apple Pay", "pm_ew_applepay"), WALLET),
            carrier="USPS", prices_before_tax=True, packages_after_shipping=True,
        ),
        Region(
            "GB", "United Kingdom", "GBP", 2, 80, 50, charm=True, utc_offset_hours=0,
            dial="+44", levels=("Nation", "Town"),
            places=(
                Place("England", "Preston", "PR2 6AA"),
                Place("England", "Bristol", "BS1 4TR"),
                Place("Scotland", "Dundee", "DD1 4QB"),
                Place("Wales", "Swansea", "SA1 3SN"),
            ),
            payment_methods=(CARD, WALLET, ("Klarna", "pm_pl_klarna")),
            carrier="Royal Mail",
        ),
        Region(
            "DE", "Deutschland", "EUR", 2, 92, 50, charm=True, utc_offset_hours=1,
            dial="+49", levels=("Bundesland", "Ort"),
            places=(
                Place("Bayern", "Nürnberg", "90402"),
                Place("Hessen", "Gießen", "35390"),
                Place("Sachsen", "Leipzig", "04109"),
                Place("Nordrhein-Westfalen", "Köln", "50667"),
            ),
            payment_methods=(CARD, WALLET, ("Klarna", "pm_pl_klarna")),
            carrier="DHL Paket",
        ),
        Region(
            "MY", "Malaysia", "MYR", 2, 450, 100, charm=True, utc_offset_hours=8,
            dial="+60", levels=("State", "District"),
            places=(
                Place("Selangor", "Shah Alam", "40000"),
                Place("Pulau Pinang", "Bayan Lepas", "11900"),
                Place("Sarawak", "Kuching", "93000"),
            ),
            payment_methods=(
                CARD,
                ("Online banking", "pm_bt_fpx"),
                ("GrabPay", "pm_ew_grabpay"),
            ),
            carrier="J&T Express", cash_on_delivery=True, ships_by_package=True,
        ),
        Region(
            "ID", "Indonesia", "IDR", 0, 16_000, 500, charm=False, utc_offset_hours=7,
            dial="+62", levels=("Provinsi", "Kota/Kabupaten"),
            places=(
                Place("Jawa Barat", "Kota Bandung", "40111"),
                Place("Jawa Timur", "Kota Malang", "65111"),
                Place("Sulawesi Selatan", "Kota Makassar", "90111"),
                Place("DI Yogyakarta", "Sleman", "55511"),
            ),
            payment_methods=(
                ("DANA", "pm_ew_dana"),
                ("BCA Virtual Account", "pm_bt_bca_va"),
                CARD,
            ),
            carrier="JNE", cash_on_delivery=True, ships_by_package=True,
        ),
        Region(
            "TH", "ประเทศไทย", "THB", 2, 3_500, 100, charm=False, utc_offset_hours=7,
            dial="+66", levels=("จังหวัด", "อำเภอ/เขต"),
            places=(
                Place("กรุงเทพมหานคร", "บางรัก", "10500"),
                Place("เชียงใหม่", "เมืองเชียงใหม่", "50000"),
                Place("ขอนแก่น", "เมืองขอนแก่น", "40000"),
            ),
            payment_methods=(
                ("PromptPay", "pm_bt_promptpay"),
                CARD,
                ("TrueMoney", "pm_ew_truemoney"),
            ),
            carrier="Flash Express", cash_on_delivery=True, ships_by_package=True,
        ),
        Region(
            "VN", "Việt Nam", "VND", 0, 25_000, 1_000, charm=False, utc_offset_hours=7,
            dial="+84", levels=("Tỉnh/Thành phố", "Quận/Huyện"),
            places=(
                Place("Thành phố Hồ Chí Minh", "Quận 3", "72400"),
                Place("Hà Nội", "Quận Cầu Giấy", "11300"),
                Place("Đà Nẵng", "Quận Hải Châu", "50200"),
            ),
            payment_methods=(
                ("MoMo", "pm_ew_momo"),
                ("ZaloPay", "pm_ew_zalopay"),
                CARD,
            ),
            carrier="Giao Hàng Nhanh", cash_on_delivery=True, ships_by_package=True,
        ),
    )
}  # fmt: skip


def price(region: Region, dollars_hundredths: int) -> int:
    """A shop-window price in `region` for something worth that much."""
    worth = dollars_hundredths * region.unit // 100
    steps = max(1, round(worth / region.step))
    return steps * region.step - (1 if region.charm else 0)


def amount(region: Region, smallest_units: int) -> str:
    """Money as the platform prints it: `12.90` in GBP, `129000` in IDR."""
    if not region.decimals:
        return str(smallest_units)
    sign = "-" if smallest_units < 0 else ""
    whole, rest = divmod(abs(smallest_units), 10**region.decimals)
    return f"{sign}{whole}.{rest:0{region.decimals}d}"
