"""Saved views of the order list: `?view=<id>` asks what is kept under it.

A view is one's own; anybody else's is as one that is not there.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    QueryDict,
)
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from apps.core.errors import DomainError
from apps.orders.admin.desk import Desk
from apps.orders.models import SavedView
from apps.orders.services.saved_views import LONGEST_NAME, rename_view, save_view
from apps.products.admin.base import key_of
from apps.users.models import User

LIST = "admin:orders_order_changelist"


def paths(admin: Any) -> list[URLPattern]:
    wrap = admin.admin_site.admin_view

    def save(request: HttpRequest) -> HttpResponse:
        return _save(admin, request)

    def show(request: HttpRequest, view_id: int) -> HttpResponse:
        return _page(admin, request, view_id)

    return [
        path("views/", wrap(save), name="orders_order_view_save"),
        path("views/<int:view_id>/", wrap(show), name="orders_order_view"),
    ]


def open_view(request: HttpRequest) -> None:
    """Put what the view keeps in the place of the address's query; what that says
    beside (a page, another tab) stands."""
    if "view" not in request.GET:
        return
    asked = request.GET.copy()
    del asked["view"]
    view = _own(request, key_of(request.GET["view"]))
    if view is None:
        messages.warning(request, "View: ignored, because you have no such view.")
    else:
        kept = QueryDict(view.query, mutable=True)
        for name, values in asked.lists():
            kept.setlist(name, values)
        asked = kept
    request.GET = QueryDict(asked.urlencode())


def query_of(asked: QueryDict, desk: Desk) -> str:
    """What a view of the list would keep: the same, however it came about."""
    query = QueryDict(mutable=True)
    query["tab"] = desk.tab
    for name in (*desk.form.fields, "o"):
        value = asked.get(name, "")
        if value and name not in desk.form.errors:
            query[name] = value
    return query.urlencode()


def views_context(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    """For templates/orders/desk.html."""
    query = query_of(request.GET, desk)
    views = SavedView.objects.filter(user=request.user.pk)
    address = reverse(LIST)
    return {
        "views": [
            {
                "view": view,
                "address": f"{address}?view={view.pk}",
                "is_current": view.query == query,
            }
            for view in views
        ],
        "view_query": query,
        "longest_name": LONGEST_NAME,
    }


def _save(admin: Any, request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not admin.has_view_permission(request):
        raise PermissionDenied
    assert isinstance(request.user, User)
    # Read as the list reads it: what does not hold is not kept.
    asked = QueryDict(request.POST.get("query", ""))
    query = query_of(asked, Desk.read(asked, request.user))
    try:
        view, is_new = save_view(request.user, request.POST.get("name", ""), query)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse(LIST)}?{query}")
    words = "saved" if is_new else "replaced by what is shown now"
    messages.success(request, f"View “{view}” is {words}.")
    return redirect(f"{reverse(LIST)}?view={view.pk}")


def _page(admin: Any, request: HttpRequest, view_id: int) -> HttpResponse:
    """Another name for it, or away with it."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    view = _own(request, view_id)
    if view is None:
        raise Http404
    if request.method == "POST":
        return _change(request, view)
    page: HttpResponse = admin.own_page(
        request,
        "orders/view.html",
        {"title": f"View “{view}”", "view": view, "longest_name": LONGEST_NAME},
    )
    return page


def _change(request: HttpRequest, view: SavedView) -> HttpResponse:
    if "delete" in request.POST:
        view.delete()
        messages.success(request, f"View “{view.name}” is deleted.")
        return redirect(LIST)
    try:
        rename_view(view, request.POST.get("name", ""))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("admin:orders_order_view", view.pk)
    messages.success(request, f"The view is named “{view}” now.")
    return redirect(f"{reverse(LIST)}?view={view.pk}")


def _own(request: HttpRequest, key: int) -> SavedView | None:
    return SavedView.objects.filter(user=request.user.pk, pk=key).first()
