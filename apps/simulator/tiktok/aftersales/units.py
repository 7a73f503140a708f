"""Which units of an order a body names: by line, by SKU and number, or all of them."""

from collections.abc import Sequence
from typing import Any

from apps.simulator.tiktok.aftersales.codes import bad, refuse
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.products.shapes import mismatch
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.orders import Order

NAMED = {
    "order_line_item_ids": [str],
    "skus": [{"sku_id!": str, "quantity!": int}],
    "order_line_list": [{"order_line_item_id": str, "sub_order_line_item_id": str}],
}
_MOST_LINES = 100


def check(body: Json, shape: dict[str, Any]) -> None:
    """Raises 25001001 for a field that is missing or of another type."""
    if problem := mismatch(body, shape):
        raise refuse(25001001, problem)


def named_units(call: Call, order: Order, free: Sequence[int]) -> list[int]:
    """Numbers of units; `free` are those that are not cancelled or asked for yet, from
    which SKUs take theirs and which all of them are if the body names none."""
    if line_ids := _line_ids(call):
        return _by_line(order, line_ids)
    if skus := call.body.get("skus"):
        return _by_sku(order, skus, free)
    return list(free)


def _line_ids(call: Call) -> list[str]:
    listed = call.body.get("order_line_list") if call.version >= "202602" else None
    ids = list(call.body.get("order_line_item_ids") or ())
    for row in listed or ():
        if row.get("sub_order_line_item_id"):
            raise refuse(25005010, "Bundles are cancelled and returned as a whole.")
        ids.append(row.get("order_line_item_id", ""))
    return list(dict.fromkeys(ids))


def _by_line(order: Order, line_ids: list[str]) -> list[int]:
    if len(line_ids) > _MOST_LINES:
        raise refuse(25005011)
    numbers = {order.line_id(n): n for n in range(len(basket_of(order).units))}
    for line_id in line_ids:
        if line_id not in numbers:
            raise bad("order_line_item_ids", f"names no item of the order: {line_id}.")
    return sorted(numbers[line_id] for line_id in line_ids)


def _by_sku(order: Order, skus: list[Json], free: Sequence[int]) -> list[int]:
    units = basket_of(order).units
    chosen: list[int] = []
    for row in skus:
        known = [n for n, unit in enumerate(units) if unit.sku.id == row["sku_id"]]
        if not known:
            raise bad("skus", f"names no SKU of the order: {row['sku_id']}.")
        if row["quantity"] < 1:
            raise bad("skus", "must have quantities of at least 1.")
        left = [n for n in known if n in free and n not in chosen]
        if row["quantity"] > len(left):
            raise refuse(25005011)
        chosen += left[: row["quantity"]]
    return sorted(chosen)
