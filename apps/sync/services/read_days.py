"""Which days of accounts were pulled whole: what scores count (see credit's coverage,
which asks)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Max, Min

from apps.credit.services.coverage import OF_SHOPS, Pulled, Span
from apps.platforms.models import CreatorAccount, Shop
from apps.sync.models import CreatorRun, Resource, SyncCursor, SyncGap, SyncRun
from apps.sync.services.windows import FIRST_PULL

# A refund that nobody has asked for is not known to be none.
NEEDED = tuple(map(Resource, OF_SHOPS))


def of_shops(shops: Collection[Shop]) -> dict[int, Pulled]:
    """{shop key: …}, of shops whose orders are pulled: days of which orders,
    cancellations and returns were all read, and no recount differs. Two queries."""
    zones = {shop.pk: shop.zone for shop in shops}
    spans: dict[int, dict[str, Span]] = defaultdict(dict)
    cursors = SyncCursor.objects.filter(shop__in=list(zones), resource__in=NEEDED)
    for key, resource, began, position in cursors.values_list(
        "shop", "resource", "created_at", "position"
    ):
        first = _first_day((began - FIRST_PULL).astimezone(zones[key]))
        spans[key][resource] = first, _last_day(position.astimezone(zones[key]))
    lost = _lost(list(zones))
    found = {}
    for key, read in spans.items():
        unread = tuple(one.value for one in NEEDED if one not in read)
        if Resource.ORDERS in unread:
            continue
        whole = (
            max(first for first, _ in read.values()),
            min(last for _, last in read.values()),
        )
        found[key] = Pulled(None if unread else whole, lost[key], unread)
    return found


def of_creators(accounts: Collection[CreatorAccount]) -> dict[int, Pulled]:
    """{account key: …}, of accounts whose sales were read. One query."""
    zones = {account.pk: account.zone for account in accounts}
    if not zones:
        return {}
    ended = CreatorRun.objects.filter(
        account__in=list(zones), state__in=[SyncRun.State.DONE, SyncRun.State.PARTLY]
    ).order_by()
    spans = ended.values("account").annotate(Min("since"), Max("until"))
    return {
        key: Pulled(
            (
                _first_day(since.astimezone(zones[key])),
                _last_day(until.astimezone(zones[key])),
            )
        )
        for key, since, until in spans.values_list(
            "account", "since__min", "until__max"
        )
    }


def _first_day(since: datetime) -> date:
    """Of the day in which a pull begins, and of the one before, orders have changed
    since: they were paid, sent."""
    return since.date() - timedelta(days=1)


def _last_day(until: datetime) -> date:
    """The day that goes on is not whole."""
    return until.date() - timedelta(days=1)


def _lost(shops: Collection[int]) -> Mapping[int, frozenset[date]]:
    """Days of which a recount says that orders are missing or differ."""
    rows = SyncGap.objects.filter(
        shop__in=shops,
        state__in=[SyncGap.State.OPEN, SyncGap.State.LEFT],
        left__gt=0,
    ).order_by()
    days: dict[int, set[date]] = defaultdict(set)
    for key, day in rows.values_list("shop", "day"):
        days[key].add(day)
    return defaultdict(frozenset, {key: frozenset(some) for key, some in days.items()})
