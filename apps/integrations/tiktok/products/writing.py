"""A product as TikTok Shop shows it, turned into the shape in which it takes one.

An overwrite blanks what it does not name. So what is known to differ is left out or
renamed, and what no document knows is let through, at any depth.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from apps.core.errors import DomainError
from apps.integrations.tiktok.products.chains import root_to_leaf
from apps.integrations.tiktok.products.shapes import IDS, PRODUCT, SKU, Shape
from apps.integrations.tiktok.reading import (
    JsonObject,
    flag,
    identifier,
    mapping,
    sequence,
    text,
)


class UnsendableListing(DomainError):
    """No body can be made that would keep the rest of the listing as it is."""

    code = "unsendable_listing"


_LISTS = ("main_images", "certifications", "product_attributes")
_PRICES = ("amount", "sale_price", "tax_exclusive_price", "unit_price")


def is_vacant(value: Any) -> bool:
    """Whether a value says nothing; a no and a zero do say something."""
    return value is None or value in ("", [], {})


def write_shape(
    current: JsonObject, *, is_cross_border: bool = False
) -> dict[str, Any]:
    """The whole product, as "Get Product" shows it, in the shape of an edit's body.

    Prices and inventory included, as they are. `is_cross_border` decides which price is
    the amount: local shops send what buyers see, cross-border ones the price before
    tax, with what buyers see beside it. Raises UnsendableListing.
    """
    body = _written(current, PRODUCT, "the product")
    for name in _LISTS:
        if name in body:
            body[name] = sequence(body, name)
    body |= {
        name: value
        for name, value in (
            ("category_id", _category_id(current)),
            ("brand_id", identifier(mapping(current, "brand"), "id")),
            ("delivery_option_ids", _delivery_option_ids(current)),
            ("subscribe_info_edit", _subscription(mapping(current, "subscribe_info"))),
            ("product_tag_operations", _tags(current)),
        )
        if not is_vacant(value)
    }
    skus = [
        _written_sku(row, is_cross_border=is_cross_border)
        for row in sequence(current, "skus")
    ]
    _lift_order_limit(body, skus)
    body["skus"] = skus
    return body


def written_price(price: JsonObject, *, is_cross_border: bool) -> dict[str, Any]:
    """A price as shown, in the shape in which it is sent."""
    shown = text(price, "sale_price") or text(price, "amount")
    before_tax = text(price, "tax_exclusive_price")
    kept = {name: value for name, value in price.items() if name not in _PRICES}
    if not is_cross_border:
        amounts = {"amount": shown or before_tax}
    else:
        amounts = {"amount": before_tax or shown, "sale_price": shown}
    return {
        name: deepcopy(value)
        for name, value in (amounts | kept).items()
        if not is_vacant(value)
    }


def _written_sku(row: Any, *, is_cross_border: bool) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise UnsendableListing(
            "TikTok Shop shows a SKU of this listing in a way we cannot read. "
            "Change the listing in Seller Center."
        )
    sku = _written(row, SKU, "a SKU")
    if remote_id := identifier(row, "id"):
        sku["id"] = remote_id
    if isinstance(row.get("price"), Mapping):
        sku["price"] = written_price(row["price"], is_cross_border=is_cross_border)
    return sku


def _written(row: JsonObject, shape: Shape, where: str) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, value in row.items():
        if name in shape.drops:
            continue
        if name in IDS:
            value = _as_text(value)
        if (inner := shape.inner.get(name)) is None:
            written[name] = deepcopy(value)
        elif not is_vacant(entry := _entry(value, inner, name)):
            written[name] = entry
    if shape.needs and row and not text(written, shape.needs):
        raise UnsendableListing(
            f"TikTok Shop shows {where} without its {shape.needs}, so it would be "
            "lost. Change the listing in Seller Center."
        )
    return written


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value) if type(value) is int else value


def _entry(value: Any, shape: Shape, where: str) -> Any:
    if isinstance(value, list):
        entries = [_entry(each, shape, where) for each in value]
        return [entry for entry in entries if entry != {}]
    if isinstance(value, Mapping):
        return _written(value, shape, where)
    return deepcopy(value)


def _category_id(current: JsonObject) -> str:
    rows = sequence(current, "category_chains")
    chain = root_to_leaf([row for row in rows if isinstance(row, Mapping)])
    return identifier(chain[-1], "id") if chain else ""


def _delivery_option_ids(current: JsonObject) -> list[str]:
    rows = sequence(current, "delivery_options")
    ids = [identifier(row, "id") for row in rows if isinstance(row, Mapping)]
    return [remote_id for remote_id in ids if remote_id]


def _subscription(info: JsonObject) -> dict[str, Any]:
    """Nothing where it is neither offered nor set: naming it would be refused."""
    known = {"support_subscribe", "subscribe_promotion_config"}
    edit = {name: deepcopy(value) for name, value in info.items() if name not in known}
    details = edit.pop("subscribe_discount_details", None)
    if details:
        edit["discount_details"] = details
    is_on = text(info, "subscribe_status").upper() == "ENABLED" or details
    return edit if is_on or flag(info, "support_subscribe") else {}


def _tags(current: JsonObject) -> list[dict[str, Any]]:
    return [
        {"product_tag": tag, "enable": True}
        for tag in sequence(current, "product_tags")
    ]


def _lift_order_limit(body: dict[str, Any], skus: list[dict[str, Any]]) -> None:
    """The limit is shown at each SKU and written once, for the product."""
    name = "purchase_order_quantity_limit"
    limits = [sku.get(name) for sku in skus]
    if name in body or not limits or is_vacant(limits[0]):
        return
    if all(limit == limits[0] for limit in limits):
        body[name] = limits[0]
        for sku in skus:
            del sku[name]
