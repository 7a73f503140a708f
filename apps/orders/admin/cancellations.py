"""Wishes to cancel, of all shops: what to answer, by when."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import ago
from apps.orders.admin import requests_bulk
from apps.orders.admin.base import AtShopRows
from apps.orders.admin.order_page_requests import (
    cancellation_badge,
    deadline,
    refund_told,
)
from apps.orders.admin.requests_bulk import BulkDeed, Desk, tick
from apps.orders.admin.requests_desk import (
    desk_context,
    order_words,
    refund_words,
)
from apps.orders.admin.requests_filters import (
    BY_DEADLINE,
    CancellationFilters,
    CancellationList,
)
from apps.orders.models import Cancellation, OrderAction, ShopOrderSettings
from apps.orders.services.actions import Wish


def _agreeing(row: Cancellation, settings: ShopOrderSettings) -> Wish | str:
    if row.order is None:
        return "Its order has not been pulled yet."
    return Wish(row.order, OrderAction.Kind.APPROVE_CANCELLATION, cancellation=row)


DESK = Desk(
    deeds={
        "agree": BulkDeed(
            "agree",
            "Agree to cancel",
            "TikTok cancels what each buyer asked for and pays them back. It cannot be "
            "undone. What they held in stock is free again.",
            _agreeing,
            seen=lambda row: (row.status, row.refund_amount),
        )
    },
    filters=CancellationFilters,
    list_name="admin:orders_cancellation_changelist",
    bulk_name="admin:orders_cancellation_bulk",
    template="orders/cancellation_bulk.html",
    noun="cancellation",
    amount=refund_told,
)


class CancellationAdmin(AtShopRows):
    list_display = [
        "request_words",
        "order_number",
        "status_words",
        "answer_by",
        "refund",
        "reason_words",
        "asked",
    ]
    list_display_links = None
    list_class = CancellationList
    list_title = "Cancellations"
    list_before_template = "orders/cancellations.html"
    ordering = [BY_DEADLINE, "-remote_created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        name = "orders_cancellation_changelist"
        kept = [url for url in super().get_urls() if url.name == name]
        view = self.bound(partial(requests_bulk.bulk, self, DESK))
        return [*kept, path("bulk/", view, name="orders_cancellation_bulk")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("order__shop")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        rows = Cancellation.objects.visible_to(request.user)
        return desk_context(request, cl, rows, DESK)

    @admin.display(description="Cancellation", ordering="remote_id")
    def request_words(self, row: Any) -> SafeString:
        return format_html(
            '<div class="with-tick">{}<div><span class="mono">{}</span><br>'
            '<span class="soft">by {}</span></div></div>',
            tick(row, row.remote_id) if row.may_act and _waits(row) else "",
            row.remote_id,
            row.role.lower() or "nobody told",
        )

    @admin.display(description="Order and shop", ordering="order_remote_id")
    def order_number(self, row: Cancellation) -> SafeString:
        return order_words(row, f"#cancellation-{row.pk}")

    @admin.display(description="Status", ordering="status")
    def status_words(self, row: Cancellation) -> SafeString:
        return cancellation_badge(row)

    @admin.display(description="Answer by", ordering="respond_by_at")
    def answer_by(self, row: Cancellation) -> SafeString | str:
        return (deadline(row) if _waits(row) else "") or "—"

    @admin.display(description="Refund", ordering="refund_amount")
    def refund(self, row: Cancellation) -> SafeString:
        return refund_words(row)

    @admin.display(description="Reason")
    def reason_words(self, row: Cancellation) -> SafeString:
        words = row.reason_text or row.reason or "—"
        return format_html('<div class="titled">{}</div>', words)

    @admin.display(description="Asked", ordering="remote_created_at")
    def asked(self, row: Cancellation) -> SafeString | str:
        return ago(row.remote_created_at)


def _waits(row: Cancellation) -> bool:
    return row.needs_answer and row.status == Cancellation.Status.PENDING
