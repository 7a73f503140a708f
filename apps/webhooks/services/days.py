"""Days of events summed up once they are over, so that looking at thirty of them costs
as much with millions of events as with none."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncDay

from apps.webhooks.models import WebhookDay, WebhookEvent

State = WebhookEvent.State

DAYS = 30
# Today's and yesterday's still change; those before, where somebody replays them.
STILL_OPEN = 2
_KEPT = timedelta(days=DAYS + 5)
# A change that begins before midnight may be committed after the day was summed.
_LONGEST_CHANGE = timedelta(minutes=10)
# Apart from other locks by number that there may be.
_LOCK = 0x5DA15
_DONE = Q(state=State.PROCESSED)
_FAILED = Q(state__in=(State.FAILED, State.DEAD))
_TRYING = Q(state=State.RETRY)


def days_until(now: datetime) -> list[date]:
    """The last thirty, the oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def rows_of(
    days: "QuerySet[WebhookDay]", events: "QuerySet[WebhookEvent]", now: datetime
) -> list[WebhookDay]:
    """Of the last thirty days, of these stored days and, for what is not stored yet, of
    these events: a row for each day and shop. Three queries."""
    wanted = days_until(now)
    stored = WebhookDay.objects.filter(day__gte=wanted[0], day__lt=_open_from(now))
    known = set(stored.order_by().values_list("day", flat=True).distinct())
    found = list(days.filter(day__in=known))
    return found + count(events, [day for day in wanted if day not in known])


def count(events: "QuerySet[WebhookEvent]", days: Collection[date]) -> list[WebhookDay]:
    """Rows, not stored, of these events that were received on these days."""
    if not days:
        return []
    waited = F("processed_at") - F("received_at")
    groups: Iterable[Any] = (
        events.filter(_received_on(days), shop__isnull=False)
        .filter(_DONE | _FAILED | _TRYING)
        .order_by()
        .values("shop", on=TruncDate("received_at", tzinfo=UTC))
        .annotate(
            done=Count("pk", filter=_DONE),
            failed=Count("pk", filter=_FAILED),
            trying=Count("pk", filter=_TRYING),
            again_done=Count("pk", filter=_DONE & Q(attempts__gt=1)),
            again_failed=Count("pk", filter=_FAILED & Q(attempts__gt=1)),
            took=Sum("milliseconds", filter=_DONE),
            waited=Sum(waited, filter=_DONE),
        )
    )
    return [
        WebhookDay(
            shop_id=group["shop"],
            day=group["on"],
            done=group["done"],
            failed=group["failed"],
            trying=group["trying"],
            again_done=group["again_done"],
            again_failed=group["again_failed"],
            milliseconds=group["took"] or 0,
            waited_seconds=(group["waited"] or timedelta()).total_seconds(),
        )
        for group in groups
    ]


def sum_up(now: datetime) -> int:
    """Store the days that are over and not stored yet, each in a transaction; how many
    rows. What is too old to be shown goes."""
    WebhookDay.objects.filter(day__lt=(now - _KEPT).date()).delete()
    over = [day for day in days_until(now) if day < _open_from(now)]
    known = WebhookDay.objects.filter(day__in=over).order_by().values_list("day")
    missing = [day for day in over if day not in {day for (day,) in known.distinct()}]
    made = 0
    for day in missing:
        with transaction.atomic():
            _lock([day], alone=True)
            rows = count(WebhookEvent.objects.all(), [day])
            WebhookDay.objects.bulk_create(rows, ignore_conflicts=True)
        made += len(rows)
    return made


def forget(moments: Iterable[datetime], now: datetime) -> None:
    """Events received then have changed: their days are counted anew, if they were
    stored. Free for those of today and yesterday.

    Call it in the transaction of the change, after it: one that is being summed
    meanwhile is waited for, then forgotten as well.
    """
    days = {moment.astimezone(UTC).date() for moment in moments}
    old = sorted(day for day in days if day < _open_from(now + _LONGEST_CHANGE))
    if old:
        _lock(old, alone=False)
        WebhookDay.objects.filter(day__in=old).delete()


def received_on(events: "QuerySet[WebhookEvent]") -> list[datetime]:
    """A moment of each day on which any of these came, for `forget`."""
    on = events.annotate(on=TruncDay("received_at", tzinfo=UTC)).order_by()
    return [moment for (moment,) in on.values_list("on").distinct()]


def _lock(days: Iterable[date], *, alone: bool) -> None:
    """Until the transaction ends: a day is not summed up while its events change, and
    many may change them at once. SQLite has one writer at a time anyway."""
    if connection.vendor != "postgresql":
        return
    name = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute(f"SELECT {name}(%s, %s)", [_LOCK, day.toordinal()])


def _open_from(now: datetime) -> date:
    return now.astimezone(UTC).date() - timedelta(days=STILL_OPEN - 1)


def _received_on(days: Collection[date]) -> Q:
    """As few periods as there are gaps between the days."""
    found = Q()
    ordered = sorted(days)
    start = ordered[0]
    for day, following in zip(ordered, [*ordered[1:], None], strict=True):
        if following == day + timedelta(days=1):
            continue
        found |= Q(
            received_at__gte=_midnight(start),
            received_at__lt=_midnight(day + timedelta(days=1)),
        )
        if following is not None:
            start = following
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
