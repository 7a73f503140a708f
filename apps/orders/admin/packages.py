"""Packages of all shops: what is to be shipped, fetched, or has a problem."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.core.admin import ago, badge
from apps.orders.admin import requests_bulk
from apps.orders.admin.base import AtShopRows
from apps.orders.admin.order_page_packages import HANDOVERS, slot_words, status_badge
from apps.orders.admin.requests_bulk import BulkDeed, Desk, tick
from apps.orders.admin.requests_desk import desk_context, shop_words
from apps.orders.admin.requests_filters import PackageFilters, PackageList
from apps.orders.models import Order, OrderAction, Package, ShopOrderSettings
from apps.orders.services.actions import Wish

MOST_ORDERS = 3


def _order_of(row: Package) -> Order | None:
    """The first of those that travel in it stands for all."""
    return next(iter(row.orders.all()), None)


def _shipping(row: Package, settings: ShopOrderSettings) -> Wish | str:
    if (order := _order_of(row)) is None:
        return "Its order has not been pulled yet."
    usual = {"handover_method": settings.handover_method}
    return Wish(order, OrderAction.Kind.SHIP, usual, package=row)


def _label(row: Package, settings: ShopOrderSettings) -> Wish | str:
    if (order := _order_of(row)) is None:
        return "Its order has not been pulled yet."
    names = ("kind", "size", "format")
    usual = {name: getattr(settings, f"document_{name}") for name in names}
    return Wish(order, OrderAction.Kind.LABEL, usual, package=row)


DESK = Desk(
    deeds={
        "ship": BulkDeed(
            "ship",
            "Ship",
            "TikTok books its carrier for each package, in the way the shop's settings "
            "say. Labels can be printed after that.",
            _shipping,
            seen=lambda row: (row.status, row.tracking_number),
        ),
        "label": BulkDeed(
            "label",
            "Print labels",
            "TikTok is asked for the label of each package. They are printed from the "
            "run's page, in one file. They show who bought.",
            _label,
            seen=lambda row: row.status,
        ),
    },
    filters=PackageFilters,
    list_name="admin:orders_package_changelist",
    bulk_name="admin:orders_package_bulk",
    template="orders/package_bulk.html",
    noun="package",
)


class PackageAdmin(AtShopRows):
    list_display = [
        "package",
        "of_orders",
        "shop_name",
        "status_words",
        "carrier_words",
        "handed_over",
        "changed",
    ]
    list_display_links = None
    list_class = PackageList
    list_title = "Packages"
    list_before_template = "orders/packages.html"
    ordering = ["-remote_created_at", "-pk"]

    def get_urls(self) -> list[URLPattern]:
        name = "orders_package_changelist"
        kept = [url for url in super().get_urls() if url.name == name]
        view = self.bound(partial(requests_bulk.bulk, self, DESK))
        return [*kept, path("bulk/", view, name="orders_package_bulk")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        orders = Order.objects.select_related("shop").order_by("pk")
        rows = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("orders", orders))

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        return desk_context(request, cl, Package.objects.visible_to(request.user), DESK)

    @admin.display(description="Package", ordering="tracking_number")
    def package(self, row: Any) -> SafeString:
        return format_html(
            '<div class="with-tick">{}<div><span class="mono">{}</span><br>'
            '<span class="soft mono">{}</span></div></div>',
            tick(row, str(row)) if row.may_act and row.remote_id else "",
            row.tracking_number or "no number yet",
            row.remote_id or "told by a file",
        )

    @admin.display(description="Orders")
    def of_orders(self, row: Package) -> SafeString:
        orders = list(row.orders.all())
        links = format_html_join(
            mark_safe("<br>"),
            '<a class="mono linked" href="{}#package-{}">{}</a>',
            (
                (reverse("admin:orders_order_change", args=[o.pk]), row.pk, o.remote_id)
                for o in orders[:MOST_ORDERS]
            ),
        )
        more = len(orders) - MOST_ORDERS
        rest = f"and {more} more" if more > 0 else ""
        return format_html(
            '<div>{}<span class="soft"> {}</span></div>', links or "—", rest
        )

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, row: Package) -> SafeString:
        return shop_words(row)

    @admin.display(description="Status", ordering="status")
    def status_words(self, row: Package) -> SafeString:
        combined = row.split_or_combine.capitalize()
        notes = [badge(combined, "neutral")] if combined else []
        notes += [badge(row.problem, "bad")] if row.problem else []
        return format_html(
            "<div>{} {}</div>",
            status_badge(row),
            format_html_join(" ", "{}", ((note,) for note in notes)),
        )

    @admin.display(description="Carrier", ordering="carrier")
    def carrier_words(self, row: Package) -> SafeString:
        return format_html(
            '<div>{}<br><span class="soft">{}</span></div>',
            row.carrier or "—",
            row.delivery_option,
        )

    @admin.display(description="Handed over", ordering="pickup_from_at")
    def handed_over(self, row: Package) -> str:
        slot = slot_words(row.shop, row)
        if slot:
            return f"Picked up {slot}"
        return HANDOVERS.get(row.handover_method, row.handover_method) or "—"

    @admin.display(description="Changed", ordering="remote_updated_at")
    def changed(self, row: Package) -> SafeString | str:
        return ago(row.remote_updated_at or row.modified_at)
