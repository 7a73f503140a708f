"""What is kept of a shop's orders, to see that two ways of hearing come to the same."""

from collections.abc import Sequence
from typing import Any

from apps.inventory.models import StockLevel
from apps.orders.models import (
    Order,
    OrderLine,
    OrderPackage,
    OrderPayload,
    UnknownWord,
)
from apps.orders.services.line_merge import LINE_COLUMNS
from apps.orders.services.order_fields import SHOWN_FIELDS
from apps.platforms.models import Shop

_ORDER = ("remote_id", *SHOWN_FIELDS, "return_state", "is_stock_due")
_PACKAGE = ("remote_id", "tracking_number", "carrier", "status")
Rows = dict[str, list[Any]]


def rows_of(shop: Shop, *, also: Sequence[str] = ()) -> Rows:
    """All that is shown, with columns of orders named beside; without keys and the
    moments of hearing. Lists are in an order of their own."""
    names = [*_ORDER, *also]
    orders = Order.objects.filter(shop=shop).order_by("remote_id")
    lines = OrderLine.objects.filter(order__shop=shop)
    links = OrderPackage.objects.filter(order__shop=shop)
    levels = StockLevel.objects.filter(warehouse__client=shop.client)
    return {
        "orders": [
            dict(zip(names, row, strict=True)) for row in orders.values_list(*names)
        ],
        "buyers": [
            *orders.values_list("remote_id", "buyer__remote_id", "buyer__username")
        ],
        "lines": _sorted(lines.values_list("order__remote_id", "key", *LINE_COLUMNS)),
        "packages": _sorted(
            links.values_list(
                "order__remote_id", *(f"package__{name}" for name in _PACKAGE)
            )
        ),
        "stock": _sorted(
            levels.values_list("variant__sku", "on_hand", "reserved", "expected_back")
        ),
    }


def records_of(shop: Shop) -> Rows:
    """What sources sent, and the words nobody understood."""
    kept = OrderPayload.objects.filter(order__shop=shop)
    words = UnknownWord.objects.filter(shop=shop)
    return {
        "payloads": _sorted(
            kept.values_list("order__remote_id", "source", "body", "content_hash")
        ),
        "words": _sorted(words.values_list("kind", "text")),
    }


def differences(rows: Rows, expected: Rows) -> list[Any]:
    """What is not the same, order by order and column by column."""
    found: list[Any] = []
    for row, other in zip(rows["orders"], expected["orders"], strict=True):
        for name, value in row.items():
            if value != other[name]:
                found.append((row["remote_id"], name, value, other[name]))
    for table in rows.keys() - {"orders"}:
        mine, others = rows[table], expected[table]
        found += [(table, row) for row in mine if row not in others]
        found += [(table, row) for row in others if row not in mine]
    return found


def _sorted(rows: Any) -> list[Any]:
    return sorted(rows, key=str)
