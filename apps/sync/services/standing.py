"""How far runs are, and how each shop's resources stand: for pages that look on.

Always as many queries, however many shops and runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import OuterRef, Subquery

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.sync.services.due import annotated, due_at
from apps.sync.services.runs import is_dead

# Orders that are older than this are late, whatever interval somebody has chosen to be
# shorter; with a longer one, and for all else, twice the interval.
LATE = timedelta(minutes=30)
_WENT = (SyncRun.State.DONE, SyncRun.State.PARTLY)


class State(StrEnum):
    """How a resource of a shop stands."""

    SYNCED = "synced"
    LATE = "late"
    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"  # it has never been pulled
    OFF = "off"  # the schedule is off, or the shop is not connected
    NOTHING = "nothing"  # there is nothing to ask for yet


@dataclass(frozen=True, slots=True)
class Standing:
    """`last_success` is when the last run that went well ended, `next_at` when the
    sweep takes it up (None: it does not), `why` what the last run stopped at."""

    state: State
    last_success: datetime | None = None
    next_at: datetime | None = None
    running: SyncRun | None = None
    why: str = ""


def standings_of(
    shops: Sequence[Shop], now: datetime
) -> dict[tuple[int, Resource], Standing]:
    """{(shop's key, resource): how it stands}. A query for each resource, and one for
    the runs under way."""
    keys = [shop.pk for shop in shops]
    under_way = SyncRun.objects.running().filter(
        shop__in=keys, basis=SyncRun.Basis.CHANGED
    )
    running = {
        (run.shop_id, Resource(run.resource)): run
        for run in under_way
        if not is_dead(run)
    }
    found: dict[tuple[int, Resource], Standing] = {}
    for resource in Resource:
        rows = {row.pk: row for row in _rows(resource, keys)}
        for key in keys:
            run, row = running.get((key, resource)), rows.get(key)
            found[key, resource] = _standing(resource, row, run, now)
    return found


def _rows(resource: Resource, keys: Sequence[int]) -> Any:
    went = SyncRun.objects.filter(
        shop=OuterRef("pk"), resource=resource, state__in=_WENT
    ).exclude(trigger=SyncRun.Trigger.WEBHOOK)
    last = SyncRun.objects.filter(shop=OuterRef("pk"), resource=resource)
    return (
        annotated(resource)
        .filter(pk__in=keys)
        .annotate(
            last_success=Subquery(went.values("ended_at")[:1]),
            last_error=Subquery(last.values("first_error")[:1]),
        )
        .order_by()
    )


def _standing(
    resource: Resource, row: Any, run: SyncRun | None, now: datetime
) -> Standing:
    if row is None:
        return Standing(State.RUNNING if run else State.NOTHING, running=run)
    is_on = row.state == Shop.State.CONNECTED and row.is_scheduled
    next_at = None
    if is_on:
        next_at = max(due_at(row, resource) or now, row.rested_until or now, now)
    if run is not None:
        return Standing(State.RUNNING, row.last_success, next_at, run)
    failed = row.last_state in (SyncRun.State.FAILED, SyncRun.State.INTERRUPTED)
    state = State.SYNCED
    if failed and row.last_stop_asked is None:
        state = State.FAILED
    elif not is_on:
        state = State.OFF
    elif row.last_success is None:
        state = State.WAITING
    elif now - row.last_success > late_after(row.scheduled_minutes):
        state = State.LATE
    why = row.last_error if state is State.FAILED else ""
    return Standing(state, row.last_success, next_at, None, why or "")


def late_after(minutes: int) -> timedelta:
    """From the interval: when what was pulled last is too old."""
    return max(LATE, timedelta(minutes=2 * minutes))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `left_seconds` is a guess, None where there is none."""

    done: int
    total: int | None
    left_seconds: float | None
    is_over: bool

    @property
    def share(self) -> float | None:
        """0 to 1."""
        if not self.total:
            return None
        return min(1.0, self.done / self.total)


def progress_of(run: SyncRun, now: datetime) -> Progress:
    """From its row alone."""
    is_over = run.state != SyncRun.State.RUNNING
    total = run.expected or None
    left = None
    seconds = (now - run.started_at).total_seconds()
    if not is_over and total and 0 < run.read < total and seconds > 0:
        left = (total - run.read) * seconds / run.read
    return Progress(run.read, total, left, is_over)


def by_shop(
    standings: Mapping[tuple[int, Resource], Standing], shop: Shop
) -> list[tuple[Resource, Standing]]:
    return [(resource, standings[shop.pk, resource]) for resource in Resource]
