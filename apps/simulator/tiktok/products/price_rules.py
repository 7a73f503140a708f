"""What prices of a SKU may be, in an edit as in a price update."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.world.listing_prices import highest_price, is_cross_border
from apps.simulator.world.sellers import Shop

Json = dict[str, Any]
_AMOUNT = re.compile(r"\d{1,12}(\.\d+)?")
_HIGHEST_LIST_PRICE = Decimal(7_600)


@dataclass(frozen=True, slots=True)
class Codes:
    """`invalid` also stands for a wrong format where a page has no other number."""

    malformed: int = 12052073
    invalid: int = 12052073
    invalid_sale: int = 12052092


def price_problems(
    shop: Shop, price: Json, codes: Codes = Codes()
) -> Iterator[Problem]:
    if price["currency"] != shop.region.currency:
        yield Problem(12052084, f"This shop sells in {shop.region.currency}.")
        return
    amount, sale = price.get("amount"), price.get("sale_price")
    if not amount and not (sale and is_cross_border(shop)):
        yield Problem(codes.invalid, "'amount' is required.")
        return
    if amount:
        yield from _amount(shop, amount, codes.malformed, codes.invalid)
    if sale and is_cross_border(shop):
        yield from _amount(shop, sale, codes.invalid_sale, codes.invalid_sale)


def _amount(shop: Shop, text: str, malformed: int, invalid: int) -> Iterator[Problem]:
    if not _AMOUNT.fullmatch(text) or _places(text) > shop.region.decimals:
        yield Problem(malformed, f"'{text}' is no amount in {shop.region.currency}.")
    elif Decimal(text) <= 0:
        yield Problem(invalid, "It must be greater than 0.")
    elif Decimal(text) > highest_price(shop.region):
        yield Problem(12052570, f"At most {highest_price(shop.region)} is allowed.")


def _places(text: str) -> int:
    return len(text.partition(".")[2].rstrip("0"))


def list_price_problems(shop: Shop, sku: Json) -> Iterator[Problem]:
    """Of the strike-through price and of prices elsewhere: the US only."""
    given = [sku["list_price"]] if sku.get("list_price") else []
    given += sku.get("external_list_prices") or []
    for price in given:
        if shop.region.code != "US":
            yield Problem(12052376)
        elif price["currency"] != "USD":
            yield Problem(12052084, "List prices are in USD.")
        elif not _AMOUNT.fullmatch(price["amount"]) or Decimal(price["amount"]) <= 0:
            yield Problem(12052375)
        elif Decimal(price["amount"]) > _HIGHEST_LIST_PRICE:
            yield Problem(12052383, f"At most {_HIGHEST_LIST_PRICE} is allowed.")
