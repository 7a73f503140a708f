"""What made stock move, in words and with a link: an order, a document, a stock take.

Stock is seen by client, orders by shop: an order of a shop one does not see is not
named, not linked, and looks like any other such order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from apps.inventory.models import Booking, StockCount, StockDocument
from apps.orders.models import Order
from apps.products.models import Variant
from apps.users.models import AnyUser

UNSEEN_ORDER = "An order in a shop you do not see"
_GONE = "A document that is no longer there"


@dataclass(frozen=True, slots=True)
class Cause:
    """`url` is empty where there is no page one may see; `note` may be empty."""

    words: str
    url: str = ""
    note: str = ""


def causes_of(user: AnyUser, bookings: Iterable[Booking]) -> dict[int, Cause]:
    """{booking: its cause}, in four queries however many there are."""
    rows = list(bookings)
    orders = _orders(user, _ids(rows, Booking.Kind.ORDER))
    of_count = _documents_of_counts(_ids(rows, Booking.Kind.COUNT))
    named = _ids(rows, Booking.Kind.DOCUMENT) | set(of_count.values())
    documents = _documents(user, named)
    bundles = _bundles(rows)
    found = {}
    for row in rows:
        if row.cause_kind == Booking.Kind.ORDER:
            found[row.pk] = _of_order(row, orders, bundles)
        else:
            is_count = row.cause_kind == Booking.Kind.COUNT
            key = of_count.get(row.cause_id) if is_count else row.cause_id
            found[row.pk] = documents.get(key or 0, Cause(_GONE))
    return found


def document_cause(user: AnyUser, document: StockDocument) -> Cause:
    """Expects the supplier to be loaded, where there is one."""
    words = str(document)
    if document.reference:
        words = f"{words} · {document.reference}"
    notes = [
        "Taken back" if document.state == StockDocument.State.REVERSED else "",
        document.get_reason_display() if document.reason else "",
        str(document.supplier_for(user) or ""),
    ]
    return Cause(
        words=words,
        url=reverse("admin:inventory_stockdocument_change", args=[document.pk]),
        note=" · ".join(filter(None, notes)),
    )


def _ids(rows: Iterable[Booking], kind: Booking.Kind) -> set[int]:
    return {row.cause_id for row in rows if row.cause_kind == kind}


def _orders(user: AnyUser, keys: set[int]) -> dict[int, Cause]:
    """Those one may see."""
    if not keys:
        return {}
    rows = Order.objects.visible_to(user).filter(pk__in=keys)
    return {
        order.pk: Cause(
            words=f"Order {order.remote_id} · {order.shop}",
            url=reverse("admin:orders_order_change", args=[order.pk]),
            note=order.get_status_display(),
        )
        for order in rows.select_related("shop").only(
            "remote_id", "status", "shop__name", "shop__region"
        )
    }


def _of_order(
    row: Booking, orders: Mapping[int, Cause], bundles: Mapping[int, str]
) -> Cause:
    seen = orders.get(row.cause_id, Cause(UNSEEN_ORDER))
    if row.sold_id is None or row.sold_id not in bundles:
        return seen
    part = f"in {bundles[row.sold_id]}, {row.per_unit} each"
    return Cause(seen.words, seen.url, " · ".join(filter(None, [seen.note, part])))


def _documents_of_counts(keys: set[int]) -> dict[int, int]:
    """{count: its document}"""
    if not keys:
        return {}
    rows = StockCount.objects.filter(pk__in=keys)
    return dict(rows.values_list("pk", "line__document"))


def _documents(user: AnyUser, keys: set[int]) -> dict[int, Cause]:
    if not keys:
        return {}
    rows: Any = StockDocument.objects.visible_to(user).filter(pk__in=keys)
    return {
        row.pk: document_cause(user, row) for row in rows.select_related("supplier")
    }


def _bundles(rows: Iterable[Booking]) -> dict[int, str]:
    """{variant sold: SKU} of those that are bundles."""
    sold = {row.sold_id for row in rows if row.sold_id is not None}
    if not sold:
        return {}
    bundles = Variant.objects.filter(pk__in=sold, is_bundle=True)
    return dict(bundles.values_list("pk", "sku"))
