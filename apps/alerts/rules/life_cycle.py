"""What becomes of an alert from one look to the next: opened, escalated, resolved.

`step` takes how the alert stands and what one look says, and gives how it stands then,
with what happened on the way. Looks come every five minutes; all times are instants.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from apps.alerts.rules.words import Severity, State

REOPENS_WITHIN = timedelta(minutes=30)
REMIND_AFTER = {
    Severity.CRITICAL: timedelta(hours=4),
    Severity.WARNING: timedelta(hours=24),
    Severity.INFO: timedelta(hours=72),
}
# More reopenings than this within a day are flapping: it is told once a day at most.
MOST_REOPENINGS = 3
DAY = timedelta(hours=24)


class Stage(Enum):
    NONE = "none"
    OPEN = "open"
    RESOLVED = "resolved"


class Event(Enum):
    OPENED = "opened"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many looks in a row open an alert, and how many close it."""

    firings: int = 1
    clears: int = 1


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation. `is_clear`: well enough to close, not only below the threshold.
    While `is_muted` nobody is told; all else goes on."""

    at: datetime
    state: State
    severity: Severity | None = None
    is_clear: bool = True
    is_acknowledged: bool = False
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Cycle:
    """How an alert stands. `firings` and `clears` count looks in a row; `reopened_at`
    has the reopenings of the last day."""

    stage: Stage = Stage.NONE
    severity: Severity | None = None
    firings: int = 0
    clears: int = 0
    is_acknowledged: bool = False
    notified_at: datetime | None = None
    notified_severity: Severity | None = None
    resolved_at: datetime | None = None
    reopened_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """How it stands then. An alert that opened anew is another one than before."""

    cycle: Cycle
    events: tuple[Event, ...] = field(default=())


NEW = Cycle()
AT_ONCE = Patience()


def step(cycle: Cycle, look: Look, patience: Patience = AT_ONCE) -> Step:
    """What one look makes of it."""
    if look.is_acknowledged and cycle.stage is Stage.OPEN:
        cycle = replace(cycle, is_acknowledged=True)
    if look.state is State.NODATA:
        return Step(cycle)
    if look.state is State.OK:
        return _cleared(cycle, look, patience)
    # Whoever fires without saying how badly is worth a look.
    severity = look.severity or Severity.WARNING
    if cycle.stage is Stage.OPEN:
        return _still_firing(replace(cycle, firings=0, clears=0), look, severity)
    counting = replace(cycle, firings=cycle.firings + 1, clears=0)
    return _fired(counting, look, severity, patience)


def run(
    looks: Iterable[Look], patience: Patience = AT_ONCE, cycle: Cycle = NEW
) -> tuple[Cycle, list[tuple[datetime, Event]]]:
    """All looks in turn, with when what happened."""
    happened = []
    for look in looks:
        done = step(cycle, look, patience)
        cycle = done.cycle
        happened += [(look.at, event) for event in done.events]
    return cycle, happened


def _fired(cycle: Cycle, look: Look, severity: Severity, patience: Patience) -> Step:
    if cycle.firings < patience.firings:
        return Step(cycle)
    is_back = (
        cycle.resolved_at is not None and look.at - cycle.resolved_at <= REOPENS_WITHIN
    )
    if not is_back:
        opened = Cycle(Stage.OPEN, severity)
        return _told(opened, look, Event.OPENED)
    recent = _within_a_day((*cycle.reopened_at, look.at), look.at)
    back = replace(
        cycle,
        stage=Stage.OPEN,
        severity=severity,
        firings=0,
        resolved_at=None,
        reopened_at=recent,
    )
    if severity.is_worse_than(cycle.notified_severity):
        return _told(replace(back, is_acknowledged=False), look, Event.REOPENED)
    return Step(back, (Event.REOPENED,))


def _still_firing(cycle: Cycle, look: Look, severity: Severity) -> Step:
    if severity.is_worse_than(cycle.severity):
        worse = replace(cycle, severity=severity, is_acknowledged=False)
        return _told(worse, look, Event.ESCALATED)
    return _reminded(replace(cycle, severity=severity), look)


def _cleared(cycle: Cycle, look: Look, patience: Patience) -> Step:
    cycle = replace(cycle, firings=0)
    if cycle.stage is not Stage.OPEN:
        return Step(cycle)
    cycle = replace(cycle, clears=cycle.clears + 1 if look.is_clear else 0)
    if cycle.clears < patience.clears:
        return _reminded(cycle, look)
    over = replace(
        cycle, stage=Stage.RESOLVED, severity=None, clears=0, resolved_at=look.at
    )
    return Step(over, (Event.RESOLVED,))


def _told(cycle: Cycle, look: Look, *events: Event) -> Step:
    if look.is_muted:
        return Step(cycle, events)
    told = replace(cycle, notified_at=look.at, notified_severity=cycle.severity)
    return Step(told, (*events, Event.NOTIFY))


def _reminded(cycle: Cycle, look: Look) -> Step:
    if cycle.is_acknowledged or cycle.severity is None:
        return Step(cycle)
    pause = REMIND_AFTER[cycle.severity]
    recent = _within_a_day(cycle.reopened_at, look.at)
    cycle = replace(cycle, reopened_at=recent)
    if len(recent) > MOST_REOPENINGS:
        pause = max(pause, DAY)
    if cycle.notified_at is not None and look.at - cycle.notified_at < pause:
        return Step(cycle)
    return _told(cycle, look)


def _within_a_day(moments: Iterable[datetime], now: datetime) -> tuple[datetime, ...]:
    return tuple(moment for moment in moments if now - moment <= DAY)
