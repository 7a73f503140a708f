"""How well events are acted on: the last thirty days, in one query."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from apps.webhooks.models import WebhookEvent

State = WebhookEvent.State

DAYS = 30
# What the house promises, and what it must not fall below.
TARGET, FLOOR = 99.0, 98.0
_TRIED = (State.PROCESSED, State.FAILED, State.DEAD, State.RETRY)
_BAD = (State.FAILED, State.DEAD)


@dataclass(slots=True)
class Day:
    """One tile: events of the day that were acted on or are to be, and how many of
    them failed."""

    on: date
    count: int = 0
    failed: int = 0

    @property
    def kind(self) -> str:
        if not self.count:
            return "none"
        share = 100 * (1 - self.failed / self.count)
        return "good" if share >= TARGET else "attention" if share >= FLOOR else "bad"

    @property
    def words(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.on:%d %b}: {self.count:,} event{'s' * (self.count != 1)}{failed}"


@dataclass(slots=True)
class Figures:
    """`success`, `retry_success` are percent, None where nothing was tried (again)."""

    days: list[Day] = field(default_factory=list)
    success: float | None = None
    retry_success: float | None = None
    milliseconds: float | None = None
    until_done: timedelta | None = None

    @property
    def kind(self) -> str:
        if self.success is None or self.success >= TARGET:
            return "good"
        return "attention" if self.success >= FLOOR else "bad"


def figures_of(rows: "QuerySet[WebhookEvent]", now: datetime) -> Figures:
    """Of these events, those received in the last thirty days."""
    first = now.date() - timedelta(days=DAYS - 1)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    groups: Iterable[Any] = (
        rows.filter(received_at__gte=start - timedelta(days=DAYS - 1))
        .order_by()
        .values(day=TruncDate("received_at"), what=F("state"))
        .annotate(
            count=Count("pk"),
            again=Count("pk", filter=Q(attempts__gt=1)),
            milliseconds_=Avg("milliseconds"),
            waited=Avg(F("processed_at") - F("received_at")),
        )
    )
    return _summed(groups, first)


def _summed(groups: Iterable[Any], first: date) -> Figures:
    days = {
        first + timedelta(days=number): Day(first + timedelta(days=number))
        for number in range(DAYS)
    }
    tried: Counter[str] = Counter()
    again: Counter[str] = Counter()
    took, waited = 0.0, timedelta(0)
    for group in groups:
        state, count = group["what"], group["count"]
        if state not in _TRIED:
            continue
        tried[state] += count
        again[state] += group["again"]
        if state == State.PROCESSED:
            took += (group["milliseconds_"] or 0) * count
            waited += (group["waited"] or timedelta(0)) * count
        if day := days.get(group["day"]):
            day.count += count
            day.failed += count if state in _BAD else 0
    done = tried[State.PROCESSED]
    return Figures(
        list(days.values()),
        _percent(done, tried),
        _percent(again[State.PROCESSED], again),
        took / done if done else None,
        waited / done if done else None,
    )


def _percent(good: int, tried: "Counter[str]") -> float | None:
    """Of those that have ended; what is tried again is not lost yet."""
    ended = sum(count for state, count in tried.items() if state != State.RETRY)
    return 100 * good / ended if ended else None
