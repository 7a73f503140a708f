"""All about one SKU's stock: where it is, how it came about, who was promised it, and
what shops are told."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone

from apps.core.admin import ModelAdmin, ago
from apps.inventory.admin import movements_rows as rows
from apps.inventory.admin import sku_page_told
from apps.inventory.admin.base import CappedPaginator
from apps.inventory.admin.levels_words import deeds_for, state_badges
from apps.inventory.admin.sku_page_chart import chart_of
from apps.inventory.admin.sku_page_parts import parts_of
from apps.inventory.admin.sku_page_queue import MOST_BACK, coming_back, promises
from apps.inventory.models import StockLevel, StockMovement, Warehouse
from apps.inventory.services.history import Change, history_of
from apps.products.admin.base import other_pages
from apps.products.models import Variant
from apps.users.roles import CHANGE_STOCK

PERIODS = {"30": "30 days", "90": "90 days", "365": "a year"}
DEFAULT_PERIOD = "90"
MOVEMENTS_A_PAGE = 25
Address = Callable[..., str]


def page(
    pages: ModelAdmin,
    request: HttpRequest,
    variant: Variant,
    warehouse: Warehouse | None = None,
) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    rows_of_it = StockLevel.objects.filter(variant=variant)
    levels = list(
        rows_of_it.select_related("warehouse").order_by(
            "-warehouse__is_default", "warehouse__name", "pk"
        )
    )
    chosen = warehouse or _asked_for(request, levels)
    shown = [row for row in levels if chosen is None or row.warehouse_id == chosen.pk]
    address = _addresses(request, variant, chosen)
    context = (
        _head(request, variant, levels, chosen)
        | _places(levels, chosen, address)
        | _history(request, shown, address)
        | _queue(request, shown)
        | _movements(request, shown)
    )
    context["shops"] = sku_page_told.told_of(variant, request.user)
    context["rules"] = sku_page_told.rules_for(variant, levels, request.user)
    if variant.is_bundle:
        context["parts"], context["makeable"] = parts_of(variant)
        context["can_be_made"] = sum(each.count for each in context["makeable"])
    return pages.own_page(request, "inventory/sku.html", context)


def _head(
    request: HttpRequest,
    variant: Variant,
    levels: Sequence[StockLevel],
    chosen: Warehouse | None,
) -> dict[str, Any]:
    user = request.user
    may_change = user.has_perm(CHANGE_STOCK, variant) and not variant.is_bundle
    names = ("on_hand", "reserved", "expected_back", "quarantined", "short")
    return {
        "title": f"Stock of {variant.sku}",
        "variant": variant,
        "chosen": chosen,
        "sees_product": Variant.objects.visible_to(user).filter(pk=variant.pk).exists(),
        "deeds": deeds_for(variant, chosen) if may_change else [],
        "totals": {name: sum(getattr(row, name) for row in levels) for name in names}
        | {"available": sum(row.available for row in levels)},
    }


def _places(
    levels: Sequence[StockLevel], chosen: Warehouse | None, address: Address
) -> dict[str, Any]:
    return {
        "levels": [
            {
                "row": row,
                "badges": state_badges(row),
                "counted": ago(row.counted_at),
                "changed": ago(row.changed_at),
                "address": address(warehouse=str(row.warehouse_id)),
                "is_chosen": chosen is not None and row.warehouse_id == chosen.pk,
            }
            for row in levels
        ],
        "all_warehouses": address(warehouse=""),
    }


def _history(
    request: HttpRequest, levels: Sequence[StockLevel], address: Address
) -> dict[str, Any]:
    asked = request.GET.get("days", DEFAULT_PERIOD)
    if asked not in PERIODS:
        messages.warning(request, "Period: ignored, because it does not fit here.")
        asked = DEFAULT_PERIOD
    history = history_of(levels, timezone.now().date(), int(asked))
    return {
        "chart": None if history.is_empty else chart_of(history),
        "days": [day for day in reversed(history.days) if day.change != Change()],
        "counts": list(reversed(history.counts)),
        "periods": [
            {
                "title": title,
                "query": address(days=days),
                "is_current": days == asked,
            }
            for days, title in PERIODS.items()
        ],
    }


def _queue(request: HttpRequest, levels: Sequence[StockLevel]) -> dict[str, Any]:
    asked, shown = promises(levels, request.user, request.GET.get("promised"))
    back = coming_back(levels, request.user)
    return {
        "promises": shown,
        "promise_count": asked.paginator.count,
        "promise_pages": other_pages(request, asked, "promised"),
        "back": back[:MOST_BACK],
        "more_back": len(back) > MOST_BACK,
    }


def _movements(request: HttpRequest, levels: Sequence[StockLevel]) -> dict[str, Any]:
    found = rows.whole(StockMovement.objects.filter(level__in=levels))
    paged = CappedPaginator(found.order_by("-booked_at", "-pk"), MOVEMENTS_A_PAGE)
    asked = paged.get_page(request.GET.get("p"))
    return {
        "movements": [
            {
                "row": row,
                "booked": ago(row.booked_at),
                "reason": rows.reason_badge(row),
                "cause": rows.cause_link(row.cause),
                "on_hand": rows.signed(row.on_hand),
                "reserved": rows.signed(row.reserved),
                "aside": rows.aside(row),
                "after": rows.after(row),
                "who": rows.who(row),
            }
            for row in rows.with_causes(asked.object_list, request.user)
        ],
        "movement_pages": other_pages(request, asked, "p"),
        "movement_list": reverse("admin:inventory_stockmovement_changelist"),
    }


def _asked_for(request: HttpRequest, levels: Sequence[StockLevel]) -> Warehouse | None:
    """The warehouse that the address names, of those that hold the SKU."""
    asked = request.GET.get("warehouse", "")
    if not asked:
        return None
    for row in levels:
        if str(row.warehouse_id) == asked:
            return row.warehouse
    messages.warning(request, "Warehouse: ignored, because it does not fit here.")
    return None


def _addresses(
    request: HttpRequest, variant: Variant, chosen: Warehouse | None
) -> Address:
    """What makes the address of this page with other values, from the first rows on."""
    query = request.GET.copy()
    for name in ("p", "promised"):
        query.pop(name, None)
    if chosen is not None:
        query["warehouse"] = str(chosen.pk)
    page = reverse("admin:inventory_stocklevel_sku", args=[variant.pk])

    def address(**changes: str) -> str:
        changed = query.copy()
        for name, value in changes.items():
            changed.setlist(name, [value] if value else [])
        text = changed.urlencode()
        return f"{page}?{text}" if text else page

    return address
