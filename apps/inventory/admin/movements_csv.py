"""Movements as a file, the newest first, however many there are."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.core.exports import csv_response
from apps.inventory.admin.levels_csv import moment
from apps.inventory.admin.movements_rows import who, whole, with_causes
from apps.inventory.models import StockMovement
from apps.users.models import AnyUser

HEADER = (
    "booked_at",
    "moved_at",
    "client",
    "sku",
    "product",
    "warehouse",
    "number",
    "reason",
    "cause",
    "note",
    "on_hand",
    "reserved",
    "expected_back",
    "quarantined",
    "on_hand_after",
    "reserved_after",
    "available_after",
    "who",
)
_CHUNK = 1_000


def export(rows: QuerySet[StockMovement], user: AnyUser) -> StreamingHttpResponse:
    name = f"stock-movements-{timezone.now():%Y%m%d-%H%M}.csv"
    return csv_response(name, HEADER, _rows(whole(rows).order_by("-pk"), user))


def _rows(rows: QuerySet[StockMovement], user: AnyUser) -> Iterator[tuple[Any, ...]]:
    """By key: what is booked meanwhile moves nothing that is still to come."""
    chunk = list(rows[:_CHUNK])
    while chunk:
        for row in with_causes(chunk, user):
            yield _cells(row)
        chunk = list(rows.filter(pk__lt=chunk[-1].pk)[:_CHUNK])


def _cells(row: Any) -> tuple[Any, ...]:
    level = row.level
    return (
        moment(row.booked_at),
        moment(row.occurred_at),
        level.warehouse.client.name,
        level.variant.sku,
        level.variant.product.name,
        level.warehouse.name,
        row.number,
        row.get_reason_display(),
        row.cause.words,
        row.cause.note,
        row.on_hand,
        row.reserved,
        row.expected_back,
        row.quarantined,
        row.on_hand_after,
        row.reserved_after,
        row.available_after,
        who(row),
    )
