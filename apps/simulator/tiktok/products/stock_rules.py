"""Where stock may lie and how much of it."""

from collections.abc import Iterator
from typing import Any

from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.world.warehouses import SALES, warehouses

Json = dict[str, Any]
MOST = 99_999


def row_problems(call: Call, row: Json) -> Iterator[Problem]:
    """Of one warehouse with its quantity."""
    yield from warehouse_problems(call, row["warehouse_id"])
    if not is_quantity(call, row.get("quantity")):
        yield Problem(12052055, f"At most {MOST:,} pieces are allowed.")
    if not 0 <= row.get("backorder_quantity", 0) <= MOST:
        yield Problem(12052055, "'backorder_quantity' is out of range.")


def is_quantity(call: Call, quantity: int | None) -> bool:
    least = 1 if call.simulator.switches.refuses_zero_stock else 0
    return quantity is not None and least <= quantity <= MOST


def warehouse_problems(call: Call, warehouse_id: str) -> Iterator[Problem]:
    for shop in call.simulator.world.shops.values():
        for warehouse in warehouses(shop):
            if warehouse.id != warehouse_id:
                continue
            if shop.id != call.shop.id:
                yield Problem(12052530, warehouse_id)
            elif warehouse.type != SALES:
                yield Problem(12052532, warehouse_id)
            return
    yield Problem(12052097, warehouse_id)
