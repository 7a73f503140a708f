"""What staff ask of orders, as conditions: one list filters by them, one query counts.

`now` is given, so that all counts of a page speak of the same instant. Conditions on
other tables ask for keys (`pk IN`): a database looks those up once, not once an order.
"""

from datetime import datetime, timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, TextField, When
from django.db.models.functions import Cast, Coalesce

from apps.orders.models.actions import OrderAction
from apps.orders.models.order import Order
from apps.orders.models.packages import OrderPackage
from apps.orders.models.parts import OrderLine
from apps.products.models import ListingSku

_ENDED = (Order.Status.CANCELLED, Order.Status.COMPLETED)
_WITH_US = (Order.Status.TO_SHIP, Order.Status.PARTLY_SHIPPED)
# A unit whose own status is one of these has nothing arranged yet.
_UNPACKED = (
    Order.Status.UNPAID,
    Order.Status.ON_HOLD,
    Order.Status.TO_SHIP,
    Order.Status.NOT_UNDERSTOOD,
)
_OPEN_RETURNS = (
    Order.ReturnState.REPORTED,
    Order.ReturnState.REQUESTED,
    Order.ReturnState.RETURNING,
    Order.ReturnState.ACCEPTED,
)
# As they are to be worked on; what a word says in a column does not sort.
_RANKS = {
    Order.Priority.VIRAL: 0,
    Order.Priority.HIGH: 1,
    Order.Priority.MEDIUM: 2,
    Order.Priority.AUTO: 3,
}


def anything() -> Q:
    return Q()


def unfinished_since(start: datetime) -> Q:
    """Placed since `start` and neither completed nor cancelled."""
    return Q(placed_at__gte=start) & ~Q(status__in=_ENDED)


def waiting_to_ship() -> Q:
    """Ready to go (cash on delivery included), with something not yet packed."""
    whole = Q(status=Order.Status.TO_SHIP)
    return Q(status__in=_WITH_US) & (whole | _partly_here())


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


def returning() -> Q:
    """Goods or money are on their way back, or somebody says they are to be."""
    return Q(return_state__in=_OPEN_RETURNS)


def package_problem() -> Q:
    """Not over yet, with a package that the carrier says something is wrong with."""
    troubled = OrderPackage.objects.exclude(package__problem="")
    return Q(pk__in=troubled.values("order")) & ~Q(status__in=_ENDED)


def viral() -> Q:
    return Q(priority=Order.Priority.VIRAL) & ~Q(status__in=_ENDED)


def conflicting() -> Q:
    """Sources differ, and nobody has decided."""
    return Q(has_conflict=True)


def refused_by_platform() -> Q:
    """Something that the platform was asked for, and did not do, waits for a person."""
    return Q(pk__in=OrderAction.objects.failed().values("order"))


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


def priority_rank() -> Case:
    """For sorting: what is to go first has the least."""
    whens = [When(priority=name, then=rank) for name, rank in _RANKS.items()]
    return Case(*whens, output_field=IntegerField())


def _partly_here() -> Q:
    """Partly shipped, and some line has units for which nothing is arranged: fewer are
    gone than were ordered; where the platform tells units apart, one says so itself."""
    gone = Coalesce("lines__shipped_quantity", 0) + Coalesce(
        "lines__cancelled_quantity", 0
    )
    named = f'"({"|".join(_UNPACKED)})"'
    orders = Order.objects.filter(status=Order.Status.PARTLY_SHIPPED).annotate(
        units_told=Cast("lines__units", TextField()),
        ordered=F("lines__quantity"),
        gone=gone,
    )
    left = Q(ordered__gt=F("gone")) & (Q(units_told="[]") | Q(units_told__regex=named))
    untold = Q(ordered__isnull=True)
    return Q(pk__in=orders.filter(left | untold).values("pk"))
