"""The order list and what hangs on it. Orders come from platforms, never by hand."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, ago, badge
from apps.orders.admin import bulk, page, saved_views
from apps.orders.admin.desk import Desk
from apps.orders.admin.desk_context import desk_context
from apps.orders.admin.desk_list import DeskList, annotate_page
from apps.orders.admin.selection import tick
from apps.orders.admin.words import (
    priority_badge,
    ship_by,
    shop_time,
    status_badges,
)
from apps.orders.models import Order, questions
from apps.platforms.admin.words import environment_badge


class OrderAdmin(OwnList, ReadOnlyAdmin):
    list_display = [
        "order",
        "priority_badge",
        "status_badge",
        "shop_name",
        "total_text",
        "ship_by",
        "tracking",
        "sync",
    ]
    list_display_links = None
    list_before_template = "orders/desk.html"
    list_class = DeskList
    list_title = "Orders"
    # What must be shipped first comes first; deadlines already kept do not count.
    ordering = [
        Case(When(questions.waiting_to_ship(), then="ship_by_at")).asc(nulls_last=True),
        questions.priority_rank().asc(),
        "-placed_at",
        "-pk",
    ]

    def get_urls(self) -> list[URLPattern]:
        ours = [*saved_views.paths(self), *bulk.paths(self), *page.paths(self)]
        return [*ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("shop__client")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Work comes first by deadline; the whole history, newest first."""
        if Desk.read(request.GET, request.user).tab == "all":
            return ["-placed_at", "-pk"]
        return list(self.ordering)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        saved_views.open_view(request)
        return super().changelist_view(request, extra_context)

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        annotate_page(cl)
        return desk_context(request, cl)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return page.page(self, request, object_id)

    @admin.display(description="Order", ordering="remote_id")
    def order(self, order: Any) -> SafeString:
        return format_html(
            '<div class="with-tick">{}<div><a class="mono linked" href="{}">{}</a><br>'
            '<span class="soft">{} item{} · {}</span></div></div>',
            tick(order),
            order.address,
            order.remote_id,
            order.units,
            "" if order.units == 1 else "s",
            ago(order.placed_at, zone_note=shop_time(order)),
        )

    @admin.display(description="Priority", ordering=questions.priority_rank())
    def priority_badge(self, order: Order) -> SafeString:
        return priority_badge(order)

    @admin.display(description="Status", ordering="status")
    def status_badge(self, order: Any) -> SafeString:
        problem = badge("Package problem", "bad") if order.has_problem else ""
        return format_html("{}{}", status_badges(order), problem)

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, order: Order) -> SafeString:
        return format_html(
            "<div>{} {} {}</div>",
            order.shop.name,
            badge(order.shop.region, "neutral"),
            environment_badge(order.shop),
        )

    @admin.display(description="Total", ordering="total_amount")
    def total_text(self, order: Order) -> SafeString:
        return format_html('<span class="money">{}</span>', order.total or "—")

    @admin.display(description="Ship by", ordering="ship_by_at")
    def ship_by(self, order: Order) -> SafeString | str:
        return ship_by(order)

    @admin.display(description="Tracking", ordering="tracking_number")
    def tracking(self, order: Order) -> SafeString | str:
        if not order.tracking_number:
            return "—"
        return format_html(
            '<div><span class="mono">{}</span><br><span class="soft">{}</span></div>',
            order.tracking_number,
            order.carrier,
        )

    @admin.display(description="Sync")
    def sync(self, order: Any) -> SafeString:
        """Where it comes from, how long ago, and what is the matter."""
        told = [
            ("API", "neutral", order.from_api),
            ("File", "neutral", order.from_file),
            ("Refused", "bad", order.is_refused),
            ("Waiting for TikTok", "progress", order.is_under_way),
            ("Sources differ", "attention", order.has_conflict),
        ]
        badges = [(badge(text, kind),) for text, kind, holds in told if holds]
        return format_html(
            '<div>{}<br><span class="soft mono">{}</span></div>',
            format_html_join(" ", "{}", badges),
            ago(order.received_at),
        )
