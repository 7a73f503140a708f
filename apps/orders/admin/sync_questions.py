"""How orders and the platform stand to each other, as conditions on orders.

Beside orders.models.questions, because what pulls could not take is known to apps.sync
alone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from apps.orders.models import Order, OrderAction, questions
from apps.sync.models import Resource, SyncIssue

# An order that pulls cannot take is complained of by each that reads it; what is older
# was changed since, or is told by nobody any more.
COMPLAINED_WITHIN = timedelta(days=7)


def sync_failed(now: datetime) -> Q:
    """The platform refused what it was asked to do with it and nobody has seen to
    that, or a pull could not take it and none has stored it since."""
    return questions.refused_by_platform() | _not_taken(now)


def _not_taken(now: datetime) -> Q:
    complaints = SyncIssue.objects.filter(
        run__resource=Resource.ORDERS,
        run__started_at__gte=now - COMPLAINED_WITHIN,
        run__started_at__gt=OuterRef("modified_at"),
        run__shop=OuterRef("shop"),
        remote_id=OuterRef("remote_id"),
    )
    return Q(pk__in=Order.objects.filter(Exists(complaints)).values("pk"))


def _under_way(now: datetime) -> Q:
    return Q(pk__in=OrderAction.objects.open().values("order"))


# Name in the address: (title, question).
SYNC_STATES: dict[str, tuple[str, Callable[[datetime], Q]]] = {
    "failed": ("Failed", sync_failed),
    "waiting": ("Waiting for TikTok", _under_way),
    "conflict": ("Sources differ", lambda now: questions.conflicting()),
    "unclear": ("Not understood", lambda now: Q(is_status_understood=False)),
}
