"""Whether pulls succeed, and whether orders are here in time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from apps.alerts.models import Code
from apps.alerts.rules import conditions
from apps.alerts.services.looks.finding import Finding, span
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun, SyncSchedule

# Longer than it takes the rarest resource to fail as often as matters.
LOOK_BACK = timedelta(days=3)
_WENT = (SyncRun.State.DONE, SyncRun.State.PARTLY)


def sync_failures(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """Of each resource by itself: that stock goes well says nothing of orders.

    What a person or an end of the process broke off counts as skipped.
    """
    runs = SyncRun.objects.filter(
        shop__in=[shop.pk for shop in shops], started_at__gt=now - LOOK_BACK
    ).order_by()
    went = {
        (shop, resource): started
        for shop, resource, started in runs.filter(state__in=_WENT)
        .values("shop", "resource")
        .annotate(last=Max("started_at"))
        .values_list("shop", "resource", "last")
    }
    failed: dict[tuple[int, str], list[str]] = defaultdict(list)
    rows = runs.filter(state=SyncRun.State.FAILED).order_by("started_at")
    for shop, resource, at, why in rows.values_list(
        "shop", "resource", "started_at", "first_error"
    ):
        key = (shop, resource)
        if key not in went or at > went[key]:
            failed[key].append(why)
    for key in sorted(went.keys() | failed.keys()):
        errors = failed.get(key, [])
        ended = [True] * (key in went) + [False] * len(errors)
        name = str(Resource(key[1]).label) if key[1] in Resource.values else key[1]
        yield Finding(
            key[0],
            Code.SYNC_FAILURES,
            conditions.sync_failures(ended),
            f"{name}: {len(errors)} syncs in a row failed",
            errors[-1] if errors else "",
            key[1],
        )


def order_delays(shops: Sequence[Shop], now: datetime) -> Iterator[Finding]:
    """How old the news is that is not here yet. A shop that still fills for the first
    time is not late."""
    keys = [shop.pk for shop in shops]
    of_orders = {"shop__in": keys, "resource": Resource.ORDERS}
    schedules = {row.shop_id: row for row in SyncSchedule.objects.filter(**of_orders)}
    reached = dict(
        SyncCursor.objects.filter(**of_orders).values_list("shop", "position")
    )
    filling = set(
        SyncRun.objects.running()
        .filter(**of_orders, trigger=SyncRun.Trigger.CONNECT)
        .values_list("shop", flat=True)
    )
    for shop in shops:
        schedule = schedules.get(shop.pk)
        minutes = schedule.minutes if schedule else Resource.ORDERS.default_minutes
        # One that is cut off has an alert that says so.
        is_on = shop.state == Shop.State.CONNECTED
        watermark = None if shop.pk in filling else reached.get(shop.pk)
        result = conditions.order_delay(
            watermark,
            now,
            interval_minutes=minutes,
            is_on=is_on and (schedule is None or schedule.is_on),
        )
        late = now - watermark if watermark else timedelta(0)
        yield Finding(
            shop.pk,
            Code.ORDER_DELAY,
            result,
            f"Orders are {span(late)} late",
            f"They are asked for every {minutes} minutes, and everything until "
            f"{watermark:%d %b %H:%M} UTC is here."
            if watermark
            else "",
        )
