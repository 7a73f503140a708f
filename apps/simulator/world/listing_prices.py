"""The two prices of a SKU: before tax and fees, and as the buyer sees it.

For local sellers both are the same. A cross-border seller names the first one; the
platform adds what it takes to the shop window, unless the seller names that as well.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from apps.simulator.world.regions import Region, amount
from apps.simulator.world.sellers import Shop

Json = dict[str, Any]
_ADDED = Decimal("1.08")
_HIGHEST_DOLLARS = 7_600


def price_for(shop: Shop, smallest_units: int) -> Json:
    """What a seller sends to get this price into the shop window."""
    text = amount(shop.region, smallest_units)
    price = {"amount": text, "currency": shop.region.currency}
    if is_cross_border(shop):
        before_tax = rounded(shop.region, Decimal(text) / _ADDED)
        price |= {"amount": before_tax, "sale_price": text}
    return price


def read_back(shop: Shop, price: Json) -> Json:
    """The price as the platform tells it; it has no `amount`."""
    before_tax, shown = price.get("amount"), price.get("amount")
    if is_cross_border(shop):
        shown = price.get("sale_price")
        shown = shown or rounded(shop.region, Decimal(price["amount"]) * _ADDED)
        before_tax = before_tax or rounded(shop.region, Decimal(shown) / _ADDED)
    return {
        "currency": price["currency"],
        "sale_price": shown,
        "tax_exclusive_price": before_tax,
    }


def raised(shop: Shop, price: Json) -> Json:
    """One step of the region more."""
    step = Decimal(amount(shop.region, shop.region.step))
    names = [name for name in ("amount", "sale_price") if name in price]
    return price | {n: rounded(shop.region, Decimal(price[n]) + step) for n in names}


def is_cross_border(shop: Shop) -> bool:
    return shop.seller_type == "CROSS_BORDER"


def rounded(region: Region, value: Decimal) -> str:
    return str(value.quantize(Decimal(10) ** -region.decimals, ROUND_HALF_UP))


def highest_price(region: Region) -> Decimal:
    """In the region's currency."""
    units = _HIGHEST_DOLLARS * region.unit
    return Decimal(units) / Decimal(10) ** region.decimals
