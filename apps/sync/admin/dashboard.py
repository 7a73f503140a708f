"""Is data flowing, and what is stuck: all shops and resources on one page."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from apps.core.addresses import address_of
from apps.core.admin import ReadOnlyAdmin, ago
from apps.core.errors import DomainError
from apps.core.filtering import FilterForm
from apps.platforms.models import ApiCall, Shop
from apps.platforms.services.call_log import error_groups
from apps.platforms.services.usage import usage_of
from apps.sync.admin.dashboard_cells import matrix_of, running_of, status_of
from apps.sync.admin.dashboard_charts import Called, call_chart, success_chart
from apps.sync.models import Resource, SyncRun
from apps.sync.services.latency import TARGET_SECONDS, latency_of
from apps.sync.services.success import success_by_day
from apps.sync.start import may_start, start_pull
from apps.users.models import Client, User
from apps.users.roles import VIEW_CALL, VIEW_RUN

SHOPS_A_PAGE = 50
MOST_CALLED = 12
DAY = timedelta(days=1)


class BoardFilters(FilterForm):
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="All clients"
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        shops = Shop.objects.visible_to(self.user, VIEW_RUN)
        clients = Client.objects.companies().filter(shops__in=shops.order_by())
        self.choose("client", clients.distinct())
        self.choose("shop", shops)

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if client := self.value("client"):
            rows = rows.filter(client=client)
        if shop := self.value("shop"):
            rows = rows.filter(pk=shop.pk)
        return rows


class DashboardAdmin(ReadOnlyAdmin):
    list_title = "Sync dashboard"

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            pattern: URLPattern = path(
                route,
                self.admin_site.admin_view(view),
                name=f"sync_syncdashboard_{name}",
            )
            return pattern

        return [
            own("", self.page_view, "changelist"),
            own("status/", self.status_view, "status"),
            own("start/", self.start_view, "start"),
        ]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        return deed == "view" and bool(request.user.has_perm(VIEW_RUN, obj))

    def page_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        filters = BoardFilters(request.GET, request.user)
        for name in filters.errors:
            label = name.capitalize()
            messages.warning(
                request, f"{label}: ignored, because it does not fit here."
            )
        shops = filters.apply(_shops(request))
        context = {"title": self.list_title, "filters": filters} | _context(
            request, shops
        )
        return self.own_page(request, "sync/dashboard.html", context)

    def status_view(self, request: HttpRequest) -> HttpResponse:
        """For the page's script, of the same filters and page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shops = BoardFilters(request.GET, request.user).apply(_shops(request))
        shown = list(_page(request, shops))
        return JsonResponse(status_of(shown, request.user, shops.values("pk")))

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """One cell's pull (`cell`), or one resource of all shops shown (`all`)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        shops = _shops(request).filter(state=Shop.State.CONNECTED)
        cell = request.POST.get("cell", "")
        if cell:
            key, _, name = cell.partition("-")
            chosen = shops.filter(pk=key) if key.isdecimal() else shops.none()
        else:
            name = request.POST.get("all", "")
            chosen = BoardFilters(request.POST, request.user).apply(shops)
        if name in Resource.values:
            _start(request, list(chosen), Resource(name))
        else:
            messages.error(request, "Choose what to sync.")
        back = redirect("admin:sync_syncdashboard_changelist")
        if query := _query(request):
            back["Location"] += f"?{query}"
        return back


def _shops(request: HttpRequest) -> QuerySet[Shop]:
    shops = Shop.objects.visible_to(request.user, VIEW_RUN)
    return shops.exclude(state=Shop.State.DISCONNECTED)


def _page(request: HttpRequest, shops: QuerySet[Shop]) -> "Page[Shop]":
    pages = Paginator(shops.order_by("name", "region", "pk"), SHOPS_A_PAGE)
    return pages.get_page(request.GET.get("p"))


def _context(request: HttpRequest, shops: QuerySet[Shop]) -> dict[str, Any]:
    now, user = timezone.now(), request.user
    page = _page(request, shops)
    keys = list(shops.order_by().values_list("pk", flat=True))
    days = success_by_day(keys, now)
    latency = latency_of(shops.order_by(), now - DAY)
    share = latency.share_within_target
    matrix = matrix_of(list(page), user, now)
    startable = [
        resource
        for resource in Resource
        if any(may_start(user, shop, resource) for shop in page)
    ]
    return {
        "resources": list(Resource),
        "page": page,
        "shops": len(keys),
        "matrix": matrix,
        "running": running_of(user, keys, now),
        "now": f"{now:%H:%M:%S} UTC",
        "query": _query(request),
        "page_query": _query(request, "client", "shop"),
        "startable": startable,
        "days": days,
        "success": success_chart(days),
        "has_runs": any(day.ended for day in days),
        "latency": latency,
        "latency_share": f"{100 * share:.1f} %" if share is not None else "—",
        "target_seconds": TARGET_SECONDS,
    } | _calls(request, keys, now)


def _calls(request: HttpRequest, keys: list[int], now: Any) -> dict[str, Any]:
    """The platform's side, for who may see calls: usage and errors."""
    if not request.user.has_perm(VIEW_CALL):
        return {"may_see_calls": False}
    calls = ApiCall.objects.visible_to(request.user).filter(shop__in=keys)
    busy = usage_of(calls, now)
    names = {shop.pk: str(shop) for shop in Shop.objects.filter(pk__in=list(busy))}
    called = [
        Called(names[key], each.busiest_second, each.last_minute)
        for key, each in busy.items()
        if key in names
    ]
    called.sort(key=lambda each: (-each.busiest, -each.minute, each.shop))
    limit = settings.TIKTOK_SHOP_CALL_LIMIT
    return {
        "may_see_calls": True,
        "called": called,
        "call_limit": limit,
        "call_chart": call_chart(called[:MOST_CALLED], limit),
        "errors": [
            (group, ago(group.last_at))
            for group in error_groups(calls.filter(at__gte=now - DAY))
        ],
    }


def _start(request: HttpRequest, shops: list[Shop], resource: Resource) -> None:
    """What was started, what runs already, and what could not be, in words."""
    assert isinstance(request.user, User)
    started, running = 0, []
    for shop in shops:
        if not may_start(request.user, shop, resource):
            continue
        try:
            run = start_pull(
                shop, resource, actor=request.user, address=address_of(request)
            )
        except DomainError as error:
            messages.error(request, str(error))
            continue
        if run is None:
            started += 1
        else:
            running.append(run)
    what = resource.label.lower()
    if started:
        at = f" of {shops[0]}" if len(shops) == 1 else f" of {started:,} shops"
        messages.success(request, f"Sync of {what}{at} started.")
    for run in running[:3]:
        messages.info(request, _running_words(run))
    if len(running) > 3:
        messages.info(request, f"{len(running) - 3:,} more run already.")
    if not shops:
        messages.info(request, "No connected shop to start it for.")


def _running_words(run: SyncRun) -> str:
    what = Resource(run.resource).label
    return f"{run.shop}: {what.lower()} running since {run.started_at:%H:%M} UTC."


def _query(request: HttpRequest, *names: str) -> str:
    """The filters and the page, as they stand in the address or came with a form."""
    asked = {
        name: value
        for name in names or ("client", "shop", "p")
        if (value := request.POST.get(name) or request.GET.get(name, ""))
    }
    return urlencode(asked)
