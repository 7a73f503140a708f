"""Runs that pulled from a platform, and what shops were told of stock."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.inventory.models import ShopWarehouse
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import Resource, StockDrift, StockPush, SyncRun


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
