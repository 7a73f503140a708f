"""The page of one order, put together from its panels, and the addresses below it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from apps.core.addresses import address_of
from apps.orders.admin import (
    order_actions,
    order_deeds,
    order_edit,
    order_notes,
    order_papers,
    order_raw,
)
from apps.orders.admin.order_page_deeds import deeds_context, facts_told
from apps.orders.admin.order_page_head import badges, deadline, deadlines
from apps.orders.admin.order_page_lines import lines_context, lines_query, picture
from apps.orders.admin.order_page_money import money_context
from apps.orders.admin.order_page_neighbours import kept_query, neighbours
from apps.orders.admin.order_page_packages import packages_context, packages_of
from apps.orders.admin.order_page_requests import requests_context
from apps.orders.admin.order_page_settlements import settlements_context
from apps.orders.admin.order_page_timeline import Known, timeline_context
from apps.orders.admin.order_page_why import sources_of, stories_of
from apps.orders.admin.order_stock import stock_context
from apps.orders.models import Order
from apps.orders.services.buyer_views import note_buyer_seen
from apps.orders.services.looking_up import fetch_tracking
from apps.users.models import User
from apps.users.roles import CHANGE_SHOP, PROCESS_ORDERS


def paths(admin: Any) -> list[URLPattern]:
    """What can be asked for below an order's own address."""

    def at(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        wrapped = admin.admin_site.admin_view(partial(view, admin))
        route = f"<int:object_id>/{route}/"
        found: URLPattern = path(route, wrapped, name=f"orders_order_{name}")
        return found

    return [
        *order_deeds.urls(admin),
        at("raw", order_raw.page, "raw"),
        at("edit", order_edit.edit, "edit"),
        at("why", order_edit.why, "why"),
        at("decide", order_edit.decide, "decide"),
        at("notes", order_notes.add, "note"),
        at("notes/<int:note_id>/delete", order_notes.delete, "note_delete"),
        at("scans", _scans, "scans"),
        at("print/<int:document_id>", order_papers.print_out, "print"),
        at("lines/<int:line_id>/picture", picture, "picture"),
        at("asked/<int:action_id>/<slug:deed>", order_actions.act, "action"),
    ]


def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """A foreign ID is like a missing one."""
    order = admin.get_object(request, object_id)
    reads = request.method in ("GET", "HEAD")
    if not reads or not admin.has_view_permission(request, order):
        raise PermissionDenied
    if order is None:
        missing: HttpResponse = admin.missing(request, object_id)
        return missing
    assert isinstance(request.user, User)
    context = _context(admin, request, order, request.user)
    if context["shows_buyer"]:
        note_buyer_seen(order, request.user, address=address_of(request))
    shown: HttpResponse = admin.own_page(request, "orders/order.html", context)
    return shown


def _context(
    admin: Any, request: HttpRequest, order: Order, user: User
) -> dict[str, Any]:
    """For templates/orders/order.html. A number of queries that does not grow."""
    may_act = user.has_perm(PROCESS_ORDERS, order)
    prefetch_related_objects(
        [order],
        Prefetch("lines", lines_query()),
        "cancellations__lines",
        "returns__lines",
        Prefetch("payloads", order.payloads.defer("body")),
        Prefetch("notes", order.notes.select_related("user")),
    )
    lines = list(order.lines.all())
    cancellations, returns = list(order.cancellations.all()), list(order.returns.all())
    for row in (*cancellations, *returns):
        row.shop, row.order = order.shop, order
    packages = packages_of(order)
    asked = order_actions.actions_of(order)
    facts = facts_told(order, lines, packages, cancellations, asked)
    deeds = deeds_context(order, facts, may_act=may_act, kept=kept_query(request))
    stories = stories_of(order, user)
    stock = stock_context(order, lines, user)
    known = Known(
        packages=packages,
        cancellations=cancellations,
        returns=returns,
        notes=list(order.notes.all()),
        payloads=list(order.payloads.all()),
        movements=stock.get("stock_movements", []),
        sources=sources_of(stories),
    )
    return (
        {
            "title": f"Order {order.remote_id}",
            "order": order,
            "badges": badges(order),
            "deadline": deadline(order),
            "deadlines": deadlines(order),
            "neighbours": neighbours(admin, request, order),
            "kept": kept_query(request),
            "replaced": _replaced(order),
            "conflicts": [each for each in stories if each["story"].is_conflict],
            "notes": known.notes,
            "buyer_address": _buyer_address(order) if may_act else "",
            "payloads": known.payloads,
            "may_act": may_act,
            "shows_buyer": may_act,
            "may_answer_buyer": user.has_perms([PROCESS_ORDERS, CHANGE_SHOP], order),
        }
        | stock
        | lines_context(order, lines, user)
        | money_context(order)
        | settlements_context(order, lines, returns, user)
        | order_actions.actions_context(asked, may_act=may_act)
        | packages_context(order, lines, packages, deeds["package_deeds"])
        | requests_context(order, cancellations, returns, may_act=may_act)
        | deeds
        | timeline_context(order, known, shows_all=request.GET.get("timeline") == "all")
    )


def _buyer_address(order: Order) -> str:
    """Where all their orders stand."""
    if order.buyer is None or order.buyer.is_erased:
        return ""
    return reverse("admin:orders_buyer_change", args=[order.buyer.pk])


def _replaced(order: Order) -> dict[str, str] | None:
    """The order that this one replaces; it is of the same shop, so as visible."""
    if not (number := order.replaced_order_id):
        return None
    key = (
        Order.objects.filter(shop=order.shop_id, remote_id=number)
        .values_list("pk", flat=True)
        .first()
    )
    url = reverse("admin:orders_order_change", args=[key]) if key else ""
    return {"number": number, "url": url}


def _scans(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """Look up where the packages are."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    order = order_deeds.processed(admin, request, object_id)
    told = fetch_tracking(order)
    if told.problem:
        messages.error(request, told.problem)
    elif told.value:
        words = f"{told.value:,} new scan{'' if told.value == 1 else 's'}."
        messages.success(request, words)
    else:
        messages.info(request, "TikTok has no new scans.")
    return redirect(order_deeds.way_back(request, order, "#packages"))
