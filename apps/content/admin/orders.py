"""Affiliate orders: what creators sold, SKU by SKU."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.content.admin.access import SeenByCreators
from apps.content.models import AffiliateOrder
from apps.content.models.affiliate import ContentType, Settlement
from apps.content.models.creator import handle_of
from apps.core.admin import OwnList, badge
from apps.core.filtering import FilterForm, FormList, date_input
from apps.core.money import Money
from apps.platforms.models import Shop
from apps.users.roles import VIEW_CREATOR, VIEW_ORDER

MOST_IDS = 100
_BADGES = {
    Settlement.UNKNOWN: "neutral",
    Settlement.AWAITING_PAYMENT: "neutral",
    Settlement.TO_SETTLE: "progress",
    Settlement.SETTLED: "good",
    Settlement.INELIGIBLE: "bad",
}


class AffiliateFilters(FilterForm):
    q = forms.CharField(
        label="Order IDs",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    creator = forms.CharField(required=False, max_length=120)
    content_type = forms.ChoiceField(
        label="Content", required=False, choices=[("", "All"), *ContentType.choices]
    )
    settlement = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), *Settlement.choices]
    )
    told = forms.ChoiceField(
        label="Told by",
        required=False,
        choices=[("", "Both"), ("shops", "Shops"), ("creators", "Creators")],
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_CREATOR))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        ids = (self.value("q") or "").replace(",", " ").split()[:MOST_IDS]
        told = self.value("told")
        asked = {
            "remote_order_id__in": ids,
            "shop": self.value("shop"),
            "creator__username": handle_of(self.value("creator") or ""),
            "content_type": self.value("content_type"),
            "settlement": self.value("settlement"),
            "placed_at__date__gte": self.value("since"),
            "placed_at__date__lte": self.value("until"),
        }
        rows = rows.filter(**{name: value for name, value in asked.items() if value})
        return rows.filter(shop__isnull=told == "creators") if told else rows


class AffiliateList(FormList):
    form_class = AffiliateFilters


class AffiliateOrderAdmin(OwnList, SeenByCreators):
    list_display = [
        "order_told",
        "who",
        "sold",
        "content",
        "placed_on",
        "estimated",
        "actual",
        "state",
    ]
    list_display_links = None
    list_class = AffiliateList
    list_title = "Affiliate orders"
    list_before_template = "content/affiliate_orders.html"
    list_select_related = ["shop", "creator", "creator_account", "order"]
    ordering = ["-placed_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        name = "content_affiliateorder_changelist"
        return [url for url in super().get_urls() if url.name == name]

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = list(cl.result_list)
        for row in cl.result_list:
            may_open = row.order_id and row.shop_id
            row.may_open = may_open and request.user.has_perm(VIEW_ORDER, row.shop)
        return super().list_context(request, cl) | {
            "has_any": bool(cl.result_count)
            or AffiliateOrder.objects.visible_to(request.user).exists(),
        }

    @admin.display(description="Order", ordering="remote_order_id")
    def order_told(self, row: Any) -> SafeString:
        by = f"Told by {row.shop or row.creator_account}"
        shown = format_html('<span class="mono">{}</span>', row.remote_order_id)
        if row.may_open:
            address = reverse("admin:orders_order_change", args=[row.order_id])
            shown = format_html('<a href="{}">{}</a>', address, shown)
        return format_html('<div>{}<br><span class="soft">{}</span></div>', shown, by)

    @admin.display(description="Creator", ordering="creator__username")
    def who(self, row: AffiliateOrder) -> SafeString | str:
        if row.creator is None:
            return "Not told"
        address = reverse("admin:content_creator_change", args=[row.creator.pk])
        return format_html('<a href="{}">{}</a>', address, row.creator)

    @admin.display(description="Sold")
    def sold(self, row: AffiliateOrder) -> SafeString:
        count = "" if row.quantity is None else f"{row.quantity:,} x "
        price = _money(row.price_amount, row.currency)
        name = row.product_name or row.remote_product_id or row.remote_sku_id
        return format_html(
            '<div>{}{}<br><span class="soft">{}</span></div>', count, price, name
        )

    @admin.display(description="Content", ordering="content_type")
    def content(self, row: AffiliateOrder) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft mono">{}</span></div>',
            row.get_content_type_display(),
            row.content_id,
        )

    @admin.display(description="Placed (UTC)", ordering="placed_at")
    def placed_on(self, row: AffiliateOrder) -> str:
        return f"{row.placed_at:%d %b %Y %H:%M}"

    @admin.display(description="Estimated", ordering="estimated_amount")
    def estimated(self, row: AffiliateOrder) -> SafeString:
        rate = "" if row.rate is None else f"{row.rate * 100:.2f} %"
        return format_html(
            '<div class="money">{}<br><span class="soft">{}</span></div>',
            _money(row.estimated_amount, row.currency),
            rate,
        )

    @admin.display(description="Actual", ordering="actual_amount")
    def actual(self, row: AffiliateOrder) -> SafeString:
        note = "An amount could not be read" if row.has_unread_amount else ""
        return format_html(
            '<div class="money">{}<br><span class="soft">{}</span></div>',
            _money(row.actual_amount, row.currency),
            note,
        )

    @admin.display(description="State", ordering="settlement")
    def state(self, row: AffiliateOrder) -> SafeString:
        settlement = Settlement(row.settlement)
        return badge(settlement.label, _BADGES[settlement])


def _money(amount: Decimal | None, currency: str) -> str:
    return "—" if amount is None else str(Money(amount, currency))
