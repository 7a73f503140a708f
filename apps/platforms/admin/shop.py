"""The shops: cards or a table, and one page each. They come from a consent alone."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, badge
from apps.orders.models import Order
from apps.platforms.admin import order_pages, stock_pages, words
from apps.platforms.admin.actions import act
from apps.platforms.admin.cards import cards_for, orders_a_month
from apps.platforms.admin.filters import ShopFilters, ShopList
from apps.platforms.admin.page import page_context, tabs_for
from apps.platforms.admin.states import NEEDS_A_PERSON, state_badge, with_shown_state
from apps.platforms.models import Shop
from apps.webhooks.admin import subscriptions

# More would push the cards off the first screen.
MOST_NAMED = 3


class ShopAdmin(OwnList):
    list_display = [
        "shop_name",
        "client",
        "state_badge",
        "currency",
        "tokens",
        "last_sync",
        "placed_orders",
    ]
    list_display_links = ["shop_name"]
    # Default first, then by name; the key keeps pages apart.
    ordering = ["-is_default", "name", "pk"]
    list_per_page = 48
    list_class = ShopList
    list_title = "TikTok Shop Accounts"
    list_before_template = "platforms/shops.html"
    change_list_template = "platforms/shop_list.html"

    def get_urls(self) -> list[URLPattern]:
        """One page a shop, without `/change/`, and what can be done to it."""
        ours = [
            path(
                "<int:object_id>/do/<slug:name>/",
                self.admin_site.admin_view(self.act_view),
                name="platforms_shop_act",
            ),
            *stock_pages.paths(self),
            *order_pages.paths(self),
            *subscriptions.paths(self),
            path(
                "<path:object_id>/",
                self.admin_site.admin_view(self.change_view),
                name="platforms_shop_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name in ("platforms_shop_changelist", "platforms_shop_history")
        ]
        return [*kept, *ours]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shops: QuerySet[Any] = super().get_queryset(request).select_related("client")
        return with_shown_state(shops, timezone.now())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, ShopFilters)
        now = timezone.now()
        visible = self.get_queryset(request)
        waiting = list(visible.filter(shown_state__in=NEEDS_A_PERSON))
        shops = list(cl.result_list)
        cards = cards_for(shops, now, request.user)
        for shop, card in zip(shops, cards, strict=True):
            shop.card = card
        cl.result_list = shops
        return {
            "filters": filters,
            "cards": cards,
            "waiting": cards_for(waiting[:MOST_NAMED], now, request.user)
            if waiting
            else [],
            "waiting_count": len(waiting),
            "sum": _sum_of(cl.queryset, filters, now),
            "has_shops": bool(shops) or visible.exists(),
            "cards_query": cl.get_query_string({"view": "cards"}, ["p"]),
            "list_query": cl.get_query_string({"view": "list"}, ["p"]),
            "include_query": cl.get_query_string({"include": "test"}),
            "exclude_query": cl.get_query_string(remove=["include"]),
            "reset_query": "?view=list" if not filters.shows_cards else "?",
            "here": request.get_full_path(),
        }

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        shop = self.get_object(request, object_id)
        if shop is None:
            return self.missing(request, object_id)
        tab = request.GET.get("tab", "")
        if tab and tab not in tabs_for(request.user, shop):
            messages.warning(request, "Tab: ignored, because there is no such tab.")
        return self.tab_page(request, shop, tab, {})

    def act_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return act(
            request,
            name,
            shop=lambda: self.get_object(request, str(object_id)),
            missing=lambda: self.missing(request, str(object_id)),
            show=lambda shop, refused: self.tab_page(
                request, shop, refused.tab, refused.forms
            ),
        )

    def tab_page(
        self, request: HttpRequest, shop: Shop, tab: str, forms: dict[str, Any]
    ) -> TemplateResponse:
        context = page_context(request, shop, tab, forms) | {"title": str(shop)}
        return self.own_page(request, "platforms/shop.html", context)

    @admin.display(description="Shop", ordering="name")
    def shop_name(self, shop: Shop) -> SafeString:
        return format_html(
            '{} {} {}<br><span class="soft mono">{}</span>',
            words.shop_title(shop),
            badge(shop.region, "neutral"),
            words.environment_badge(shop),
            shop.remote_id,
        )

    @admin.display(description="State")
    def state_badge(self, shop: Shop) -> SafeString:
        return state_badge(shop)

    @admin.display(description="Tokens")
    def tokens(self, shop: Any) -> str:
        return str(shop.card.tokens)

    @admin.display(description="Last sync")
    def last_sync(self, shop: Any) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">products {}</span></div>',
            shop.card.last_sync,
            shop.card.last_products_sync,
        )

    @admin.display(description="Orders a month")
    def placed_orders(self, shop: Any) -> SafeString:
        return format_html(
            '<a class="money" href="{}?tab=all&amp;shop={}">{}</a>',
            reverse("admin:orders_order_changelist"),
            shop.pk,
            words.compact(shop.card.orders),
        )


def _sum_of(
    shops: QuerySet[Any], filters: ShopFilters, now: datetime
) -> dict[str, Any]:
    """Over the shops that match; test shops stay out unless asked for."""
    keys = dict(shops.order_by().values_list("pk", "environment"))
    counted = [
        key
        for key, environment in keys.items()
        if filters.includes_test_shops or environment == Shop.Environment.PRODUCTION
    ]
    orders = orders_a_month(Order.objects.filter(shop__in=counted), now)
    return {
        "shops": len(counted),
        "orders": sum(orders.values()),
        "left_out": len(keys) - len(counted),
    }
