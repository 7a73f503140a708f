"""What is decided about a shop's orders from its page: settings, and reading all of a
period again, which is asked about first."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path

from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.inventory.admin.documents_words import by_whom
from apps.orders.models import Order
from apps.orders.services.order_settings import save, settings_of
from apps.orders.tasks import resolve_orders
from apps.platforms.admin.forms import PeriodForm
from apps.platforms.admin.orders_tab import OrderSettingsForm, tab_address
from apps.platforms.models import Shop
from apps.sync.models import SyncRun
from apps.sync.start import start_pull
from apps.users.models import User
from apps.users.roles import CHANGE_SHOP, START_SYNC, VIEW_ORDER


def paths(admin: Any) -> list[URLPattern]:
    """Below the page of a shop."""
    return [
        path(
            f"<int:object_id>/orders/{name}/",
            admin.admin_site.admin_view(partial(view, admin)),
            name=f"platforms_shop_orders_{name}",
        )
        for name, view in (("settings", settings_view), ("again", again_view))
    ]


def _seen(
    admin: Any, request: HttpRequest, object_id: int, permission: str
) -> Shop | None:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    shop: Shop | None = admin.get_object(request, str(object_id))
    needed = [VIEW_ORDER, permission]
    if shop is not None and not request.user.has_perms(needed, shop):
        raise PermissionDenied
    return shop


def settings_view(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """How a shop's orders are kept and shipped."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    shop = _seen(admin, request, object_id, CHANGE_SHOP)
    if shop is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    form = OrderSettingsForm(request.POST, instance=settings_of(shop))
    if not form.is_valid():
        page: HttpResponse = admin.tab_page(
            request, shop, "orders", {"order_form": form}
        )
        return page
    try:
        changed = save(shop, form.cleaned_data, by_whom(request))
    except DomainError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(tab_address(shop))
    if "preferred_source" in changed:
        after_commit(resolve_orders.delay, shop.pk)
        messages.success(
            request, "Order settings saved. The orders are shown anew within minutes."
        )
    else:
        words = "Order settings saved." if changed else "Nothing was changed."
        messages.success(request, words)
    return HttpResponseRedirect(tab_address(shop))


def again_view(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Read all orders of a period again, or all there are: asked about, then begun."""
    shop = _seen(admin, request, object_id, START_SYNC)
    if shop is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    asked = request.POST if request.method == "POST" else request.GET
    is_all = asked.get("all") == "1"
    form = PeriodForm(asked, shop)
    if not is_all and not form.is_valid():
        page: HttpResponse = admin.tab_page(
            request, shop, "orders", {"placed_form": form}
        )
        return page
    since, until = (None, None) if is_all else form.instants
    if request.method == "POST":
        _start(request, shop, since, until)
        return HttpResponseRedirect(f"{tab_address(shop)}#again")
    orders = Order.objects.filter(shop=shop)
    if since is not None:
        orders = orders.filter(placed_at__gte=since, placed_at__lt=until)
    shown: HttpResponse = admin.own_page(
        request,
        "platforms/orders_again.html",
        {
            "title": f"Read orders again: {shop}",
            "shop": shop,
            "is_all": is_all,
            "form": form,
            "since": None if is_all else form.cleaned_data["since"],
            "until": None if is_all else form.cleaned_data["until"],
            "known": orders.count(),
            "back": tab_address(shop),
        },
    )
    return shown


def _start(request: HttpRequest, shop: Shop, since: Any, until: Any) -> None:
    assert isinstance(request.user, User)
    by = by_whom(request)
    try:
        running = start_pull(
            shop,
            actor=request.user,
            address=by.address,
            since=since,
            until=until,
            basis=SyncRun.Basis.PLACED,
        )
    except DomainError as error:
        messages.error(request, f"{shop}: {error}")
        return
    if running is not None:
        messages.warning(
            request,
            f"Orders are being read again since {running.started_at:%H:%M} UTC; "
            "nothing else was begun.",
        )
    else:
        messages.success(request, "It has begun. You may leave this page.")
