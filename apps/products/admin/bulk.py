"""One deed on many listings: chosen in the list, looked at, agreed to, then run.

The page to agree on is an address of its own; only its form, posted, starts anything.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.addresses import address_of
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.platforms.models import Shop
from apps.products.admin import copies, listing_csv, rehearsal
from apps.products.admin.deeds import DEEDS, Deed
from apps.products.admin.selection import Selection, select, tick
from apps.products.models import PublishRun
from apps.products.services import publishing
from apps.products.tasks import work_publish_run
from apps.users.models import User
from apps.users.roles import CHANGE_LISTING

__all__ = ["bulk", "offered", "tick"]

LEFT_OUT_SHOWN = 20
_BY_TAB = {
    "live": ("deactivate", "price", "delete"),
    "deactivated": ("activate", "delete"),
    "deleted": ("recover",),
}


def offered(tab: str) -> list[dict[str, str]]:
    """The deeds that make sense for what a tab shows."""
    names = _BY_TAB.get(tab, tuple(DEEDS))
    return [{"name": name, "title": DEEDS[name].title} for name in names]


def bulk(admin: Any, request: HttpRequest) -> HttpResponseBase:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    name = request.GET.get("deed", "")
    if name == "export":
        return listing_csv.export(request)
    if not request.user.has_perm(CHANGE_LISTING):
        raise PermissionDenied
    if name == "copy":
        return copies.copy_many(admin, request)
    if (deed := DEEDS.get(name)) is None:
        messages.error(request, "Choose what is to be done with the listings.")
        return redirect("admin:products_listing_changelist")
    selection = select(request, deed)
    if request.method == "POST" and selection.count:
        if request.POST.get("mark") == selection.mark:
            return _start(request, deed, selection)
        messages.warning(
            request, "Other listings match by now. Look again, then confirm."
        )
    return _confirm(admin, request, deed, selection)


def _confirm(
    admin: Any, request: HttpRequest, deed: Deed, selection: Selection
) -> HttpResponse:
    return admin.own_page(  # type: ignore[no-any-return]
        request,
        "products/listings/bulk.html",
        {
            "title": deed.title,
            "deed": deed,
            "selection": selection,
            "shops": [
                {"shop": shop, "count": len(listings)}
                for shop, listings in selection.fit.items()
            ],
            "left_out": selection.left_out[:LEFT_OUT_SHOWN],
            "left_out_more": max(0, len(selection.left_out) - LEFT_OUT_SHOWN),
            "rehearsal": rehearsal.rehearse(deed, selection),
            "here": request.get_full_path(),
            "back": _way_back(request),
        },
    )


def _start(request: HttpRequest, deed: Deed, selection: Selection) -> HttpResponse:
    runs = []
    for shop, listings in selection.fit.items():
        if run := start(request, shop, deed.kind, listings):
            runs.append(run)
    return to_runs(runs)


def start(
    request: HttpRequest, shop: Shop, kind: PublishRun.Kind, subjects: list[Any]
) -> PublishRun | None:
    """A run of one shop, put in line and woken; None, with a notice, if refused."""
    assert isinstance(request.user, User)
    try:
        run = publishing.start_run(
            shop, kind, subjects, request.user, address=address_of(request)
        )
    except DomainError as error:
        messages.error(request, f"{shop}: {error}")
        return None
    after_commit(work_publish_run.delay, run.pk)
    return run


def to_runs(runs: list[PublishRun]) -> HttpResponseRedirect:
    """To the page of the run, or to the list of them where there are several."""
    if len(runs) == 1:
        return redirect("admin:products_publishrun_change", runs[0].pk)
    return redirect("admin:products_publishrun_changelist")


def _way_back(request: HttpRequest) -> str:
    """The list as it was left: the same filters, without what this page added."""
    query = request.GET.copy()
    for name in ("deed", "pk", "all", "to"):
        query.pop(name, None)
    address = reverse("admin:products_listing_changelist")
    return f"{address}?{query.urlencode()}" if query else address
