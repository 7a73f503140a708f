"""What webhook 71 tells of a SKU's stock.

Source: Partner Center, "Webhooks": InventoryChangedByShop. Its trigger sources are not
documented; ours are the words of the stock's log.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.simulator.world.listing_news import News
from apps.simulator.world.rolls import roll


@dataclass(frozen=True, slots=True)
class Level:
    """A SKU's stock over all warehouses, and by how much it has just changed."""

    available: int
    committed: int
    reserved: dict[str, int]  # by kind
    deltas: tuple[int, int]  # of available and committed pieces


def stock_changed(
    ids: tuple[str, str, str], level: Level, source: str, moment: int, number: int
) -> News:
    """`ids`: shop, product, SKU; `number` tells changes of one moment apart."""
    shop_id, product_id, sku_id = map(int, ids)
    at = datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    event_id = f"{roll('stock news', sku_id, moment, number):016x}"
    detail = {"idempotency_key": f"{event_id}-1", "trigger_source": source.upper()}
    return 71, {
        "event_id": event_id,
        "occurred_at": at,
        "shop_id": shop_id,
        "product_id": product_id,
        "sku_id": sku_id,
        "quantity_snapshot_after_change": {
            "total_quantity": level.available + level.committed,
            "total_available_quantity": level.available,
            "total_committed_quantity": level.committed,
            "in_shop_quantity": level.available - sum(level.reserved.values()),
            "campaign_locked_quantity": level.reserved["campaign"],
            "creator_locked_quantity": level.reserved["creator"],
        },
        "change_detail": [detail | {"occurred_at": at} | _deltas(level)],
    }


def _deltas(level: Level) -> dict[str, Any]:
    available, committed = level.deltas
    return {
        "total_quantity_delta": available + committed,
        "available_quantity_delta": available,
        "committed_quantity_delta": committed,
        "in_shop_quantity_delta": available,
        "campaign_locked_quantity_delta": 0,
        "creator_locked_quantity_delta": 0,
    }
