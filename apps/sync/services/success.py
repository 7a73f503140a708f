"""How many runs went well, day by day."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from redis.exceptions import RedisError

from apps.sync.models import SyncRun

# A day's runs have ended by the end of the next; then its counts stay what they are.
_SETTLED = timedelta(days=2)
_KEPT_SECONDS = 45 * 86_400

Counts = Mapping[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Day:
    """Of UTC: runs that ended without a failure, and all that ended."""

    on: date
    good: int
    ended: int

    @property
    def percent(self) -> float | None:
        return 100 * self.good / self.ended if self.ended else None


def success_by_day(shops: Collection[int], now: datetime, days: int = 30) -> list[Day]:
    """Of these shops (keys), the oldest day first. One query: of days long gone the
    counts of all shops are remembered, of which these are picked."""
    today = now.astimezone(UTC).date()
    span = [today - timedelta(days=ago) for ago in reversed(range(days))]
    settled = [on for on in span if on <= today - _SETTLED]
    known: dict[date, Counts] = _remembered(settled)
    begin = next((on for on in span if on not in known), today)
    found = _counted(begin)
    fresh = {on: found.get(on, {}) for on in settled if on >= begin}
    _remember(fresh)
    known |= {on: found.get(on, {}) for on in span if on >= begin}
    return [_sum(on, known.get(on, {}), set(shops)) for on in span]


def _sum(on: date, counts: Counts, shops: set[int]) -> Day:
    rows = [pair for shop, pair in counts.items() if shop in shops]
    return Day(on, sum(good for good, _ in rows), sum(ended for _, ended in rows))


def _remembered(days: Collection[date]) -> dict[date, Counts]:
    try:
        stored = cache.get_many([_key(on) for on in days])
    except (RedisError, OSError):
        return {}  # then all is counted
    return {on: stored[_key(on)] for on in days if _key(on) in stored}


def _remember(days: Mapping[date, Counts]) -> None:
    with suppress(RedisError, OSError):
        cache.set_many({_key(on): counts for on, counts in days.items()}, _KEPT_SECONDS)


def _counted(begin: date) -> dict[date, dict[int, tuple[int, int]]]:
    rows = (
        SyncRun.objects.filter(started_at__gte=datetime.combine(begin, time.min, UTC))
        .exclude(state=SyncRun.State.RUNNING)
        # Who stopped a run says nothing about how well it goes.
        .exclude(stop_asked_at__isnull=False)
        .order_by()
        .annotate(on=TruncDate("started_at", tzinfo=UTC))
        .values_list("on", "shop")
        .annotate(
            good=Count("pk", filter=Q(state=SyncRun.State.DONE)), ended=Count("pk")
        )
    )
    found: dict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    for on, shop, good, ended in rows:
        found[on][shop] = good, ended
    return found


def _key(on: date) -> str:
    return f"sync-success:{on:%Y-%m-%d}"
