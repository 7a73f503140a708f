"""The stock list as a file, a row per SKU and warehouse."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.core.exports import csv_response
from apps.inventory.models import StockLevel

HEADER = (
    "client",
    "sku",
    "product",
    "variant",
    "barcode",
    "warehouse",
    "on_hand",
    "reserved",
    "available",
    "expected_back",
    "quarantined",
    "oversold",
    "counted",
    "last_stock_take_at",
    "last_change_at",
)
_CHUNK = 1_000


def export(levels: QuerySet[StockLevel]) -> StreamingHttpResponse:
    name = f"stock-{timezone.now():%Y%m%d-%H%M}.csv"
    rows = levels.select_related("warehouse__client", "variant__product")
    return csv_response(name, HEADER, _rows(rows))


def moment(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def _rows(levels: QuerySet[StockLevel]) -> Iterator[tuple[Any, ...]]:
    for level in levels.iterator(chunk_size=_CHUNK):
        yield (
            level.warehouse.client.name,
            level.variant.sku,
            level.variant.product.name,
            level.variant.name,
            level.variant.barcode,
            level.warehouse.name,
            level.on_hand,
            level.reserved,
            level.available,
            level.expected_back,
            level.quarantined,
            level.short,
            "yes" if level.is_counted else "no",
            moment(level.counted_at),
            moment(level.changed_at),
        )
