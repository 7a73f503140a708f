"""Warehouses of clients: what lies there, and which places of shops they are."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, badge
from apps.core.errors import DomainError
from apps.inventory.admin.base import StockAdmin, stock_clients
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.admin.warehouses_forms import WarehouseForm, WarehouseList
from apps.inventory.admin.warehouses_page import (
    page_context,
    with_figures,
)
from apps.inventory.models import ShopWarehouse, Warehouse
from apps.inventory.services.documents import By
from apps.inventory.services.warehouses import (
    change_warehouse,
    close_warehouse,
    create_warehouse,
    open_warehouse,
)
from apps.orders.services.warehouses import make_default
from apps.products.admin.rows import chosen_client


class WarehouseAdmin(OwnList, StockAdmin):
    list_display = [
        "name",
        "client",
        "stocked_skus",
        "on_hand",
        "reserved",
        "places",
        "state",
    ]
    list_display_links = ["name"]
    list_class = WarehouseList
    list_title = "Warehouses"
    list_before_template = "inventory/warehouses.html"
    ordering = ["client__name", "-is_default", "name", "pk"]

    def own_urls(self) -> list[URLPattern]:
        return [
            self.page_at("add/", self.add_view, "add"),
            self.page_at("<int:object_id>/do/<slug:name>/", self.act_view, "act"),
            self.page_at("<path:object_id>/change/", self.change_view, "change"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("client")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = with_figures(list(cl.result_list), request)
        places = ShopWarehouse.objects.visible_to(request.user).selling()
        return super().list_context(request, cl) | {
            "may_add": stock_clients(request).exists(),
            "unmatched": places.filter(warehouse=None).select_related("shop")[:20],
        }

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        clients = stock_clients(request)
        if not clients.exists():
            raise PermissionDenied
        client = chosen_client(request, clients)
        if client is None:
            choice: dict[str, Any] = {"title": "Add warehouse", "clients": clients}
            return self.own_page(request, "products/for_client.html", choice)
        form = WarehouseForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = create_warehouse(
                    client, by=by_whom(request), **form.cleaned_data
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"{made} is added.")
                return redirect("admin:inventory_warehouse_change", made.pk)
        shown: dict[str, Any] = {"title": "Add warehouse", "client": client}
        return self.own_page(
            request, "inventory/warehouse_form.html", shown | {"form": form}
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self._seen(request, object_id)
        if row is None:
            return self.missing(request, object_id)
        may_change = self.has_change_permission(request, row)
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        form = WarehouseForm(
            request.POST or None, initial={"name": row.name, "note": row.note}
        )
        if request.method == "POST" and form.is_valid():
            try:
                changed = change_warehouse(
                    row, by=by_whom(request), **form.cleaned_data
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                words = "Saved." if changed else "Nothing was changed."
                messages.success(request, words)
                return redirect("admin:inventory_warehouse_change", row.pk)
        context = page_context(request, row) | {"form": form, "may_change": may_change}
        return self.own_page(request, "inventory/warehouse.html", context)

    def act_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        if name not in _DEEDS:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self._seen(request, object_id)
        if row is None:
            return self.missing(request, str(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        deed, words = _DEEDS[name]
        try:
            deed(row, by_whom(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, words.format(row))
        return redirect("admin:inventory_warehouse_change", row.pk)

    def _seen(self, request: HttpRequest, object_id: object) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(object_id))

    @admin.display(description="SKUs")
    def stocked_skus(self, row: Any) -> SafeString:
        return _number(row.skus)

    @admin.display(description="On hand")
    def on_hand(self, row: Any) -> SafeString:
        return _number(row.pieces)

    @admin.display(description="Reserved")
    def reserved(self, row: Any) -> SafeString:
        return _number(row.promised)

    @admin.display(description="Places of shops")
    def places(self, row: Any) -> str:
        return ", ".join(f"{place} ({place.shop.name})" for place in row.places) or "—"

    @admin.display(description="State")
    def state(self, row: Warehouse) -> SafeString:
        if row.is_default:
            return badge("Default", "good")
        return badge("Open", "good") if row.is_active else badge("Closed", "neutral")


_DEEDS: dict[str, tuple[Callable[[Warehouse, By], bool], str]] = {
    "default": (make_default, "{} is the default warehouse now."),
    "close": (close_warehouse, "{} is closed. Its history stays."),
    "open": (open_warehouse, "{} is open again."),
}


def _number(number: int) -> SafeString:
    return format_html('<span class="money">{}</span>', f"{number:,}")
