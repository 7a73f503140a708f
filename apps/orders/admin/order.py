"""The order list and the order page. Orders come from the platforms, never by hand."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import IGNORED_PARAMS, PAGE_VAR, ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Max, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import OwnList, ReadOnlyAdmin, ago, badge
from apps.orders.admin.desk import TABS, Desk
from apps.orders.admin.page import page_context
from apps.orders.admin.words import ship_by, shop_time, status_badges
from apps.orders.models import Order, OrderPayload, questions
from apps.orders.services.buyer_views import note_buyer_seen
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.admin.words import environment_badge
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun
from apps.users.models import User
from apps.users.roles import VIEW_ORDER

LATE = timedelta(minutes=30)


class DeskList(ChangeList):
    """Takes its filters from the desk's form alone: any column in the address, as
    Django allows it, would answer questions about buyers one may not see."""

    desk: Desk

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.desk = Desk.read(request.GET, request.user)
        known = {"tab", *self.desk.form.fields, *IGNORED_PARAMS, PAGE_VAR}
        if unknown := sorted(request.GET.keys() - known):
            self.desk.rejected.append(", ".join(unknown)[:200])
        if not request.GET.get(PAGE_VAR, "1").isdecimal():
            self.desk.rejected.append("Page")
        super().__init__(request, *args, **kwargs)
        for name in dict.fromkeys(self.desk.rejected):
            messages.warning(request, f"{name}: ignored, because it does not fit here.")
        if self.desk.not_found:
            count = len(self.desk.not_found)
            listed = ", ".join(self.desk.not_found)
            messages.warning(
                request, f"{count} of {self.desk.searched} not found: {listed}"
            )

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except IncorrectLookupParameters:
            self._go_to_first_page()
            super().get_results(request)
        if self.page_num != 1 and not self.multi_page:
            self._go_to_first_page()

    def _go_to_first_page(self) -> None:
        self.desk.rejected.append("Page")
        self.page_num = 1

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Any]:
        orders = super().get_queryset(request, exclude_parameters)
        return self.desk.in_tab(self.desk.filtered(orders))  # type: ignore[arg-type]


class OrderAdmin(OwnList, ReadOnlyAdmin):
    list_display = [
        "order",
        "status_badge",
        "shop_name",
        "total_text",
        "ship_by",
        "tracking",
        "placed",
        "sync",
    ]
    list_display_links = ["order"]
    list_before_template = "orders/desk.html"
    list_class = DeskList
    # What must be shipped first comes first; deadlines already kept do not count.
    ordering = [
        Case(When(questions.waiting_to_ship(), then="ship_by_at")).asc(nulls_last=True),
        "-placed_at",
        "-pk",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("shop__client")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Work comes first by deadline; the whole history, newest first."""
        if Desk.read(request.GET, request.user).tab == "all":
            return ["-placed_at", "-pk"]
        return list(self.ordering)

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        _annotate_page(cl)
        desk = cl.desk
        orders = desk.filtered(Order.objects.visible_to(request.user))
        counts = desk.counts(orders)
        shops = Shop.objects.visible_to(request.user, VIEW_ORDER)
        return {
            "desk": desk,
            "tabs": [
                {
                    "title": title,
                    "count": counts[name],
                    "is_current": name == desk.tab,
                    "query": cl.get_query_string({"tab": name, "o": None}),
                }
                for name, (title, _) in TABS.items()
            ],
            "has_shops": shops.exists(),
            "late_shops": _late_shops(shops),
        } | switcher_for(request.user, cl, desk.values.get("shop"), VIEW_ORDER)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, object_id)
        reads = request.method in ("GET", "HEAD")
        if not reads or not self.has_view_permission(request, order):
            raise PermissionDenied
        if order is None:
            return self.missing(request, object_id)
        context = page_context(order, request.user)
        if context["shows_buyer"]:
            assert isinstance(request.user, User)
            note_buyer_seen(order, request.user, address=address_of(request))
        context["title"] = f"Order {order.remote_id}"
        return self.own_page(request, "orders/order.html", context)

    @admin.display(description="Order", ordering="remote_id")
    def order(self, order: Order) -> SafeString:
        return format_html(
            '<span class="mono">{}</span><br><span class="soft">{} item{}</span>',
            order.remote_id,
            order.units,
            "" if order.units == 1 else "s",
        )

    @admin.display(description="Status", ordering="status")
    def status_badge(self, order: Order) -> SafeString:
        return status_badges(order)

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

    @admin.display(description="Placed", ordering="placed_at")
    def placed(self, order: Order) -> SafeString | str:
        return ago(order.placed_at, zone_note=shop_time(order))

    @admin.display(description="Sync")
    def sync(self, order: Order) -> SafeString:
        sources = [
            label
            for label, known in (
                ("API", order.from_api),
                ("File", order.from_file),
            )
            if known
        ]
        received = getattr(order, "received_at", None)
        return format_html(
            '<div>{}<br><span class="soft mono">{}</span></div>',
            format_html_join(" ", "{}", ((badge(s, "neutral"),) for s in sources)),
            ago(received),
        )


def _annotate_page(changelist: DeskList) -> None:
    """Units, sources and last news for the rows shown, in one query for the page."""
    page = list(changelist.result_list)
    facts = Order.objects.with_units().with_sources().in_bulk([o.pk for o in page])
    received = dict(
        OrderPayload.objects.filter(order__in=facts)
        .values_list("order")
        .annotate(last=Max("received_at"))
    )
    for order in page:
        known = facts[order.pk]
        order.units = known.units
        order.from_api, order.from_file = known.from_api, known.from_file
        order.received_at = received.get(order.pk)
    changelist.result_list = page


def _late_shops(shops: QuerySet[Shop]) -> list[dict[str, Any]]:
    """Connected shops whose orders were last pulled more than 30 minutes ago."""
    latest = dict(
        SyncRun.objects.filter(
            shop__in=shops.filter(state=Shop.State.CONNECTED),
            resource=Resource.ORDERS,
            state__in=[SyncRun.State.DONE, SyncRun.State.PARTLY],
        )
        .values_list("shop")
        .annotate(last=Max("started_at"))
    )
    now = timezone.now()
    late = {pk: last for pk, last in latest.items() if now - last > LATE}
    return [
        {
            "name": str(shop),
            "since": late[shop.pk],
            "minutes": int((now - late[shop.pk]).total_seconds() // 60),
        }
        for shop in (shops.filter(pk__in=late) if late else ())
    ]
