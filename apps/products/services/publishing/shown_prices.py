"""Prices are kept as buyers see them; sellers from abroad send that by another name."""

from collections.abc import Mapping
from typing import Any

from apps.integrations.tiktok.reading import identifier, mapping, sequence
from apps.products.services.publishing.numbers import number_in

Json = Mapping[str, Any]


def names_prices(content: Json) -> bool:
    return any(
        isinstance(sku, Mapping) and sku.get("price")
        for sku in content.get("skus") or ()
    )


def with_shown_prices(content: Json, current: Json) -> dict[str, Any]:
    """The content as a seller from abroad sends it: what buyers see is `sale_price`.

    A SKU that costs buyers so much already keeps its price, which is not named then.
    """
    shown = {
        identifier(sku, "id"): mapping(sku, "price").get("sale_price")
        for sku in sequence(current, "skus")
        if isinstance(sku, Mapping)
    }
    return {
        **content,
        "skus": [_with_shown(sku, shown) for sku in content.get("skus") or ()],
    }


def _with_shown(sku: Json, shown: Mapping[str, Any]) -> dict[str, Any]:
    price = sku.get("price")
    if not price or price.get("sale_price") or not price.get("amount"):
        return dict(sku)
    present = number_in(shown.get(str(sku.get("id") or "")) or "")
    if present is not None and present == number_in(price["amount"]):
        return {name: value for name, value in sku.items() if name != "price"}
    return {**sku, "price": {**price, "sale_price": price["amount"]}}
