"""Which orders that a run changed something later depends on, and what that is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    """An order that cannot go back, and `why`, a sentence for staff."""

    order_id: int
    remote_id: str
    why: str


def depending(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their orders at hand, that cannot be taken back. A
    dozen queries, however many they are."""
    orders = {change.order_id: change.order for change in changes}
    reasons: dict[int, str] = {}
    for key, why in _deeds(orders, run.started_at):
        reasons.setdefault(key, why)
    for key, why in _imports(run, {row.order_id: row.pk for row in changes}):
        reasons.setdefault(key, why)
    prints = prints_of(shop, [order.remote_id for order in orders.values()])
    changed = [
        change.order_id
        for change in changes
        if change.order_id not in reasons
        and not is_as_then(
            prints[change.order.remote_id],
            change.after,
            is_buyer_erased=change.order.buyer_erased_at is not None,
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
    inspected = StockDocumentLine.objects.filter(
        order_id__in=orders,
        document__kind=StockDocument.Kind.INSPECTION,
        document__state=StockDocument.State.BOOKED,
        document__created_at__gte=since,
    )
    for key in inspected.values_list("order_id", flat=True):
        yield int(key or 0), "Goods that came back were inspected."
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


def _imports(run: ImportRun, changes: Mapping[int, int]) -> Iterator[tuple[int, str]]:
    """Files that changed orders after the run did; `changes` is {order: the key of what
    the run did to it}."""
    others = ImportChange.objects.filter(order__in=changes).exclude(run=run)
    rows = others.order_by("pk").values_list("order", "pk", "run__file_name")
    for order, key, name in rows:
        if key > changes[order]:
            yield order, f"Another file changed it later: “{name}”."


def _news(orders: Collection[int], since: datetime) -> Iterator[tuple[int, str]]:
    heard = OrderPayload.objects.filter(
        order__in=orders, source=Order.Source.API, received_at__gte=since
    )
    for key in heard.values_list("order", flat=True):
        yield key, "TikTok has told more of it since."


def _later(rows: Any, orders: Collection[int], since: datetime) -> "QuerySet[Any]":
    found: QuerySet[Any] = rows.filter(order__in=orders, created_at__gte=since)
    return found.order_by("pk")
