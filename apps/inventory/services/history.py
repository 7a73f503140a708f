"""How much there was, day by day: as the goods moved, not as we learnt of it.

What is booked late is told of the day it happened on, so yesterday's figures may
change; they end at what the ledger says now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from apps.inventory.models import StockCount, StockLevel, StockMovement

_MOVED = {
    "change": Sum("on_hand"),
    "promised": Sum("reserved"),
    "came": Sum("on_hand", filter=Q(on_hand__gt=0), default=0),
    "left": Sum("on_hand", filter=Q(on_hand__lt=0), default=0),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What moved on a day. `came` and `left` are units on hand, both positive."""

    on_hand: int = 0
    reserved: int = 0
    came: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """The figures at the end of a day (UTC); of today, so far."""

    on: date
    on_hand: int
    reserved: int
    change: Change

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Counted:
    """A stock take that holds."""

    at: datetime
    quantity: int
    warehouse: str


@dataclass(frozen=True, slots=True)
class History:
    days: list[Day]
    counts: list[Counted]

    @property
    def is_empty(self) -> bool:
        """Nothing was there, and nothing moved."""
        return not self.counts and not any(
            day.on_hand or day.reserved or day.change != Change() for day in self.days
        )


def history_of(levels: Collection[StockLevel], last: date, length: int) -> History:
    """Of these levels together, `length` days up to and with `last`: two queries."""
    first = last - timedelta(days=length - 1)
    since = datetime.combine(first, time(), tzinfo=UTC)
    keys = sorted(level.pk for level in levels)
    changes = _changes(keys, since)
    now = (
        sum(level.on_hand for level in levels),
        sum(level.reserved for level in levels),
    )
    days = days_until(now, changes, first, last)
    return History(days, _counts(keys, since))


def days_until(
    now: tuple[int, int], changes: Mapping[date, Change], first: date, last: date
) -> list[Day]:
    """The days from `first` to `last`, reckoned back from what there is `now` (on hand,
    reserved). `changes` are all since the first day."""
    on_hand = now[0] - sum(change.on_hand for change in changes.values())
    reserved = now[1] - sum(change.reserved for change in changes.values())
    days = []
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        change = changes.get(on, Change())
        on_hand += change.on_hand
        reserved += change.reserved
        days.append(Day(on, on_hand, reserved, change))
    return days


def _changes(keys: Sequence[int], since: datetime) -> dict[date, Change]:
    rows = StockMovement.objects.filter(level__in=keys, occurred_at__gte=since)
    by_day = rows.order_by().annotate(on=TruncDate("occurred_at", tzinfo=UTC))
    return {
        on: Change(change, promised, came, -left)
        for on, change, promised, came, left in by_day.values_list("on").annotate(
            **_MOVED
        )
    }


def _counts(keys: Sequence[int], since: datetime) -> list[Counted]:
    rows = StockCount.objects.live().filter(level__in=keys, counted_at__gte=since)
    return [
        Counted(row.counted_at, row.quantity, row.level.warehouse.name)
        for row in rows.select_related("level__warehouse").order_by("counted_at")
    ]
