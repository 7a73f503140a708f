"""What can be done about one order, each deed an address of its own: a page that says
what TikTok will do, asks once, does it, and tells what TikTok said."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from apps.core.errors import DomainError
from apps.integrations.contracts import Decision
from apps.orders.admin import order_seen
from apps.orders.admin.base import by_whom
from apps.orders.admin.order_deed_forms import About, DeedForm
from apps.orders.admin.order_deed_list import (
    CANCELLATION,
    ORDER,
    PACKAGE,
    RETURN,
    OrderDeed,
)
from apps.orders.admin.order_page_neighbours import kept_query
from apps.orders.admin.order_page_requests import inspect_address
from apps.orders.models import Order, OrderAction
from apps.orders.services.actions import ask
from apps.sync.services.actions import work_action
from apps.users.roles import PROCESS_ORDERS

State = OrderAction.State


def urls(admin: Any) -> list[URLPattern]:
    """Addresses below the order list's; `admin` is the list's admin class."""

    def view(function: Callable[..., HttpResponseBase]) -> Any:
        return admin.admin_site.admin_view(partial(function, admin))

    order = "<int:object_id>"
    return [
        path(f"{order}/do/<slug:deed>/", view(on_order), name="orders_order_do"),
        path(
            f"{order}/package/<int:package_id>/<slug:deed>/",
            view(on_package),
            name="orders_order_package_do",
        ),
        path(
            f"{order}/cancellation/<int:request_id>/<slug:deed>/",
            view(on_cancellation),
            name="orders_order_cancellation_do",
        ),
        path(
            f"{order}/return/<int:request_id>/<slug:deed>/",
            view(on_return),
            name="orders_order_return_do",
        ),
    ]


def on_order(
    admin: Any, request: HttpRequest, object_id: int, deed: str
) -> HttpResponse:
    order = processed(admin, request, object_id)
    return _act(admin, request, _named(ORDER, deed), About(order))


def on_package(
    admin: Any, request: HttpRequest, object_id: int, package_id: int, deed: str
) -> HttpResponse:
    order = processed(admin, request, object_id)
    package = order.packages.filter(pk=package_id).first()
    if package is None:
        raise Http404
    return _act(admin, request, _named(PACKAGE, deed), About(order, package=package))


def on_cancellation(
    admin: Any, request: HttpRequest, object_id: int, request_id: int, deed: str
) -> HttpResponse:
    order = processed(admin, request, object_id)
    wish = order.cancellations.filter(pk=request_id).first()
    if wish is None:
        raise Http404
    about = About(order, cancellation=wish)
    return _act(admin, request, _named(CANCELLATION, deed), about)


def on_return(
    admin: Any, request: HttpRequest, object_id: int, request_id: int, deed: str
) -> HttpResponse:
    order = processed(admin, request, object_id)
    found = _named(RETURN, deed)
    wish = order.returns.filter(pk=request_id).first()
    if wish is None:
        raise Http404
    about = About(order, order_return=wish, decision=found.decision)
    return _act(admin, request, found, about)


def processed(admin: Any, request: HttpRequest, object_id: int) -> Order:
    """An order the user may work on. A foreign one is like one there is none of."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    order: Order | None = admin.get_object(request, str(object_id))
    if order is None:
        raise Http404
    if not request.user.has_perm(PROCESS_ORDERS, order):
        raise PermissionDenied
    return order


def way_back(request: HttpRequest, order: Order, anchor: str = "") -> str:
    """The order's page, still knowing the list it was opened from."""
    page = reverse("admin:orders_order_change", args=[order.pk])
    return f"{page}{kept_query(request)}{anchor}"


def _named(deeds: dict[str, OrderDeed], name: str) -> OrderDeed:
    if name not in deeds:
        raise Http404
    return deeds[name]


def _act(
    admin: Any, request: HttpRequest, deed: OrderDeed, about: About
) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    is_sent = request.method == "POST"
    form = deed.form(request.POST if is_sent else None, about, request.GET)
    seen = order_seen.values_of(about.order, about.package, about.request)
    changes: list[order_seen.Change] = []
    is_looked = False
    if is_sent and form.is_outward:
        token = request.POST.get(order_seen.FIELD, "")
        changes = order_seen.changes_since(token, seen)
    if is_sent and form.is_offered and form.is_valid():
        if "look" in request.POST:
            is_looked = form.look()
        elif not changes and (answer := _do(request, deed, form)) is not None:
            return answer
        elif form.look_words:
            is_looked = form.look()
    page: HttpResponse = admin.own_page(
        request,
        "orders/order_deed.html",
        {
            "title": f"{deed.title}: order {about.order.remote_id}",
            "deed": deed,
            "about": about,
            "order": about.order,
            "form": form,
            "changes": changes,
            "seen": order_seen.token_of(seen),
            "is_looked": is_looked,
            "needs_look": bool(form.look_words) and not is_looked,
            "kind_query": f"{kept}&" if (kept := kept_query(request)) else "?",
            "here": request.get_full_path(),
            "back": way_back(request, about.order, about.anchor),
        },
    )
    return page


def _do(request: HttpRequest, deed: OrderDeed, form: DeedForm) -> HttpResponse | None:
    """Ask, send, tell; None where it is refused here, which the form says."""
    order = form.about.order
    try:
        asked = ask(order.shop, [form.wish()], by_whom(request))
    except DomainError as error:
        form.add_error(None, str(error))
        return None
    for _, reason in asked.refused:
        form.add_error(None, reason)
    if not asked.actions:
        return None
    action = work_action(asked.actions[0])
    tell(request, deed.title, action)
    if action.state == State.DONE and form.about.decision in _THEN_INSPECT:
        return redirect(inspect_address(order.remote_id))
    return redirect(way_back(request, order, form.about.anchor))


_THEN_INSPECT = (Decision.APPROVE_RECEIVED_PACKAGE,)


def tell(request: HttpRequest, title: str, action: OrderAction) -> None:
    """What became of it, in TikTok's words where it has some."""
    said = f" {action.message}" if action.message else ""
    code = f" (code {action.code})" if action.code else ""
    if action.state == State.DONE:
        messages.success(request, f"{title}: done.{said}")
    elif action.state == State.REFUSED:
        messages.error(request, f"{title}: TikTok refuses.{said}{code}")
    elif action.state == State.HELD:
        messages.info(request, f"{title}: held back until somebody releases it.")
    else:
        messages.info(
            request, f"{title}: on its way, and tried again by itself.{said}{code}"
        )
