"""Write down what happened to an order: the part of its timeline that nothing else
tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from apps.core import bulk
from apps.integrations.contracts import Source
from apps.orders.models import Order, OrderEvent
from apps.users.services.audit import By

_LONGEST = 400
# The instant at which an order came to be in a status.
_MOMENTS = {
    Order.Status.TO_SHIP.value: "paid_at",
    Order.Status.AWAITING_COLLECTION.value: "ready_to_ship_at",
    Order.Status.IN_TRANSIT.value: "shipped_at",
    Order.Status.DELIVERED.value: "delivered_at",
    Order.Status.CANCELLED.value: "cancelled_at",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event to be written; see `note_event` for what its parts are."""

    order: Order
    kind: OrderEvent.Kind
    text: str
    by: By | None = None
    source: str = ""
    happened_at: datetime | None = None


def note_event(
    order: Order,
    kind: OrderEvent.Kind,
    text: str,
    *,
    by: By | None = None,
    source: str = "",
    happened_at: datetime | None = None,
) -> OrderEvent:
    """Write down one event, in the transaction of what it tells.

    `text` is in words for staff and holds nothing of the buyer. `source` is one of
    Order.Source where a source told it, `by` who did it where somebody did.
    `happened_at` is when it was true, now where nobody said.
    """
    return note_events([Happening(order, kind, text, by, source, happened_at)])[0]


def note_events(happenings: Sequence[Happening]) -> list[OrderEvent]:
    """As `note_event`, of stored orders, in one statement."""
    now = timezone.now()
    events = [_event(each, now) for each in happenings]
    bulk.insert(events)
    return events


def status_change(
    order: Order, before: str, source: Source, now: datetime
) -> Happening:
    """That a stored order has another status now than before."""
    name = _MOMENTS.get(order.status)
    moment = getattr(order, name) if name else None
    if moment is None and source.is_platform:
        moment = order.remote_updated_at
    labels = (Order.Status(status).label for status in (before, order.status))
    return Happening(
        order,
        OrderEvent.Kind.STATUS,
        " → ".join(labels),
        source=source.value,
        happened_at=moment or now,
    )


def _event(each: Happening, now: datetime) -> OrderEvent:
    user = each.by.user if each.by else None
    # Who looks through another's eyes is the one who acts, as in the audit trail.
    user = user.seen_by or user if user else None
    return OrderEvent(
        order_id=each.order.pk,
        kind=each.kind,
        happened_at=each.happened_at or now,
        recorded_at=now,
        source=each.source,
        user=user,
        process=each.by.process if each.by and user is None else "",
        text=each.text[:_LONGEST],
    )
