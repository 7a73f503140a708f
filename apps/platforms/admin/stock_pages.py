"""What is decided about a shop's stock from its page: looked at first, then done."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path

from apps.core.errors import DomainError
from apps.integrations.errors import PlatformError
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.models import ShopWarehouse, Warehouse
from apps.inventory.services.settings import change_settings, settings_of
from apps.orders.services.warehouses import effect, learn_warehouses, map_warehouse
from apps.platforms.admin.stock_opening import opening
from apps.platforms.admin.stock_start import start
from apps.platforms.admin.stock_tab import (
    StockSettingsForm,
    may_book,
    may_set,
    tab_address,
)
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_at_page
from apps.platforms.services.scopes import PRODUCTS
from apps.products.admin.base import key_of
from apps.users.roles import VIEW_STOCK

View = Callable[[Any, HttpRequest, Shop], HttpResponse]


def paths(admin: Any) -> list[URLPattern]:
    """Below the page of a shop."""
    return [
        path(
            f"<int:object_id>/stock/{name}/",
            admin.admin_site.admin_view(partial(_at_shop, admin, view)),
            name=f"platforms_shop_stock_{name}",
        )
        for name, view in _PAGES.items()
    ] + [
        path(
            "<int:object_id>/stock/warehouses/<int:place_id>/",
            admin.admin_site.admin_view(partial(match_view, admin)),
            name="platforms_shop_stock_match",
        )
    ]


def _at_shop(
    admin: Any, view: View, request: HttpRequest, object_id: int
) -> HttpResponse:
    shop = seen(admin, request, object_id)
    if shop is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    return view(admin, request, shop)


def seen(admin: Any, request: HttpRequest, object_id: int) -> Shop | None:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    shop: Shop | None = admin.get_object(request, str(object_id))
    if shop is not None and not request.user.has_perm(VIEW_STOCK, shop):
        raise PermissionDenied
    return shop


def settings_view(admin: Any, request: HttpRequest, shop: Shop) -> HttpResponse:
    """What is done about differences and about 0."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_set(request.user, shop):
        raise PermissionDenied
    form = StockSettingsForm(request.POST, instance=settings_of(shop))
    if not form.is_valid():
        page: HttpResponse = admin.tab_page(
            request, shop, "stock", {"stock_form": form}
        )
        return page
    values = form.cleaned_data

    def save() -> str:
        changed = change_settings(shop, by_whom(request), **values)
        return "Stock settings saved." if changed else "Nothing was changed."

    return _done(request, shop, save)


def stop_view(admin: Any, request: HttpRequest, shop: Shop) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_set(request.user, shop):
        raise PermissionDenied

    def stop() -> str:
        change_settings(shop, by_whom(request), is_pushed=False)
        return (
            f"{shop} is not told your stock any more; it shows what it was told last."
        )

    return _done(request, shop, stop)


def find_view(admin: Any, request: HttpRequest, shop: Shop) -> HttpResponse:
    """Ask the platform for the shop's warehouses while the person waits."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not may_set(request.user, shop):
        raise PermissionDenied

    def find() -> str:
        remotes = client_at_page(shop, PRODUCTS).warehouses()
        learn_warehouses(shop, remotes)
        count = ShopWarehouse.objects.filter(shop=shop, is_active=True).count()
        return f"The shop has {count} warehouse{'' if count == 1 else 's'}."

    return _done(request, shop, find)


def match_view(
    admin: Any, request: HttpRequest, object_id: int, place_id: int
) -> HttpResponse:
    """Which of ours a place of the shop is: what that moves is shown, then done."""
    shop = seen(admin, request, object_id)
    if shop is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    if not may_book(request.user, shop):
        raise PermissionDenied
    place = ShopWarehouse.objects.filter(shop=shop, pk=place_id).first()
    if place is None:
        raise Http404
    asked = request.POST if request.method == "POST" else request.GET
    warehouse = _warehouse(shop, asked.get("warehouse", ""))
    if request.method == "POST":
        return _done(request, shop, partial(_match, request, place, warehouse))
    try:
        found = effect(place, warehouse)
    except DomainError as error:
        messages.error(request, str(error))
        return to_tab(shop)
    page: HttpResponse = admin.own_page(
        request,
        "platforms/stock_match.html",
        {
            "title": f"Which warehouse is {place}?",
            "shop": shop,
            "place": place,
            "warehouse": warehouse,
            "effect": found,
            "is_same": place.warehouse_id == (warehouse.pk if warehouse else None),
        },
    )
    return page


def _match(
    request: HttpRequest, place: ShopWarehouse, warehouse: Warehouse | None
) -> str:
    map_warehouse(place, warehouse, by_whom(request))
    if warehouse is None:
        return f"{place} is matched to no warehouse now; what it holds is not told."
    return f"{place} is {warehouse} now. Its orders follow within a minute."


def _warehouse(shop: Shop, text: str) -> Warehouse | None:
    if not text:
        return None
    rows = Warehouse.objects.filter(client=shop.client_id, pk=key_of(text))
    found: Warehouse | None = rows.first()
    if found is None:
        raise Http404
    return found


def _done(
    request: HttpRequest, shop: Shop, deed: Callable[[], str]
) -> HttpResponseRedirect:
    try:
        messages.success(request, deed())
    except (DomainError, PlatformError) as error:
        messages.error(request, str(error))
    return to_tab(shop)


def to_tab(shop: Shop) -> HttpResponseRedirect:
    return HttpResponseRedirect(tab_address(shop))


# Name in the address.
_PAGES: dict[str, View] = {
    "start": start,
    "stop": stop_view,
    "settings": settings_view,
    "find": find_view,
    "opening": opening,
}
