"""The stock of shops as a file: a row per SKU and warehouse of the platform."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from apps.core.exports import csv_response
from apps.core.storing import portions
from apps.sync.admin.push_filters import PushFilters
from apps.sync.admin.stock_selection import chosen
from apps.sync.models import StockPush

HEADER = (
    "shop",
    "region",
    "product_id",
    "title",
    "sku_id",
    "seller_sku",
    "our_sku",
    "state",
    "warehouse_id",
    "to_show",
    "told",
    "told_at",
    "shows",
    "shows_at",
    "refused_because",
    "reason",
)


def export(request: HttpRequest) -> StreamingHttpResponse:
    """Of those ticked; of all that match, if none is."""
    visible = StockPush.objects.visible_to(request.user)
    rows = chosen(request, visible, PushFilters, all_if_none=True)
    keys = list(rows.order_by("shop", "pk").values_list("pk", flat=True))
    name = f"shop-stock-{timezone.now():%Y%m%d-%H%M}.csv"
    return csv_response(name, HEADER, _rows(keys))


def _rows(keys: list[int]) -> Iterator[tuple[Any, ...]]:
    for some in portions(keys):
        pushes = StockPush.objects.filter(pk__in=some).select_related(
            "shop", "listing_sku__listing", "listing_sku__variant"
        )
        for push in pushes.order_by("shop", "pk"):
            for warehouse in sorted({*push.wanted, *push.accepted, *push.found}) or [
                ""
            ]:
                yield _row(push, warehouse)


def _row(push: StockPush, warehouse: str) -> tuple[Any, ...]:
    sku = push.listing_sku
    return (
        push.shop.name,
        push.shop.region,
        sku.listing.remote_id,
        sku.listing.title,
        sku.remote_id,
        sku.seller_sku,
        sku.variant.sku if sku.variant else "",
        push.state,
        warehouse,
        push.wanted.get(warehouse, ""),
        push.accepted.get(warehouse, ""),
        _instant(push.accepted_at),
        push.found.get(warehouse, ""),
        _instant(push.found_at),
        push.fault,
        push.message,
    )


def _instant(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""
