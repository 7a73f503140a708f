"""The tab of what a shop is told of our stock: whether, which places, how it stands."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from apps.inventory.models import ShopStockSettings, ShopWarehouse, Warehouse
from apps.inventory.services.settings import settings_of
from apps.platforms.admin.runs_shown import last_run
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.admin import push_filters
from apps.sync.models import Resource, StockDrift, StockPush, SyncRun
from apps.sync.services.due import next_pull
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_SHOP, CHANGE_STOCK, VIEW_RUN

Tile = tuple[str, str, int]


class StockSettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whether the shop is told at all is switched on a page that shows the effect."""

    class Meta:
        model = ShopStockSettings
        fields = ("drift", "zero")
        help_texts = {
            "drift": "Shops are compared each hour. Sales there are no difference.",
            "zero": "TikTok refuses 0 for some listings. Leaving one piece sells a "
            "piece that is not there.",
        }


def may_set(user: AnyUser, shop: Shop) -> bool:
    """What this one shop is told: who works on stock there, or runs the shop."""
    return any(user.has_perm(name, shop) for name in (CHANGE_STOCK, CHANGE_SHOP))


def may_book(user: AnyUser, shop: Shop) -> bool:
    """What changes the stock of all the client's shops."""
    return user.has_perm(CHANGE_STOCK, shop.client)


def tab_address(shop: Shop) -> str:
    return f"{reverse('admin:platforms_shop_change', args=[shop.pk])}?tab=stock"


def stock_context(request: HttpRequest, shop: Shop, now: datetime) -> dict[str, Any]:
    """For templates/platforms/shop_stock.html; each number is that of the list it
    leads to."""
    user = request.user
    is_open = shop.state != Shop.State.DISCONNECTED
    settings = settings_of(shop)
    compared = last_run(shop, Resource.STOCK)
    next_at = next_pull(shop, Resource.STOCK, now)
    return {
        "stock_settings": settings,
        "stock_form": StockSettingsForm(instance=settings),
        "may_set_stock": is_open and may_set(user, shop),
        "may_book_stock": is_open and may_book(user, shop),
        "may_tell_stock": user.has_perm(CHANGE_STOCK, shop),
        "push_states": _push_states(shop),
        "open_drifts": StockDrift.objects.open().filter(shop=shop).count(),
        "sku_counts": _sku_counts(shop),
        "places": list(
            ShopWarehouse.objects.filter(shop=shop).select_related("warehouse")
        ),
        "warehouses": list(
            Warehouse.objects.filter(client=shop.client_id, is_active=True)
        ),
        "last_compare": compared,
        "is_compared_now": compared is not None
        and compared["run"].state == SyncRun.State.RUNNING,
        "next_compare_at": next_at,
        "is_compare_due": next_at is not None and next_at <= now,
        "may_see_runs": user.has_perm(VIEW_RUN, shop),
    }


def _push_states(shop: Shop) -> list[Tile]:
    """(tab of the list, its title, number)"""
    counts = StockPush.objects.filter(shop=shop).aggregate(
        **{
            name: Count("pk", filter=question)
            for name, (_, question) in push_filters.TABS.items()
        }
    )
    tabs = push_filters.TABS.items()
    return [(name, title, counts[name]) for name, (title, _) in tabs]


def _sku_counts(shop: Shop) -> dict[str, int]:
    counts: dict[str, int] = (
        ListingSku.objects.filter(shop=shop)
        .listed()
        .aggregate(
            matched=Count("pk", filter=Q(variant__isnull=False)),
            open=Count(
                "pk",
                filter=Q(variant__isnull=True) & ~Q(mapping=ListingSku.Mapping.IGNORED),
            ),
        )
    )
    return counts
