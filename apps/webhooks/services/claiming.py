"""What is due, and taken by one worker until it is noted or its lease is over."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.core.processes import is_gone, process_name
from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.webhooks.models import WebhookEvent

# One batch of calls takes less; a worker that is silent for longer has been lost.
LEASE = timedelta(minutes=5)
AT_ONCE = 200
# Of a backlog, how many more that are about the same.
MOST_ALIKE = 800


# What this process is at now.
_under_way: "set[Claim]" = set()


@dataclass(slots=True, eq=False)
class Claim:
    """Events of a shop that are ours until `until`; whoever comes then finds another
    instant there, and so do we."""

    shop: Shop
    events: list[WebhookEvent]
    until: datetime

    def rows(self, keys: Iterable[int]) -> "QuerySet[WebhookEvent]":
        """Those of them that are still ours."""
        return WebhookEvent.objects.filter(
            pk__in=list(keys), claimed_by=process_name(), claimed_until=self.until
        )

    def end(self) -> None:
        """Whatever of it could not be put back is found by `free_dead`."""
        _under_way.discard(self)

    def renew(self) -> None:
        """Begin the lease anew, before what may take long."""
        until, rows = timezone.now() + LEASE, self.rows(e.pk for e in self.events)
        self.until = until
        rows.update(claimed_until=until)

    def put_back(self, keys: Collection[int], pause: timedelta) -> None:
        """They were not looked at: due again after a while, and no try the worse."""
        self.rows(keys).update(
            claimed_by="", claimed_until=None, next_try_at=timezone.now() + pause
        )


def shops_due(now: datetime) -> list[Shop]:
    """Connected shops that do not rest, have something due and no worker at it: one
    shop's flood is not to take all workers. One query."""
    rows = WebhookEvent.objects.filter(shop=OuterRef("pk"))
    taken = rows.filter(claimed_until__gt=now)
    shops = Shop.objects.connected().filter(breaker.not_resting(now))
    found = shops.filter(Exists(rows.due(now)), ~Exists(taken))
    return list(found.order_by("pk"))


def is_due(shop: Shop, now: datetime) -> bool:
    """As shops_due, of one."""
    rows = WebhookEvent.objects.filter(shop=shop)
    is_free = not rows.filter(claimed_until__gt=now).exists()
    return is_free and rows.due(now).exists()


def claim(
    shop: Shop, *, only: Collection[int] | None = None, most: int = AT_ONCE
) -> Claim | None:
    """Take what has been due longest; None where nothing is. What another worker is
    taking is passed over.

    Where there is more than `most`, what else is due about the same orders or products
    comes along: reading them once does for all of it, and a backlog is soon over.
    """
    now = timezone.now()
    due = WebhookEvent.objects.due(now).filter(shop=shop)
    due = due if only is None else due.filter(pk__in=only)
    free = due.select_for_update(of=["self"], no_key=True, skip_locked=True)
    with transaction.atomic():
        events = list(free.order_by("next_try_at", "pk")[:most])
        if not events:
            return None
        if len(events) == most:
            events += _alike(free, events)
        taken = Claim(shop, events, now + LEASE)
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).update(
            claimed_by=process_name(), claimed_until=taken.until
        )
    _under_way.add(taken)
    return taken


def _alike(
    free: "QuerySet[WebhookEvent]", events: Collection[WebhookEvent]
) -> list[WebhookEvent]:
    names = {event.object_id for event in events if event.object_id}
    rest = free.exclude(pk__in=[event.pk for event in events])
    return list(rest.filter(object_id__in=names).order_by("pk")[:MOST_ALIKE])


def free_dead() -> int:
    """What a worker had taken that has ended is due again; how many. So is what this
    one had to leave because the database was away, and could not put back."""
    claimed = WebhookEvent.objects.filter(claimed_until__isnull=False).order_by()
    names = set(claimed.values_list("claimed_by", flat=True).distinct())
    if not names:
        return 0
    gone = Q(claimed_by__in=[name for name in names if is_gone(name)])
    ours = {each.until for each in _under_way}
    left = Q(claimed_by=process_name()) & ~Q(claimed_until__in=ours)
    return claimed.filter(gone | left).update(claimed_by="", claimed_until=None)
