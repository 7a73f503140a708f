"""One run: how far it is, what failed in the platform's words, what can be done."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.core.admin import ago
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.inventory.admin.documents_words import by_whom
from apps.platforms.models import Shop
from apps.sync.admin.run_words import counted, run_badge, status_of, what_of
from apps.sync.models import Resource, SyncRun
from apps.sync.services.retrying import MOST, can_retry, count_failed
from apps.sync.services.stopping import ask_to_stop
from apps.sync.start import may_start, pull_again, retry_items
from apps.users.models import AnyUser

ISSUES_A_PAGE = 100
CSV_HEADER = ("item", "why")
_ENDED_BADLY = (
    SyncRun.State.PARTLY,
    SyncRun.State.FAILED,
    SyncRun.State.INTERRUPTED,
)


def page(admin: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        raise PermissionDenied
    run = _seen(admin, request, object_id)
    if run is None:
        missing: HttpResponse = admin.missing(request, object_id)
        return missing
    issues = Paginator(run.issues.all(), ISSUES_A_PAGE)
    is_running = run.state == SyncRun.State.RUNNING
    may = may_act(request.user, run)
    is_connected = run.shop.state == Shop.State.CONNECTED
    failed = count_failed(run) if run.failed else 0
    context = {
        "title": f"{what_of(run)} of {run.shop}",
        "run": run,
        "what": what_of(run),
        "badge": run_badge(run),
        "started": ago(run.started_at),
        "ended": ago(run.ended_at),
        "status": status_of(run),
        "is_running": is_running,
        "may_stop": may and is_running and run.stop_asked_at is None,
        "may_retry": may and is_connected and run.state in _ENDED_BADLY,
        "may_retry_items": may and is_connected and not is_running and can_retry(run),
        "what_failed": counted(run, failed),
        "issues": issues.get_page(request.GET.get("p")),
        "counts": [
            ("Read", run.read),
            ("New", run.new),
            ("Updated", run.updated),
            ("Same", run.same),
            ("Failed", run.failed),
        ],
    }
    answer: HttpResponse = admin.own_page(request, "sync/run.html", context)
    return answer


def status(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    """For the page's script."""
    run = _seen(admin, request, object_id)
    if run is None:
        raise Http404
    return JsonResponse(status_of(run))


def errors(admin: Any, request: HttpRequest, object_id: int) -> HttpResponseBase:
    """What failed, as a file."""
    run = _seen(admin, request, object_id)
    if run is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    rows = run.issues.values_list("remote_id", "message").iterator()
    return csv_response(f"{run.resource}-errors-{run.pk}.csv", CSV_HEADER, rows)


def act(admin: Any, request: HttpRequest, object_id: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    run = _seen(admin, request, object_id)
    if run is None:
        missing: HttpResponse = admin.missing(request, str(object_id))
        return missing
    if not may_act(request.user, run):
        raise PermissionDenied
    try:
        DEEDS[deed](request, run)
    except DomainError as error:
        messages.error(request, str(error))
    if request.POST.get("back") == "dashboard":
        return redirect("admin:sync_syncdashboard_changelist")
    return redirect("admin:sync_syncrun_change", run.pk)


def may_act(user: AnyUser, run: SyncRun) -> bool:
    return may_start(user, run.shop, Resource(run.resource))


def _seen(admin: Any, request: HttpRequest, object_id: object) -> SyncRun | None:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    runs = SyncRun.objects.visible_to(request.user).select_related("shop__client")
    key = str(object_id)
    return runs.filter(pk=key).first() if key.isdigit() else None


def _stop(request: HttpRequest, run: SyncRun) -> None:
    if ask_to_stop(run, by_whom(request)):
        messages.success(
            request, "It stops after the page at hand. What is stored stays."
        )
    else:
        messages.info(request, "It has ended already.")


def _retry_items(request: HttpRequest, run: SyncRun) -> None:
    by = by_whom(request)
    assert by.user is not None
    count = retry_items(run, actor=by.user, address=by.address)
    words = (
        f"{counted(run, count)} asked for again. What is taken leaves the list below."
    )
    if count > MOST:
        words = (
            f"{counted(run, count)} are asked for again in the background, {MOST} at a "
            "time; you may leave this page. What is taken leaves the list below."
        )
    messages.success(request, words)


def _retry(request: HttpRequest, run: SyncRun) -> None:
    by = by_whom(request)
    assert by.user is not None
    running = pull_again(run, actor=by.user, address=by.address)
    if running is not None:
        messages.info(request, f"Running since {running.started_at:%H:%M} UTC.")
    else:
        messages.success(request, "The same period is pulled again.")


# Name in the address: what it does.
DEEDS: dict[str, Callable[[HttpRequest, SyncRun], None]] = {
    "stop": _stop,
    "retry-items": _retry_items,
    "retry": _retry,
}


def _bound(view: Callable[..., HttpResponseBase]) -> Callable[[Any], Any]:
    return lambda admin: partial(view, admin)


# Name of the address: its route, and the view of an admin.
PAGES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "status": ("<int:object_id>/status/", _bound(status)),
    "errors": ("<int:object_id>/errors/", _bound(errors)),
    "act": ("<int:object_id>/do/<slug:deed>/", _bound(act)),
    "change": ("<path:object_id>/change/", _bound(page)),
}
