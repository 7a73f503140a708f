"""Listings of all shops one sees: a list to work through, and what can be done to many.

They come from the platform; here nobody adds or edits a row by hand.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin import (
    bulk,
    listing_attributes,
    listing_page,
    listing_words,
    pictures_shown,
    prices,
)
from apps.products.admin.at_shop import AtShopAdmin
from apps.products.admin.listing_filters import TABS, ListingFilters, ListingList
from apps.products.models import Listing, ListingDraft, ListingSku
from apps.users.roles import CHANGE_LISTING, VIEW_LISTING


class ListingAdmin(AtShopAdmin):
    list_display = [
        "tick",
        "listing",
        "state",
        "shop_name",
        "price",
        "stock",
        "skus",
        "updated",
    ]
    list_display_links = ["listing"]
    list_class = ListingList
    list_title = "Listings"
    list_before_template = "products/listings/list.html"
    ordering = ["-remote_updated_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("bulk/", self._view(bulk.bulk), name="products_listing_bulk"),
            path(
                "<int:object_id>/picture/",
                self._view(pictures_shown.picture),
                name="products_listing_picture",
            ),
            path(
                "<int:object_id>/prices/",
                self._view(prices.prices),
                name="products_listing_prices",
            ),
            path(
                "<int:object_id>/attributes/",
                self._view(listing_attributes.attributes),
                name="products_listing_attributes",
            ),
            path(
                "<int:object_id>/do/<slug:deed>/",
                self._view(listing_page.act),
                name="products_listing_act",
            ),
            path(
                "<path:object_id>/",
                self.admin_site.admin_view(self.change_view),
                name="products_listing_change",
            ),
        ]
        kept = [
            url
            for url in super().get_urls()
            if url.name == "products_listing_changelist"
        ]
        return [*kept, *own]

    def _view(self, view: Callable[..., HttpResponseBase]) -> Any:
        return self.bound(partial(view, self))

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Nobody ticks what they cannot do anything with."""
        may_act = request.user.has_perm(CHANGE_LISTING)
        return [name for name in self.list_display if name != "tick" or may_act]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, ListingFilters)
        cl.result_list = with_figures(list(cl.result_list), request)
        visible = Listing.objects.visible_to(request.user)
        counts = filters.counts(visible)
        shops = Shop.objects.visible_to(request.user, VIEW_LISTING)
        may_act = request.user.has_perm(CHANGE_LISTING)
        drafts = ListingDraft.objects.visible_to(request.user)
        return {
            "filters": filters,
            "tabs": [
                {
                    "title": title,
                    "count": counts[name],
                    "is_current": name == filters.current_tab,
                    "query": cl.get_query_string({"tab": name, "o": None}, ["p"]),
                }
                for name, (title, _) in TABS.items()
            ],
            "reset_query": f"?tab={filters.current_tab}",
            "has_listings": bool(cl.result_count) or any(counts.values()),
            "has_shops": bool(cl.result_count) or shops.exists(),
            "may_act": may_act,
            "deeds": bulk.offered(filters.current_tab) if may_act else [],
            "kept": [
                (name, value)
                for name, value in request.GET.items()
                if name in filters.fields and value
            ],
            "open_drafts": drafts.filter(state=ListingDraft.State.OPEN).count(),
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_LISTING)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return listing_page.page(self, request, object_id)

    @admin.display(description="")
    def tick(self, listing: Any) -> SafeString | str:
        return bulk.tick(listing) if listing.may_act else ""

    @admin.display(description="Listing", ordering="title")
    def listing(self, listing: Any) -> SafeString:
        return format_html(
            '<span class="with-picture">{}<span><span class="linked">{}</span><br>'
            '<span class="soft mono">{}</span></span></span>',
            pictures_shown.image(
                listing,
                reverse("admin:products_listing_picture", args=[listing.pk]),
            ),
            listing.title or "Not pulled yet",
            listing.remote_id,
        )

    @admin.display(description="Status", ordering="status")
    def state(self, listing: Listing) -> SafeString:
        reason = listing_words.refusal_begins(listing)
        return format_html(
            '<div>{} {}<br><span class="soft">{}</span></div>',
            listing_words.status_badge(listing),
            listing_words.audit_badge(listing),
            reason,
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, listing: Listing) -> SafeString:
        return listing_words.shop_words(listing.shop)

    @admin.display(description="Price")
    def price(self, listing: Any) -> SafeString:
        return format_html('<span class="money">{}</span>', listing.prices)

    @admin.display(description="Stock told")
    def stock(self, listing: Any) -> SafeString:
        told = "—" if listing.stock is None else f"{listing.stock:,}"
        return format_html('<span class="money">{}</span>', told)

    @admin.display(description="SKUs")
    def skus(self, listing: Any) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">{} matched</span></div>',
            listing.sku_count,
            f"{listing.matched} of {listing.sku_count}",
        )

    @admin.display(description="Updated", ordering="remote_updated_at")
    def updated(self, listing: Listing) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">learnt {}</span></div>',
            ago(listing.remote_updated_at),
            ago(listing.status_learnt_at),
        )


def with_figures(page: list[Any], request: HttpRequest) -> list[Any]:
    """Prices, stock and matching of the rows shown, in one query for the page."""
    keys = [listing.pk for listing in page]
    skus = ListingSku.objects.present().filter(listing__in=keys).order_by()
    prices: dict[int, list[Any]] = defaultdict(list)
    stock: dict[int, int] = {}
    matched: dict[int, int] = defaultdict(int)
    for key, amount, currency, quantity, mapping in skus.values_list(
        "listing", "price_amount", "currency", "quantity", "mapping"
    ):
        prices[key].append((amount, currency))
        if quantity is not None:
            stock[key] = stock.get(key, 0) + quantity
        matched[key] += mapping == ListingSku.Mapping.MATCHED
    may_act: dict[int, bool] = {}
    for listing in page:
        if listing.shop_id not in may_act:
            may_act[listing.shop_id] = request.user.has_perm(CHANGE_LISTING, listing)
        listing.may_act = may_act[listing.shop_id]
        listing.prices = listing_words.price_range(prices[listing.pk])
        listing.stock = stock.get(listing.pk)
        listing.sku_count = len(prices[listing.pk])
        listing.matched = matched[listing.pk]
    return page
