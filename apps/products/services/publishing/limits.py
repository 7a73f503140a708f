"""What TikTok Shop allows in a listing, region by region. Data alone.

Source: Partner Center, "Create Product" and the error tables of its page.
"""

from decimal import Decimal

LONGEST_DESCRIPTION = 10_000
MOST_IMAGES = 9
MOST_DESCRIPTION_IMAGES = 30
MOST_SUPPLEMENTARY_IMAGES = 8
LONGEST_SELLER_SKU = 50
LONGEST_ATTRIBUTE_NAME = 20
MOST_SALES_ATTRIBUTES = 3
LONGEST_EXTERNAL_ID = 999
QUANTITIES = (1, 99_999)

_EU = frozenset({"DE", "ES", "FR", "IE", "IT"})
_LONG_TITLES = frozenset({"BR", "MX"})
_MANY_SKUS = _EU | {"BR", "JP", "MX", "GB", "US"}
_WITH_GRAMS = frozenset({"BR", "JP", "MX"})

KILOGRAM, POUND, GRAM = "KILOGRAM", "POUND", "GRAM"
CENTIMETER, INCH = "CENTIMETER", "INCH"
GRAMS_OF = {
    KILOGRAM: Decimal(1000),
    POUND: Decimal("453.59237"),
    GRAM: Decimal(1),
}
DECIMALS_OF = {KILOGRAM: 3, POUND: 2, GRAM: 0}
CENTIMETERS_OF = {CENTIMETER: Decimal(1), INCH: Decimal("2.54")}
# Weight and size are told in one system.
SIZE_UNIT_OF = {KILOGRAM: CENTIMETER, GRAM: CENTIMETER, POUND: INCH}
CODE_LENGTHS = {
    "GTIN": (8, 12, 13, 14),
    "EAN": (8, 13, 14),
    "UPC": (12,),
    "ISBN": (10, 13),
    "JAN": (8, 13),
}


def title_lengths(region: str) -> tuple[int, int]:
    """The fewest and the most characters."""
    return (1, 300) if region in _LONG_TITLES else (25, 255)


def most_skus(region: str) -> int:
    return 300 if region in _MANY_SKUS else 100


def weight_units(region: str) -> tuple[str, ...]:
    """Those a listing may use; the first is the one we choose."""
    if region == "US":
        return (POUND, KILOGRAM)
    return (KILOGRAM, GRAM) if region in _WITH_GRAMS else (KILOGRAM,)


def has_list_prices(region: str) -> bool:
    """Whether a price may be struck through."""
    return region == "US"
