"""Runs that pulled from a platform, and what shops were told of stock."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.inventory.models import ShopWarehouse
from apps.platforms.models import CreatorAccount, Shop
from apps.products.models import ListingSku
from apps.sync.models import (
    CreatorRun,
    Resource,
    StockDrift,
    StockPush,
    SyncGap,
    SyncGapOrder,
    SyncRun,
)


def make_run(shop: Shop, **fields: Any) -> SyncRun:
    """A pull that went well five minutes ago, in two seconds."""
    started = fields.get("started_at") or timezone.now() - timedelta(minutes=5)
    values: dict[str, Any] = {
        "resource": Resource.ORDERS,
        "trigger": SyncRun.Trigger.SCHEDULE,
        "state": SyncRun.State.DONE,
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
    }
    return SyncRun.objects.create(shop=shop, **values | fields)


def make_creator_run(account: CreatorAccount, **fields: Any) -> CreatorRun:
    """As make_run, of a creator's account."""
    now = timezone.now()
    started = fields.get("started_at") or now - timedelta(minutes=5)
    values: dict[str, Any] = {
        "trigger": SyncRun.Trigger.SCHEDULE,
        "state": SyncRun.State.DONE,
        "since": now - timedelta(days=90),
        "until": now,
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
    }
    return CreatorRun.objects.create(account=account, **values | fields)


def make_gap(shop: Shop, *order_ids: str, **fields: Any) -> SyncGap:
    """The shop's day before yesterday: these orders are not here, another one is."""
    now = timezone.now()
    day = (now - timedelta(days=2)).astimezone(shop.zone).date()
    begin = datetime.combine(day, time(), tzinfo=shop.zone)
    count = len(order_ids)
    values: dict[str, Any] = {
        "day": day,
        "since": begin,
        "until": begin + timedelta(days=1),
        "their_orders": 1 + count,
        "our_orders": 1,
        "their_units": 1 + count,
        "our_units": 1,
        "their_money": {shop.currency: str(40 * (1 + count))},
        "our_money": {shop.currency: "40"},
        "found": count,
        "left": count,
        "found_at": now,
        "checked_at": now,
    }
    gap = SyncGap.objects.create(shop=shop, **values | fields)
    SyncGapOrder.objects.bulk_create(
        SyncGapOrder(
            gap=gap,
            remote_id=order_id,
            kind=SyncGapOrder.Kind.MISSING,
            theirs=f"1 unit, 40 {shop.currency}",
        )
        for order_id in order_ids
    )
    return gap


def make_push(
    sku: ListingSku, place: ShopWarehouse | None = None, **fields: Any
) -> StockPush:
    """Told 4 an hour ago and showing 4, in `place` if one is given."""
    now = timezone.now()
    key = place.remote_id if place else "695500001"
    values: dict[str, Any] = {
        "state": StockPush.State.IN_STEP,
        "wanted": {key: 4},
        "wanted_total": 4,
        "accepted": {key: 4},
        "accepted_total": 4,
        "accepted_at": now - timedelta(hours=1),
        "found": {key: 4},
        "found_total": 4,
        "found_at": now,
    }
    return StockPush.objects.create(listing_sku=sku, shop=sku.shop, **values | fields)


def make_drift(
    sku: ListingSku, place: ShopWarehouse, found: int = 9, **fields: Any
) -> StockDrift:
    """Told 4, and shows another number: somebody moved it."""
    now = timezone.now()
    values: dict[str, Any] = {
        "wanted": 4,
        "told": 4,
        "told_at": now - timedelta(hours=1),
        "found": found,
        "mover": StockDrift.Mover.SOMEBODY,
        "evidence": "Told 4 at 10:02; no order since.",
        "found_at": now,
        "last_seen_at": now,
    }
    return StockDrift.objects.create(
        shop=sku.shop, listing_sku=sku, shop_warehouse=place, **values | fields
    )
