"""How well events are acted on: the last thirty days."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from apps.webhooks.models import WebhookDay
from apps.webhooks.services.days import days_until

# What the house promises, and what it must not fall below.
TARGET, FLOOR = 99.0, 98.0


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
    """`success`, `retry_success` are percent of what has ended; each is None where
    nothing has."""

    days: list[Day] = field(default_factory=list)
    success: float | None = None
    retry_success: float | None = None
    milliseconds: float | None = None
    waited_seconds: float | None = None

    @property
    def kind(self) -> str:
        if self.success is None or self.success >= TARGET:
            return "good"
        return "attention" if self.success >= FLOOR else "bad"


def figures_of(rows: Iterable[WebhookDay], now: datetime) -> Figures:
    """Of the rows of some shops."""
    rows = list(rows)
    days = {on: Day(on) for on in days_until(now)}
    for row in rows:
        if day := days.get(row.day):
            day.count += row.done + row.failed + row.trying
            day.failed += row.failed
    done = sum(row.done for row in rows)
    again = sum(row.again_done for row in rows)
    return Figures(
        list(days.values()),
        _percent(done, sum(row.failed for row in rows)),
        _percent(again, sum(row.again_failed for row in rows)),
        sum(row.milliseconds for row in rows) / done if done else None,
        sum(row.waited_seconds for row in rows) / done if done else None,
    )


def _percent(good: int, bad: int) -> float | None:
    return 100 * good / (good + bad) if good + bad else None
