"""How much of the platform's quota a shop uses, from the log of calls."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncSecond
from django.utils import timezone

from apps.platforms.models import ApiCall, Shop


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls ended in the last second and minute; `busiest_second` is the most within
    any one second of that minute, of the app that made most."""

    last_second: int
    last_minute: int
    busiest_second: int
    limit_per_second: float

    @property
    def share(self) -> float:
        """The busiest second against the limit, 0 to 1 and beyond."""
        return (
            self.busiest_second / self.limit_per_second
            if self.limit_per_second
            else 0.0
        )

    def __str__(self) -> str:
        return f"{self.busiest_second} of {self.limit_per_second:g} a second"


def usage(shop: Shop, now: datetime | None = None) -> Usage:
    """One query; as good as the log, so the count trails the calls by their length."""
    now = now or timezone.now()
    by_app: dict[int | None, list[datetime]] = {}
    calls = ApiCall.objects.filter(
        shop=shop, at__gt=now - timedelta(minutes=1), at__lte=now
    )
    for app, at in calls.order_by("at").values_list("api_app", "at"):
        by_app.setdefault(app, []).append(at)
    instants = [at for times in by_app.values() for at in times]
    return Usage(
        last_second=sum(at > now - timedelta(seconds=1) for at in instants),
        last_minute=len(instants),
        busiest_second=max(map(busiest_second, by_app.values()), default=0),
        limit_per_second=settings.TIKTOK_SHOP_CALL_LIMIT,
    )


@dataclass(frozen=True, slots=True)
class Busy:
    """Calls ended in the last minute, and the most in one second of it by one app."""

    last_minute: int
    busiest_second: int


def usage_of(
    calls: "QuerySet[ApiCall]", now: datetime | None = None
) -> dict[int, Busy]:
    """{shop's key: its calls}, of shops that made some. One query, in seconds as the
    clock counts them, so a busy one may be split in two."""
    now = now or timezone.now()
    rows = (
        calls.filter(at__gt=now - timedelta(minutes=1), at__lte=now)
        .order_by()
        .annotate(second=TruncSecond("at"))
        .values_list("shop", "api_app", "second")
        .annotate(count=Count("pk"))
    )
    found: dict[int, Busy] = {}
    for shop, _, _, count in rows:
        before = found.get(shop, Busy(0, 0))
        most = max(before.busiest_second, count)
        found[shop] = Busy(before.last_minute + count, most)
    return found


def busiest_second(instants: Iterable[datetime]) -> int:
    """The most of the (sorted) instants that lie within one second."""
    window: deque[datetime] = deque()
    most = 0
    for at in instants:
        window.append(at)
        while at - window[0] >= timedelta(seconds=1):
            window.popleft()
        most = max(most, len(window))
    return most
