"""How long news of orders takes: from the platform's update time to being stored here.

Kept as counts by steps of time, a few rows an hour and shop, so asking is one query
however many orders there are. The platform tells whole seconds, so a figure may be one
too long. A percentile is the upper end of its step: "at most so long".
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from apps.integrations.contracts import Source
from apps.platforms.models import Shop
from apps.sync.models import SyncLatency

# What we aim at: so many of a hundred orders within so many seconds.
TARGET_SECONDS = 30
TARGET_SHARE = 0.95
# Upper ends, in seconds; what took longer than the last counts there. Rows name them:
# add some, take none away.
STEPS = (
    *(1, 2, 3, 5, 8, 10, 15, 20, 25, TARGET_SECONDS, 45, 60, 90, 120, 180, 300, 600),
    *(900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800, 2_592_000),
)
SHOWN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Latency:
    """Of so many versions of orders; times in seconds, None where there were none.

    `steps` is {upper end: how many took that long and no step less}.
    """

    steps: dict[int, int]

    @property
    def orders(self) -> int:
        return sum(self.steps.values())

    @property
    def share_within_target(self) -> float | None:
        """Of 1."""
        if not (orders := self.orders):
            return None
        fast = sum(n for end, n in self.steps.items() if end <= TARGET_SECONDS)
        return fast / orders

    @property
    def is_on_target(self) -> bool | None:
        share = self.share_within_target
        return None if share is None else share >= TARGET_SHARE

    @property
    def p50(self) -> int | None:
        return self.percentile(50)

    @property
    def p95(self) -> int | None:
        return self.percentile(95)

    @property
    def p99(self) -> int | None:
        return self.percentile(99)

    def percentile(self, percent: float) -> int | None:
        """The end of the step by which so many of a hundred were here."""
        wanted, so_far = self.orders * percent / 100, 0
        for end in sorted(self.steps):
            so_far += self.steps[end]
            if so_far and so_far >= wanted:
                return end
        return None


def step_of(seconds: float) -> int:
    """A clock of ours that is slow makes no news faster than at once."""
    index = bisect_left(STEPS, max(0.0, seconds))
    return STEPS[min(index, len(STEPS) - 1)]


def note_latency(
    shop: Shop, updated: Sequence[datetime], source: Source = Source.API
) -> None:
    """Count versions of orders that are stored now and were not known before, by the
    platform's update times. One statement; adds up with what others note at once."""
    if not updated:
        return
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    counts = Counter(step_of((now - at).total_seconds()) for at in updated)
    door = SyncLatency.Door(source.value)
    rows = sorted(counts.items())
    table = SyncLatency._meta.db_table
    stored_hour = connection.ops.adapt_datetimefield_value(hour)
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (shop_id, hour, door, within_seconds, orders) "  # noqa: S608 (our own names)
            f"VALUES {values} "
            "ON CONFLICT (shop_id, hour, door, within_seconds) "
            f"DO UPDATE SET orders = {table}.orders + EXCLUDED.orders",
            [
                part
                for end, orders in rows
                for part in (shop.pk, stored_hour, door.value, end, orders)
            ],
        )


def latency_of(
    shops: "Iterable[Shop] | QuerySet[Shop]",
    since: datetime,
    door: SyncLatency.Door | None = None,
) -> Latency:
    """Of what came in since then, to the hour, at all of these shops. One query."""
    rows = _rows(shops, since, door).values_list("within_seconds")
    return Latency(dict(rows.annotate(total=Sum("orders")).order_by()))


def latency_by_shop(
    shops: "Iterable[Shop] | QuerySet[Shop]", since: datetime
) -> dict[int, Latency]:
    """{shop's key: latency}, without shops that nothing came in of. One query."""
    rows = _rows(shops, since).values_list("shop_id", "within_seconds")
    steps: dict[int, dict[int, int]] = {}
    for shop, end, orders in rows.annotate(total=Sum("orders")).order_by():
        steps.setdefault(shop, {})[end] = orders
    return {shop: Latency(counts) for shop, counts in steps.items()}


def _rows(
    shops: "Iterable[Shop] | QuerySet[Shop]",
    since: datetime,
    door: SyncLatency.Door | None = None,
) -> "QuerySet[SyncLatency]":
    hour = since.replace(minute=0, second=0, microsecond=0)
    rows = SyncLatency.objects.filter(shop__in=shops, hour__gte=hour)
    return rows.filter(door=door) if door else rows
