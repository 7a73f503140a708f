"""Which days of a shop were read whole.

Pulls lie above us, so their rows are reached through the shop they hang on.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Max, Min

from apps.credit.rules.table import WINDOW_DAYS
from apps.orders.models import Order
from apps.platforms.models import Shop

WINDOW = range(1, WINDOW_DAYS + 1)
# How far the first pull goes back, by when orders changed.
FIRST_PULL = timedelta(days=90)

# The first day and the last.
Span = tuple[date, date]


def covered_ages(shops: Collection[Shop], as_of: date) -> dict[int, set[int]]:
    """{shop key: ages, 1 for the day before `as_of`, of days that are covered}.

    Of a shop that is pulled, those from what its first pull reached to where it has
    come; of one that files alone told of, from the first order to the last. Days whose
    recount still differs are not covered. Two queries, or three.
    """
    reached = _reached(shops)
    told = _told([shop for shop in shops if shop.pk not in reached])
    lost = _lost(shops, as_of)
    days = {age: as_of - timedelta(days=age) for age in WINDOW}
    found = {}
    for shop in shops:
        span = reached.get(shop.pk) or told.get(shop.pk)
        found[shop.pk] = {
            age
            for age, day in days.items()
            if span and span[0] <= day <= span[1] and day not in lost[shop.pk]
        }
    return found


def days_of(ages: Collection[int], as_of: date) -> list[date]:
    return sorted(as_of - timedelta(days=age) for age in ages)


def _reached(shops: Collection[Shop]) -> dict[int, Span]:
    """First and last day that pulls cover; the one that goes on is not whole."""
    rows = Shop.objects.filter(
        pk__in=[shop.pk for shop in shops], sync_cursors__resource="orders"
    ).order_by()
    zones = {shop.pk: shop.zone for shop in shops}
    return {
        key: (
            first_pulled(began.astimezone(zones[key])),
            position.astimezone(zones[key]).date() - timedelta(days=1),
        )
        for key, began, position in rows.values_list(
            "pk", "sync_cursors__created_at", "sync_cursors__position"
        )
    }


def first_pulled(began: datetime) -> date:
    """The first day that a pull covers which first ran then. Of the day in which it
    begins, and of the one before, orders have changed since: they were paid, sent."""
    return (began - FIRST_PULL).date() - timedelta(days=1)


def _told(shops: Collection[Shop]) -> dict[int, Span]:
    """The days of each shop's first and last order."""
    if not shops:
        return {}
    zones = {shop.pk: shop.zone for shop in shops}
    rows = Order.objects.filter(shop__in=list(zones)).order_by()
    spans = rows.values("shop").annotate(Min("placed_at"), Max("placed_at"))
    return {
        key: (
            first.astimezone(zones[key]).date(),
            last.astimezone(zones[key]).date(),
        )
        for key, first, last in spans.values_list(
            "shop", "placed_at__min", "placed_at__max"
        )
    }


def _lost(shops: Collection[Shop], as_of: date) -> Mapping[int, set[date]]:
    """Days of which a recount says that orders are missing or differ."""
    rows = Shop.objects.filter(
        pk__in=[shop.pk for shop in shops],
        sync_gaps__state__in=["open", "left"],
        sync_gaps__left__gt=0,
        sync_gaps__day__gte=as_of - timedelta(days=WINDOW_DAYS),
        sync_gaps__day__lt=as_of,
    ).order_by()
    lost: dict[int, set[date]] = defaultdict(set)
    for key, day in rows.values_list("pk", "sync_gaps__day"):
        lost[key].add(day)
    return lost
