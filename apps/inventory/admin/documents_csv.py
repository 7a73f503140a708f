"""The lines of documents as a CSV file."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.core.exports import csv_response
from apps.inventory.admin.documents_words import who_words
from apps.inventory.models import StockDocument, StockDocumentLine
from apps.orders.models import Order
from apps.products.models import Supplier
from apps.users.models import AnyUser

HEADER = (
    "document",
    "kind",
    "state",
    "moved_at",
    "booked_at",
    "warehouse",
    "to_warehouse",
    "sku",
    "product",
    "quantity",
    "outcome",
    "order",
    "reason",
    "reference",
    "supplier",
    "who",
    "note",
)
_AT_ONCE = 1_000


def export(documents: QuerySet[StockDocument], user: AnyUser) -> StreamingHttpResponse:
    name = f"stock-documents-{timezone.now():%Y-%m-%d}.csv"
    return csv_response(name, HEADER, _rows(documents, user))


def _rows(documents: QuerySet[StockDocument], user: AnyUser) -> Iterator[list[Any]]:
    lines = StockDocumentLine.objects.filter(document__in=documents.order_by())
    rows = lines.select_related(
        "document__warehouse",
        "document__to_warehouse",
        "document__supplier",
        "document__user",
        "variant__product",
    ).order_by("-document__created_at", "-document", "position")
    seen: dict[int, str] = {}
    for line in rows.iterator(chunk_size=_AT_ONCE):
        supplier = line.document.supplier_for(user)
        yield _cells(line, _number_of(line.order_id, user, seen), supplier)


def _number_of(key: int | None, user: AnyUser, seen: dict[int, str]) -> str:
    """Of an order one may see; else nothing."""
    if key is None:
        return ""
    if key not in seen:
        order = Order.objects.visible_to(user).filter(pk=key).first()
        seen[key] = order.remote_id if order else ""
    return seen[key]


def _cells(line: StockDocumentLine, order: str, supplier: Supplier | None) -> list[Any]:
    document = line.document
    return [
        document.pk,
        document.get_kind_display(),
        document.get_state_display(),
        f"{document.effective_at:%Y-%m-%d %H:%M:%S}",
        f"{document.created_at:%Y-%m-%d %H:%M:%S}",
        document.warehouse,
        document.to_warehouse or "",
        line.variant.sku,
        line.variant.title,
        line.quantity,
        line.get_outcome_display() if line.outcome else "",
        order,
        document.get_reason_display() if document.reason else "",
        document.reference,
        supplier or "",
        who_words(document),
        line.note or document.note,
    ]
