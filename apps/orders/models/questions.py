"""What staff ask of orders, as conditions: one list filters by them, one query counts.

`now` is given, so that all counts of a page speak of the same instant.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from apps.orders.models.order import Order
from apps.orders.models.parts import OrderLine
from apps.products.models import ListingSku

_ENDED = (Order.Status.CANCELLED, Order.Status.COMPLETED)
_WITH_US = (Order.Status.TO_SHIP, Order.Status.PARTLY_SHIPPED)


def anything() -> Q:
    return Q()


def unfinished_since(start: datetime) -> Q:
    """Placed since `start` and neither completed nor cancelled."""
    return Q(placed_at__gte=start) & ~Q(status__in=_ENDED)


def waiting_to_ship() -> Q:
    """Ready to go (cash on delivery included), not yet handed over."""
    return Q(status__in=_WITH_US)


def ship_within(now: datetime, period: timedelta) -> Q:
    """Still in time, but not for longer than `period`."""
    return waiting_to_ship() & Q(ship_by_at__gte=now, ship_by_at__lt=now + period)


def auto_cancelling_within(now: datetime, period: timedelta) -> Q:
    """The platform will cancel them by itself within `period`."""
    return waiting_to_ship() & Q(
        auto_cancel_at__gte=now, auto_cancel_at__lt=now + period
    )


def overdue(now: datetime) -> Q:
    return waiting_to_ship() & Q(ship_by_at__lt=now)


def cancel_requested() -> Q:
    """The buyer wants out and somebody must answer."""
    return Q(is_cancel_requested=True) & ~Q(status__in=_ENDED)


def unmatched_since(start: datetime) -> Q:
    """Unfinished, with a line of which nobody has said what of ours it is. What is
    ignored on purpose waits for nobody."""
    is_ignored = Q(listing_sku__mapping=ListingSku.Mapping.IGNORED)
    lines = OrderLine.objects.filter(
        Q(listing_sku__isnull=True) | ~is_ignored,
        order=OuterRef("pk"),
        variant__isnull=True,
    )
    return unfinished_since(start) & Q(Exists(lines))
