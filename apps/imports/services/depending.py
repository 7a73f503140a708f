"""Which orders that a run changed something later depends on, and what that is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.imports.models import ImportChange, ImportRun
from apps.inventory.models import StockDocument, StockDocumentLine
from apps.orders.models import (
    Cancellation,
    Order,
    OrderAction,
    OrderEvent,
    OrderNote,
    OrderPayload,
    Return,
    ShippingDocument,
)
from apps.orders.services.snapshots import is_as_then, prints_of
from apps.platforms.models import Shop

_BY_HAND = (
    OrderEvent.Kind.EDITED,
    OrderEvent.Kind.SETTLED,
    OrderEvent.Kind.PRIORITY,
)


@dataclass(frozen=True, slots=True)
class Dependent:
    """An order, return or listing that cannot go back, and `why`, a sentence for staff;
    `key` is its own."""

    key: int
    remote_id: str
    why: str


def depending(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their orders at hand, that cannot be taken back. A
    dozen queries, however many they are."""
    orders = {order.pk: order for change in changes if (order := change.order)}
    reasons: dict[int, str] = {}
    for key, why in _deeds(orders, run.started_at):
        reasons.setdefault(key, why)
    for key, why in later_imports(run, changes, "order"):
        reasons.setdefault(key, why)
    prints = prints_of(shop, [order.remote_id for order in orders.values()])
    after = {change.order_id: change.after for change in changes}
    changed = [
        key
        for key, order in orders.items()
        if key not in reasons
        and not is_as_then(
            prints[order.remote_id],
            after[key],
            is_buyer_erased=order.buyer_erased_at is not None,
        )
    ]
    reasons |= dict.fromkeys(changed, "It has changed since.")
    reasons |= dict(_news(changed, run.started_at))
    return [
        Dependent(key, order.remote_id, reasons[key])
        for key, order in orders.items()
        if key in reasons
    ]


def _deeds(orders: Collection[int], since: datetime) -> Iterator[tuple[int, str]]:
    """What was done with these orders, {order: what} in turn of its weight."""
    actions = OrderAction.objects.exclude(kind=OrderAction.Kind.PULL)
    for key, kind in _later(actions, orders, since).values_list("order", "kind"):
        yield key, f"“{OrderAction.Kind(kind).label}” was asked for."
    for key in inspected(orders, since):
        yield key, "Goods that came back were inspected."
    papers = ShippingDocument.objects.filter(
        fetched_at__gte=since, package__order_packages__order__in=orders
    )
    for key in papers.values_list("package__order_packages__order", flat=True):
        yield int(key), "A label or slip was fetched."
    for rows, why in (
        (Return.objects, "A return was asked for."),
        (Cancellation.objects, "A cancellation was asked for."),
        (OrderNote.objects, "Somebody wrote a note."),
    ):
        for key in _later(rows, orders, since).values_list("order", flat=True):
            yield key, why
    events = OrderEvent.objects.filter(
        order__in=orders, kind__in=_BY_HAND, recorded_at__gte=since, user__isnull=False
    )
    for key in events.values_list("order", flat=True):
        yield key, "It was changed by hand."


def inspected(orders: Collection[int], since: datetime) -> list[int]:
    """Of which of these orders goods that came back were inspected since."""
    rows = StockDocumentLine.objects.filter(
        order_id__in=orders,
        document__kind=StockDocument.Kind.INSPECTION,
        document__state=StockDocument.State.BOOKED,
        document__created_at__gte=since,
    )
    return [key for key in rows.values_list("order_id", flat=True) if key]


def later_imports(
    run: ImportRun, changes: Sequence[ImportChange], column: str
) -> Iterator[tuple[int, str]]:
    """Files that changed the same after the run did, (key, a sentence); `column` is
    what the changes are of."""
    mine = {getattr(row, f"{column}_id"): row.pk for row in changes}
    others = ImportChange.objects.filter(**{f"{column}__in": mine}).exclude(run=run)
    rows = others.order_by("pk").values_list(column, "pk", "run__file_name")
    for of, key, name in rows:
        if key > mine[of]:
            yield of, f"Another file changed it later: “{name}”."


def _news(orders: Collection[int], since: datetime) -> Iterator[tuple[int, str]]:
    heard = OrderPayload.objects.filter(
        order__in=orders, source=Order.Source.API, received_at__gte=since
    )
    for key in heard.values_list("order", flat=True):
        yield key, "TikTok has told more of it since."


def _later(rows: Any, orders: Collection[int], since: datetime) -> "QuerySet[Any]":
    found: QuerySet[Any] = rows.filter(order__in=orders, created_at__gte=since)
    return found.order_by("pk")
