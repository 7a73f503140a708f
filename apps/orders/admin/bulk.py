"""One deed on many orders: chosen in the list, looked at, agreed to, then done.

Each deed is a query of one address, which carries the list's own along.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path

from apps.orders.admin import bulk_tracking, orders_csv, paper
from apps.orders.admin.bulk_actions import CANCEL, LABELS, PULL, SHIP
from apps.orders.admin.bulk_deeds import BULK_DEEDS
from apps.orders.admin.bulk_priority import PRIORITY
from apps.orders.admin.bulk_question import Question, ask_first
from apps.orders.admin.selection import list_address

View = Callable[[Any, HttpRequest], HttpResponseBase]


def paths(admin: Any) -> list[URLPattern]:
    wrap = admin.admin_site.admin_view
    return [
        path("bulk/", wrap(partial(bulk, admin)), name="orders_order_bulk"),
        *(
            path(route, wrap(partial(view, admin)), name=name)
            for route, name, view in bulk_tracking.VIEWS
        ),
    ]


def _asking(question: Question) -> View:
    return lambda admin, request: ask_first(admin, request, question)


_VIEWS: dict[str, View] = {
    "pull": _asking(PULL),
    "ship": _asking(SHIP),
    "tracking": bulk_tracking.tracking,
    "priority": _asking(PRIORITY),
    "labels": _asking(LABELS),
    "slips": paper.packing_slips,
    "pick-list": paper.picks,
    "export": orders_csv.export,
    "cancel": _asking(CANCEL),
}


def bulk(admin: Any, request: HttpRequest) -> HttpResponseBase:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    deed = BULK_DEEDS.get(request.GET.get("deed", ""))
    if deed is None:
        messages.error(request, "Choose what is to be done with the orders.")
        return redirect(list_address(request))
    if not request.user.has_perm(deed.needs):
        raise PermissionDenied
    return _VIEWS[deed.name](admin, request)
