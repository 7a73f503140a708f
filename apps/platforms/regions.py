"""Where TikTok Shop sells: the currency and clock of each market, as data."""

from typing import NamedTuple


class Region(NamedTuple):
    """`code` is ISO 3166; `time_zone` is the clock of Seller Center's files."""

    code: str
    name: str
    currency: str
    time_zone: str
    is_us: bool = False


REGIONS = {
    region.code: region
    for region in (
        Region("US", "United States", "USD", "America/Los_Angeles", is_us=True),
        Region("GB", "United Kingdom", "GBP", "Europe/London"),
        Region("DE", "Germany", "EUR", "Europe/Berlin"),
        Region("ES", "Spain", "EUR", "Europe/Madrid"),
        Region("FR", "France", "EUR", "Europe/Paris"),
        Region("IE", "Ireland", "EUR", "Europe/Dublin"),
        Region("IT", "Italy", "EUR", "Europe/Rome"),
        Region("ID", "Indonesia", "IDR", "Asia/Jakarta"),
        Region("MY", "Malaysia", "MYR", "Asia/Kuala_Lumpur"),
        Region("PH", "Philippines", "PHP", "Asia/Manila"),
        Region("SG", "Singapore", "SGD", "Asia/Singapore"),
        Region("TH", "Thailand", "THB", "Asia/Bangkok"),
        Region("VN", "Vietnam", "VND", "Asia/Ho_Chi_Minh"),
        Region("JP", "Japan", "JPY", "Asia/Tokyo"),
        Region("BR", "Brazil", "BRL", "America/Sao_Paulo"),
        Region("MX", "Mexico", "MXN", "America/Mexico_City"),
    )
}


def region_of(code: str) -> Region:
    """The table's row; a market we have not heard of gets dollars and UTC.

    The shop can still be connected, and its currency and zone corrected by hand.
    """
    return REGIONS.get(code, Region(code, code or "Unknown", "USD", "UTC"))
