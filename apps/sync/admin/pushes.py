"""What each SKU of a shop is to show, was told and shows: a list to work through.

Rows are written by the pushes alone; here they are looked at, and told again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.admin import ago, badge
from apps.inventory.models import ShopStockSettings
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin.listing_words import shop_words
from apps.sync.admin import push_bulk, push_page, stock_words
from apps.sync.admin.push_filters import PushFilters, PushList, with_drifts
from apps.sync.admin.stock_base import AtShopRows, kept_of, marked, tabs_of
from apps.sync.admin.stock_selection import tick
from apps.sync.models import StockDrift, StockPush
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK


class PushAdmin(AtShopRows):
    list_display = [
        "tick",
        "sku",
        "shop_name",
        "to_show",
        "told",
        "shows",
        "difference",
        "state_text",
    ]
    list_display_links = ["sku"]
    list_class = PushList
    list_title = "Shop stock"
    list_before_template = "sync/stock_list.html"
    ordering = ["shop__name", "listing_sku__listing__title", "pk"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("bulk/", self._view(push_bulk.bulk), name="sync_stockpush_bulk"),
            path(
                "<path:object_id>/change/",
                self._view(push_page.page),
                name="sync_stockpush_change",
            ),
        ]
        kept = [
            url for url in super().get_urls() if url.name == "sync_stockpush_changelist"
        ]
        return [*kept, *own]

    def _view(self, view: Callable[..., HttpResponseBase]) -> Any:
        return self.admin_site.admin_view(partial(view, self))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_drifts(super().get_queryset(request))

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, PushFilters)
        cl.result_list = marked(request, list(cl.result_list))
        visible = StockPush.objects.visible_to(request.user)
        counts = filters.counts(visible)
        drifts = StockDrift.objects.visible_to(request.user).open()
        told = ShopStockSettings.objects.visible_to(request.user)
        may_act = request.user.has_perm(CHANGE_STOCK)
        return {
            "filters": filters,
            "tabs": tabs_of(cl, counts),
            "open_drifts": drifts.count(),
            "has_rows": bool(cl.result_count) or any(counts.values()),
            "is_any_told": told.filter(is_pushed=True).exists(),
            "first_shop": Shop.objects.visible_to(request.user, VIEW_STOCK).first(),
            "reset_query": f"?tab={filters.current_tab}",
            "deeds": push_bulk.DEEDS.values() if may_act else [],
            "kept": kept_of(request, filters),
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_STOCK)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return push_page.page(self, request, object_id)

    @admin.display(description="")
    def tick(self, push: Any) -> SafeString | str:
        return tick(push) if push.may_act else ""

    @admin.display(description="SKU", ordering="listing_sku__listing__title")
    def sku(self, push: StockPush) -> SafeString:
        return stock_words.sku_words(push.listing_sku)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, push: StockPush) -> SafeString:
        return shop_words(push.shop)

    @admin.display(description="To show", ordering="wanted_total")
    def to_show(self, push: StockPush) -> SafeString:
        return _figure(push.wanted_total)

    @admin.display(description="Told", ordering="accepted_total")
    def told(self, push: StockPush) -> SafeString:
        return _figure(push.accepted_total, push.accepted_at)

    @admin.display(description="Shows", ordering="found_total")
    def shows(self, push: StockPush) -> SafeString:
        return _figure(push.found_total, push.found_at)

    @admin.display(description="Difference")
    def difference(self, push: Any) -> SafeString:
        open_one = badge("Look at it", "attention") if push.has_drift else ""
        return format_html("{} {}", stock_words.difference_badge(push), open_one)

    @admin.display(description="State", ordering="state")
    def state_text(self, push: StockPush) -> SafeString:
        lines = [text for text in (push.message, stock_words.advice(push)) if text]
        words = format_html_join(mark_safe("<br>"), "{}", ((text,) for text in lines))
        again: SafeString | str = ""
        is_failed = push.state == StockPush.State.FAILED
        if is_failed and push.next_try_at and push.next_try_at > timezone.now():
            again = format_html(" again {}", ago(push.next_try_at))
        return format_html(
            '<div class="titled">{}{}<br><span class="soft">{}</span></div>',
            stock_words.push_badge(push),
            again,
            words,
        )


def _figure(pieces: int | None, at: Any = None) -> SafeString:
    when = format_html('<br><span class="soft">{}</span>', ago(at)) if at else ""
    return format_html(
        '<span class="money">{}{}</span>', stock_words.figure(pieces), when
    )
