"""Returns, refunds, replacements and exchanges of all shops: what to answer, by when;
what comes back; what is to be inspected."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.integrations.contracts import Decision
from apps.orders.admin import requests_bulk
from apps.orders.admin.base import AtShopRows
from apps.orders.admin.order_page_requests import (
    action_words,
    deadline,
    inspect_address,
    refund_told,
    return_badge,
    return_row,
)
from apps.orders.admin.requests_bulk import BulkDeed, Desk, tick
from apps.orders.admin.requests_desk import (
    desk_context,
    order_words,
    refund_words,
)
from apps.orders.admin.requests_filters import BY_DEADLINE, ReturnFilters, ReturnList
from apps.orders.models import OrderAction, Return, ShopOrderSettings
from apps.orders.services.actions import Wish, decisions_for
from apps.orders.services.buyer_views import note_buyer_seen
from apps.orders.services.looking_up import story_of
from apps.users.models import User
from apps.users.roles import PROCESS_ORDERS, VIEW_STOCK

# What agrees with what the buyer asked for, as they asked for it.
_AS_ASKED = (
    Decision.APPROVE_REFUND,
    Decision.APPROVE_RETURN,
    Decision.APPROVE_RECEIVED_PACKAGE,
    Decision.APPROVE_REPLACEMENT,
)


def _agreeing(row: Return, settings: ShopOrderSettings) -> Wish | str:
    if row.order is None:
        return "Its order has not been pulled yet."
    agree, _ = decisions_for(row)
    answer = next((decision for decision in _AS_ASKED if decision in agree), None)
    if answer is None:
        return "TikTok waits for no answer that could agree."
    details = {"decision": answer.value}
    kind = OrderAction.Kind.APPROVE_RETURN
    return Wish(row.order, kind, details, order_return=row)


DESK = Desk(
    deeds={
        "agree": BulkDeed(
            "agree",
            "Agree as asked",
            "TikTok is told yes to what each buyer asks for: refunds are paid back, "
            "returns may be sent, goods that have come back are taken as good, what is "
            "to be replaced becomes a new order.",
            _agreeing,
            seen=lambda row: (row.next_action, row.refund_amount),
        )
    },
    filters=ReturnFilters,
    list_name="admin:orders_return_changelist",
    bulk_name="admin:orders_return_bulk",
    template="orders/return_bulk.html",
    noun="return",
    amount=refund_told,
)


class ReturnAdmin(AtShopRows):
    list_display = [
        "request_words",
        "order_number",
        "status_words",
        "answer_by",
        "refund",
        "reason_words",
        "way",
    ]
    list_display_links = None
    list_class = ReturnList
    list_title = "Returns"
    list_before_template = "orders/returns.html"
    ordering = [BY_DEADLINE, "-remote_created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        kept = [u for u in super().get_urls() if u.name == "orders_return_changelist"]
        return [
            *kept,
            path(
                "bulk/",
                self._at(partial(requests_bulk.bulk, self, DESK)),
                name="orders_return_bulk",
            ),
            path(
                "<path:object_id>/change/",
                self._at(self.change_view),
                name="orders_return_change",
            ),
        ]

    def _at(self, view: Callable[..., HttpResponseBase]) -> Any:
        return self.bound(view)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("order__shop")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        return desk_context(request, cl, Return.objects.visible_to(request.user), DESK)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One return, also of an order that is not known yet; its story is asked for
        with ?story=1."""
        row = self.seen(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        may_act = request.user.has_perm(PROCESS_ORDERS, row)
        story = None
        if may_act and "story" in request.GET:
            story = story_of(row)
            if story.value and row.order is not None:
                assert isinstance(request.user, User)
                note_buyer_seen(row.order, request.user, address=address_of(request))
        return self.own_page(
            request,
            "orders/return.html",
            {
                "title": f"Return {row.remote_id}",
                "each": return_row(row, may_act=may_act) | {"story": ""},
                "row": row,
                "story": story,
                "may_act": may_act,
                "sees_stock": request.user.has_perm(VIEW_STOCK, row.shop),
                "inspect_url": inspect_address(row.order_remote_id),
            },
        )

    @admin.display(description="Return", ordering="remote_id")
    def request_words(self, row: Any) -> SafeString:
        return format_html(
            '<div class="with-tick">{}<div><a class="mono linked" href="{}">{}</a><br>'
            '<span class="soft">{}</span></div></div>',
            tick(row, row.remote_id) if row.may_act and row.next_action else "",
            reverse("admin:orders_return_change", args=[row.pk]),
            row.remote_id,
            row.get_kind_display(),
        )

    @admin.display(description="Order and shop", ordering="order_remote_id")
    def order_number(self, row: Return) -> SafeString:
        return order_words(row, f"#return-{row.pk}")

    @admin.display(description="Status", ordering="status")
    def status_words(self, row: Return) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>',
            return_badge(row),
            action_words(row),
        )

    @admin.display(description="Answer by", ordering="respond_by_at")
    def answer_by(self, row: Return) -> SafeString | str:
        return (deadline(row) if row.next_action else "") or "—"

    @admin.display(description="Refund", ordering="refund_amount")
    def refund(self, row: Return) -> SafeString:
        return refund_words(row)

    @admin.display(description="Reason")
    def reason_words(self, row: Return) -> SafeString:
        return format_html("<div>{}</div>", row.reason_text or row.reason or "—")

    @admin.display(description="On its way back", ordering="tracking_number")
    def way(self, row: Return) -> SafeString | str:
        if not row.tracking_number:
            return "—"
        return format_html(
            '<div class="soft"><span class="mono">{}</span><br>{}</div>',
            row.tracking_number,
            row.carrier,
        )
