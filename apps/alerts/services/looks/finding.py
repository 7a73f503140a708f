"""What one look says of one shop and condition."""

from dataclasses import dataclass
from datetime import timedelta

from apps.alerts.models import Code
from apps.alerts.rules.conditions import Result
from apps.alerts.rules.words import Severity, State


@dataclass(frozen=True, slots=True)
class Finding:
    """`shop` is its key, None for this server; `subject` tells several of a kind apart.
    Title and message name no buyer and no secret."""

    shop: int | None
    code: Code
    result: Result
    title: str = ""
    message: str = ""
    subject: str = ""

    @property
    def value(self) -> float | None:
        return in_numbers(self.result.value)

    @property
    def threshold(self) -> float | None:
        return in_numbers(self.result.threshold)


def in_numbers(value: float | timedelta | None) -> float | None:
    """Durations in minutes."""
    if isinstance(value, timedelta):
        return value / timedelta(minutes=1)
    return value


def counted(count: int, threshold: int, severity: Severity) -> Result:
    """For things of which there are to be no more than so many; none at all is over."""
    if count > threshold:
        return Result(State.FIRING, count, threshold, severity, is_clear=False)
    return Result(State.OK, count, threshold)


def span(delta: timedelta) -> str:
    """As a person would say it: 40 minutes, 5 hours, 3 days."""
    minutes = int(abs(delta) / timedelta(minutes=1))
    for size, unit in ((1_440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}s"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def so_many(count: int, what: str, several: str = "") -> str:
    return f"{count:,} {what if count == 1 else several or what + 's'}"
