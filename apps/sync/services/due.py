"""Which shops are due: found by looking at the log, so nothing can be forgotten."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.platforms.models import Shop
from apps.platforms.services import breaker
from apps.sync.models import Resource, SyncRun, SyncSchedule

AFTER_FAILURE = timedelta(minutes=2)


def shops_due(resource: Resource, now: datetime) -> list[Shop]:
    """Connected shops that do not rest and whose last run is as old as their schedule
    says (without one, as is usual for the resource), or failed 2 minutes ago. One
    query."""
    return [shop for shop in _with_last_run(resource, now) if _is_due(shop, now)]


def is_due(shop: Shop, resource: Resource, now: datetime) -> bool:
    rows = _with_last_run(resource, now).filter(pk=shop.pk)
    return any(_is_due(row, now) for row in rows)


def next_pull(shop: Shop, resource: Resource, now: datetime) -> datetime | None:
    """When the sweep will find the shop due: `now` if it is. None where it will not:
    the shop is not connected, or the schedule is off."""
    row: Any = _annotated(resource).get(pk=shop.pk)
    if row.state != Shop.State.CONNECTED or not row.is_scheduled:
        return None
    return max(_due_at(row) or now, row.rested_until or now, now)


def _with_last_run(resource: Resource, now: datetime) -> "QuerySet[Any]":
    return _annotated(resource).filter(
        breaker.not_resting(now), state=Shop.State.CONNECTED, is_scheduled=True
    )


def _annotated(resource: Resource) -> "QuerySet[Any]":
    latest = SyncRun.objects.filter(shop=OuterRef("pk"), resource=resource)
    schedule = SyncSchedule.objects.filter(shop=OuterRef("pk"), resource=resource)
    return Shop.objects.annotate(
        last_state=Subquery(latest.values("state")[:1]),
        last_started=Subquery(latest.values("started_at")[:1]),
        last_needs_person=Subquery(latest.values("needs_person")[:1]),
        is_scheduled=Coalesce(Subquery(schedule.values("is_on")[:1]), Value(True)),  # noqa: FBT003
        scheduled_minutes=Coalesce(
            Subquery(schedule.values("minutes")[:1]), Value(resource.default_minutes)
        ),
    )


def _is_due(shop: Any, now: datetime) -> bool:
    due_at = _due_at(shop)
    return due_at is None or due_at <= now


def _due_at(shop: Any) -> datetime | None:
    """When the last run's age makes the shop due; None if it never ran."""
    started: datetime | None = shop.last_started
    if started is None:
        return None
    every = timedelta(minutes=shop.scheduled_minutes)
    # A running one may have lost its process; starting the next finds that out.
    failed = shop.last_state in (SyncRun.State.FAILED, SyncRun.State.INTERRUPTED)
    # A permission that one resource lacks does not come by asking more often.
    failed = failed and not shop.last_needs_person
    return started + (min(every, AFTER_FAILURE) if failed else every)
