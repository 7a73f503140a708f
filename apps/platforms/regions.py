"""Where TikTok Shop sells: money, clock, Seller Center and what a business needs there.

One table for every list of markets in the project. Source of the openings: the
markets in which TikTok Shop takes new sellers; Partner Center, "Market availability".
"""

from typing import NamedTuple


class Region(NamedTuple):
    """`code` is ISO 3166; `time_zone` is the clock of Seller Center's files.

    `group` is how people speak of markets; `requirement` what the platform demands of
    a business there. A market that is not open cannot be connected.
    """

    code: str
    name: str
    group: str
    currency: str
    time_zone: str
    seller_center: str
    requirement: str
    is_open: bool = True

    @property
    def is_us(self) -> bool:
        """Consent for US sellers has a page of its own."""
        return self.code == "US"


NORTH_AMERICA = "North America"
EUROPE = "Europe"
SOUTH_EAST_ASIA = "South-East Asia"
JAPAN = "Japan"
LATIN_AMERICA = "Latin America"

_US = "A US entity with an EIN"
_UK = "A Ltd company with a VAT number"
_EU = "A limited company with a VAT number"
_SEA = "A local entity"
_SELLER_CENTER = "https://seller-{}.tiktok.com"


def _sea(code: str, name: str, currency: str, time_zone: str) -> Region:
    address = _SELLER_CENTER.format(code.lower())
    return Region(code, name, SOUTH_EAST_ASIA, currency, time_zone, address, _SEA)


def _eu(code: str, name: str, time_zone: str) -> Region:
    address = _SELLER_CENTER.format(code.lower())
    return Region(code, name, EUROPE, "EUR", time_zone, address, _EU)


REGIONS = {
    region.code: region
    for region in (
        Region(
            "US",
            "United States",
            NORTH_AMERICA,
            "USD",
            "America/Los_Angeles",
            "https://seller-us.tiktok.com",
            _US,
        ),
        Region(
            "CA",
            "Canada",
            NORTH_AMERICA,
            "CAD",
            "America/Toronto",
            "https://seller.tiktok.com",
            "A local entity",
            is_open=False,
        ),
        Region(
            "GB",
            "United Kingdom",
            EUROPE,
            "GBP",
            "Europe/London",
            "https://seller-uk.tiktok.com",
            _UK,
        ),
        _eu("DE", "Germany", "Europe/Berlin"),
        _eu("ES", "Spain", "Europe/Madrid"),
        _eu("FR", "France", "Europe/Paris"),
        _eu("IE", "Ireland", "Europe/Dublin"),
        _eu("IT", "Italy", "Europe/Rome"),
        _sea("ID", "Indonesia", "IDR", "Asia/Jakarta"),
        _sea("MY", "Malaysia", "MYR", "Asia/Kuala_Lumpur"),
        _sea("PH", "Philippines", "PHP", "Asia/Manila"),
        _sea("SG", "Singapore", "SGD", "Asia/Singapore"),
        _sea("TH", "Thailand", "THB", "Asia/Bangkok"),
        _sea("VN", "Vietnam", "VND", "Asia/Ho_Chi_Minh"),
        Region(
            "JP",
            "Japan",
            JAPAN,
            "JPY",
            "Asia/Tokyo",
            "https://seller-jp.tiktok.com",
            _SEA,
        ),
        Region(
            "BR",
            "Brazil",
            LATIN_AMERICA,
            "BRL",
            "America/Sao_Paulo",
            "https://seller-br.tiktok.com",
            "A company with a CNPJ",
        ),
        Region(
            "MX",
            "Mexico",
            LATIN_AMERICA,
            "MXN",
            "America/Mexico_City",
            "https://seller-mx.tiktok.com",
            "A company or person with an RFC",
        ),
    )
}
# Names other lists use for the same markets.
_ALIASES = {"UK": "GB"}


def region_of(code: str) -> Region:
    """The table's row; a market we have not heard of gets dollars and UTC.

    The shop can still be connected, and its currency and zone corrected by hand.
    """
    code = _ALIASES.get(code.upper(), code.upper())
    unknown = Region(code, code or "Unknown", "", "USD", "UTC", "", "")
    return REGIONS.get(code, unknown)


def open_regions() -> list[Region]:
    """Those whose shops can be connected."""
    return [region for region in REGIONS.values() if region.is_open]
