"""One SKU of a shop: how its number comes about, what it was told, what it shows."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from apps.core.admin import ago
from apps.inventory.admin.rules_words import seen_shops
from apps.inventory.models import ShopWarehouse
from apps.inventory.services.telling import Told, figures_for
from apps.platforms.models import Shop
from apps.sync.admin import drift_deeds, stock_words
from apps.sync.models import StockDrift, StockPush
from apps.users.roles import CHANGE_STOCK, VIEW_CALL, VIEW_LISTING, VIEW_PRODUCT

MOST_DRIFTS = 30
# Where the platform takes stock of a product, as the API log has it.
_CALL = "/product/202309/products/{}/inventory/update"


def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    push = admin.seen(request, object_id)
    if push is None:
        missing: HttpResponse = admin.missing(request, object_id)
        return missing
    shown: HttpResponse = admin.own_page(
        request, "sync/stock_push.html", _context(push, request)
    )
    return shown


def _context(push: StockPush, request: HttpRequest) -> dict[str, Any]:
    sku, user = push.listing_sku, request.user
    told = figures_for([sku])[sku.pk]
    drifts = list(
        StockDrift.objects.filter(listing_sku=sku)
        .select_related("shop__client", "shop_warehouse", "settled_by", "listing_sku")
        .order_by("-found_at", "-pk")[:MOST_DRIFTS]
    )
    return {
        "title": f"Stock of {sku} in {push.shop}",
        "push": push,
        "sku": sku,
        "shop": push.shop,
        "badge": stock_words.push_badge(push),
        "difference": stock_words.difference_badge(push),
        "advice": stock_words.advice(push),
        "told": told,
        "warehouses": _warehouses(push, told, seen_shops(user)),
        "facts": _facts(push),
        "open_drifts": [_drift(row) for row in drifts if _is_open(row)],
        "past_drifts": [_drift(row) for row in drifts if not _is_open(row)],
        "drift_deeds": drift_deeds.DEEDS.values(),
        "may_act": user.has_perm(CHANGE_STOCK, push)
        and push.shop.state == Shop.State.CONNECTED,
        "sees_listing": user.has_perm(VIEW_LISTING, push),
        "sees_product": user.has_perm(VIEW_PRODUCT, push.shop.client),
        "stock_page": sku.variant_id
        and reverse("admin:inventory_stocklevel_sku", args=[sku.variant_id]),
        "calls": _calls(push) if user.has_perm(VIEW_CALL, push) else "",
    }


def _warehouses(push: StockPush, told: Told, seen: set[int]) -> list[dict[str, Any]]:
    """A row for each warehouse of the platform that is told, was told or shows some."""
    keys = {*told.by_warehouse, *push.accepted, *push.found, *push.sent}
    known = ShopWarehouse.objects.filter(shop=push.shop_id, remote_id__in=keys)
    names = {row.remote_id: row for row in known.select_related("warehouse")}
    rows = [_warehouse(push, told, key, names.get(key)) for key in sorted(keys)]
    for row in rows:
        row["steps"] = [(step.words_for(seen), step.pieces) for step in row["steps"]]
    return rows


def _warehouse(
    push: StockPush, told: Told, key: str, place: ShopWarehouse | None
) -> dict[str, Any]:
    share = told.by_warehouse.get(key)
    was_told, shows = push.accepted.get(key), push.found.get(key)
    differs = isinstance(was_told, int) and isinstance(shows, int)
    return {
        "remote_id": key,
        "name": str(place) if place else key,
        "ours": place.warehouse if place else None,
        "available": stock_words.figure(share.available if share else None),
        "steps": share.steps if share else [],
        "to_show": stock_words.figure(share.pieces if share else None),
        "told": stock_words.figure(was_told),
        "shows": stock_words.figure(shows),
        "difference": f"{shows - was_told:+,}" if differs and shows != was_told else "",
    }


def _facts(push: StockPush) -> Iterable[tuple[str, Any]]:
    yield "Told last", ago(push.accepted_at)
    yield "Looked at last", ago(push.found_at)
    if push.due_since:
        yield "Waits since", ago(push.due_since)
    if push.state == StockPush.State.SENDING:
        yield "Being sent since", ago(push.sending_since)
    if push.attempts:
        yield "Tries", f"{push.attempts:,}"
    if push.next_try_at:
        yield "Next try", ago(push.next_try_at)
    if push.fault_code:
        yield "TikTok's code", str(push.fault_code)
    if push.is_taken_off_sale:
        yield "Off sale", "Taken off sale by us, because TikTok takes no 0."


def _is_open(drift: StockDrift) -> bool:
    return drift.state == StockDrift.State.OPEN


def _drift(drift: StockDrift) -> dict[str, Any]:
    return {
        "drift": drift,
        "badge": stock_words.drift_badge(drift),
        "since": ago(drift.found_at),
        "settled": ago(drift.settled_at),
        "change": f"{drift.found - (drift.told or 0):+,}",
    }


def _calls(push: StockPush) -> str:
    path = _CALL.format(push.listing_sku.listing.remote_id)
    query = urlencode({"shop": str(push.shop_id), "path": path})
    return f"{reverse('admin:platforms_apicall_changelist')}?{query}"
