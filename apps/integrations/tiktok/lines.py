"""Fold TikTok's order lines, one row per unit, to lines with a quantity.

Source: Partner Center, "Get Order List": there is no quantity field.
"""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal

from apps.integrations.contracts import RemoteOrderLine
from apps.integrations.tiktok.order_units import (
    is_cancelled,
    is_shipped,
    parts_of,
    status_text,
    units_of,
)
from apps.integrations.tiktok.reading import (
    JsonObject,
    Unreadable,
    flag,
    identifier,
    money,
    text,
)

ZERO = Decimal(0)


class _Unit:
    """One row with its four amounts; what is missing follows from the others."""

    def __init__(self, row: JsonObject, *, may_lack_price: bool) -> None:
        self.row = row
        self.is_gift = bool(flag(row, "is_gift"))
        self.platform_discount = money(row, "platform_discount") or ZERO
        self.seller_discount = money(row, "seller_discount") or ZERO
        discounts = self.platform_discount + self.seller_discount
        original, sale = money(row, "original_price"), money(row, "sale_price")
        if original is None and sale is None:
            if not (self.is_gift or may_lack_price):
                raise Unreadable("a line has no price")
            original = discounts = self.platform_discount = self.seller_discount = ZERO
        if original is None and sale is not None:
            original = sale + discounts
        self.original = original or ZERO
        self.sale = self.original - discounts if sale is None else sale

    def key(self) -> Hashable:
        """Units with the same key are one line: the same SKU at one kind of price."""
        row = self.row
        sku = identifier(row, "sku_id") or (
            text(row, "seller_sku"),
            identifier(row, "product_id"),
            text(row, "sku_name"),
        )
        return sku, None if self.sale == 0 else self.original


def fold_lines(
    rows: Iterable[JsonObject], *, may_lack_price: bool = False
) -> tuple[RemoteOrderLine, ...]:
    """Fold rows to lines, in the order in which they first appear.

    Raises Unreadable for a row without any price, unless it is a gift or
    `may_lack_price` says the whole order is free.
    """
    groups: dict[Hashable, list[_Unit]] = {}
    for row in rows:
        unit = _Unit(row, may_lack_price=may_lack_price)
        groups.setdefault(unit.key(), []).append(unit)
    return tuple(map(_line, groups.values()))


def _line(units: list[_Unit]) -> RemoteOrderLine:
    rows = [unit.row for unit in units]
    return RemoteOrderLine(
        remote_sku_id=_first(rows, "sku_id", identifier),
        seller_sku=_first(rows, "seller_sku"),
        quantity=len(units),
        unit_price=units[0].original,
        original_amount=sum((unit.original for unit in units), ZERO),
        platform_discount_amount=sum((unit.platform_discount for unit in units), ZERO),
        seller_discount_amount=sum((unit.seller_discount for unit in units), ZERO),
        amount=sum((unit.sale for unit in units), ZERO),
        remote_product_id=_first(rows, "product_id", identifier),
        product_name=_first(rows, "product_name"),
        variation=_first(rows, "sku_name"),
        image_url=_first(rows, "sku_image"),
        is_gift=any(unit.is_gift for unit in units),
        cancelled_quantity=_count(rows, is_cancelled),
        shipped_quantity=_count(rows, is_shipped),
        package_ids=_each_once(_with_parts(rows), "package_id", identifier),
        tracking_numbers=_each_once(_with_parts(rows), "tracking_number"),
        units=units_of(rows),
    )


def _count(rows: list[JsonObject], is_one: Callable[[JsonObject], bool]) -> int | None:
    """The units that are one; None if no row says how it stands with it."""
    if not any(status_text(row) for row in rows):
        return None
    return sum(map(is_one, rows))


def _with_parts(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """The rows, each with what it is made of: a bundle travels part by part."""
    return [each for row in rows for each in (row, *parts_of(row))]


def _first(
    rows: list[JsonObject],
    name: str,
    read: Callable[[JsonObject, str], str] = text,
) -> str:
    return next((value for row in rows if (value := read(row, name))), "")


def _each_once(
    rows: list[JsonObject],
    name: str,
    read: Callable[[JsonObject, str], str] = text,
) -> tuple[str, ...]:
    values = (read(row, name) for row in rows)
    return tuple(dict.fromkeys(value for value in values if value))
