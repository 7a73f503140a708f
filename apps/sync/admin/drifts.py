"""Where shops show another number than they were told: who moved it, what to do."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.platforms.admin.switcher import switcher_for
from apps.products.admin.listing_words import shop_words
from apps.sync.admin import drift_bulk, drift_deeds, stock_words
from apps.sync.admin.drift_filters import DriftFilters, DriftList
from apps.sync.admin.stock_base import AtShopRows, kept_of, marked, tabs_of
from apps.sync.admin.stock_selection import tick
from apps.sync.models import StockDrift
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK


class DriftAdmin(AtShopRows):
    list_display = [
        "tick",
        "sku",
        "shop_name",
        "told",
        "shows",
        "moved_by",
        "since",
        "state_text",
    ]
    list_display_links = None
    list_class = DriftList
    list_title = "Differences"
    list_before_template = "sync/stock_drifts.html"
    ordering = ["-found_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        own = path("bulk/", self._view(drift_bulk.bulk), name="sync_stockdrift_bulk")
        kept = [
            url
            for url in super().get_urls()
            if url.name == "sync_stockdrift_changelist"
        ]
        return [*kept, own]

    def _view(self, view: Callable[..., HttpResponseBase]) -> Any:
        return self.admin_site.admin_view(partial(view, self))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related(
            "listing_sku__stock_push", "shop_warehouse", "settled_by"
        )

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, DriftFilters)
        cl.result_list = marked(request, list(cl.result_list))
        counts = filters.counts(StockDrift.objects.visible_to(request.user))
        may_act = request.user.has_perm(CHANGE_STOCK)
        can_be = filters.current_tab in ("open", "left", "all")
        return {
            "filters": filters,
            "tabs": tabs_of(cl, counts),
            "has_rows": bool(cl.result_count) or any(counts.values()),
            "reset_query": f"?tab={filters.current_tab}",
            "deeds": drift_deeds.DEEDS.values() if may_act and can_be else [],
            "kept": kept_of(request, filters),
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_STOCK)

    @admin.display(description="")
    def tick(self, drift: Any) -> SafeString | str:
        can_be = drift.may_act and drift.state in drift_deeds.SETTLED_FROM
        return tick(drift) if can_be else ""

    @admin.display(description="SKU", ordering="listing_sku__listing__title")
    def sku(self, drift: StockDrift) -> SafeString:
        words = stock_words.sku_words(drift.listing_sku)
        push = getattr(drift.listing_sku, "stock_push", None)
        if push is None:
            return words
        address = reverse("admin:sync_stockpush_change", args=[push.pk])
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, drift: StockDrift) -> SafeString:
        return format_html(
            '{}<span class="soft">{}</span>',
            shop_words(drift.shop),
            drift.shop_warehouse,
        )

    @admin.display(description="Told", ordering="told")
    def told(self, drift: StockDrift) -> SafeString:
        ours = f"ours now {drift.wanted:,}" if drift.wanted != drift.told else ""
        return format_html(
            '<span class="money">{}</span><span class="soft">{}</span>',
            stock_words.figure(drift.told),
            ours,
        )

    @admin.display(description="Shows", ordering="found")
    def shows(self, drift: StockDrift) -> SafeString:
        return format_html('<span class="money">{}</span>', f"{drift.found:,}")

    @admin.display(description="Moved by", ordering="mover")
    def moved_by(self, drift: StockDrift) -> SafeString:
        return format_html(
            '<div class="titled">{}<br><span class="soft">{}</span></div>',
            drift.get_mover_display(),
            drift.evidence,
        )

    @admin.display(description="Since", ordering="found_at")
    def since(self, drift: StockDrift) -> SafeString | str:
        return ago(drift.found_at)

    @admin.display(description="State", ordering="state")
    def state_text(self, drift: StockDrift) -> SafeString:
        by = f" by {drift.settled_by}" if drift.settled_by else ""
        settled = format_html("{}{}", ago(drift.settled_at), by)
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>',
            stock_words.drift_badge(drift),
            settled if drift.settled_at else "",
        )
