"""All shops in one currency: what was sold, through what, to what end."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
)
from django.urls import URLPattern, path
from django.utils import timezone

from apps.backoffice.admin.analytics import pieces
from apps.backoffice.admin.analytics.filters import MOST_COMPARED, AnalyticsFilters
from apps.backoffice.admin.analytics.splits import (
    TABLES,
    channels_table,
    clients_table,
    creators_table,
    days_table,
    products_table,
    regions_table,
    shops_table,
)
from apps.backoffice.models import SalesMark
from apps.backoffice.services.analytics.figures import Report
from apps.backoffice.services.analytics.naming import followers_of
from apps.core.admin import ReadOnlyAdmin
from apps.core.exports import csv_response
from apps.platforms.models import Shop
from apps.users.models import AnyUser
from apps.users.roles import MANAGE_CREDENTIALS, VIEW_ANALYTICS, VIEW_RATE

MOST_SHOPS = 100
MOST_TOP = 20


class AnalyticsAdmin(ReadOnlyAdmin):
    list_title = "Analytics"

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            pattern: URLPattern = path(
                route, wrapped, name=f"backoffice_analytics_{name}"
            )
            return pattern

        return [
            own("", self.page_view, "changelist"),
            own("export/<slug:table>/", self.export_view, "export"),
        ]

    def _allows(self, request: HttpRequest, deed: str, obj: Any) -> bool:
        return deed == "view" and bool(request.user.has_perm(VIEW_ANALYTICS, obj))

    def page_view(self, request: HttpRequest) -> HttpResponse:
        filters = self._filters(request)
        if isinstance(filters, HttpResponse):
            return filters
        for name in filters.errors:
            label = filters.fields[name].label or name.capitalize()
            messages.warning(
                request, f"{label}: ignored, because it does not fit here."
            )
        context = {"title": self.list_title, "filters": filters}
        if shops := filters.shops():
            context |= _context(request.user, filters, shops, timezone.now())
        context["may_connect"] = request.user.has_perm(MANAGE_CREDENTIALS)
        return self.own_page(request, "backoffice/analytics.html", context)

    def export_view(self, request: HttpRequest, table: str) -> HttpResponse:
        """One of the page's tables, whole, of what the page is asked for."""
        filters = self._filters(request)
        if isinstance(filters, HttpResponse):
            return filters
        make = TABLES.get(table)
        if make is None:
            raise Http404
        ask = filters.ask(filters.shops(), timezone.now())
        made = make(Report(ask), request.user)
        name = f"analytics-{table}-{ask.since:%Y%m%d}-{ask.until:%Y%m%d}.csv"
        answer: HttpResponse = csv_response(name, made.header, made.rows())  # type: ignore[assignment]
        return answer

    def _filters(self, request: HttpRequest) -> AnalyticsFilters | HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return AnalyticsFilters(request.GET, request.user)


def _context(
    user: AnyUser, filters: AnalyticsFilters, shops: list[Shop], now: datetime
) -> dict[str, Any]:
    ask = filters.ask(shops, now)
    report, before = Report(ask), Report(ask.before())
    by_shop = shops_table(report, user, is_local=filters.is_local)
    splits = [channels_table(report, user)]
    if len({shop.client_id for shop in shops}) > 1:
        splits.append(clients_table(report, user))
    if len({shop.region for shop in shops}) > 1:
        splits.append(regions_table(report, user))
    compared = [shop for shop in filters.compared if shop in shops]
    return {
        "ask": ask,
        "base": ask.base,
        "period": pieces.period_words(ask),
        "before": pieces.period_words(ask.before()),
        "tiles": pieces.tiles(report, before),
        "has_sales": report.has_sales,
        "followers": followers_of(shops),
        "left_out": pieces.left_out_words(report.left_out),
        "settled_left_out": report.settled.left_out,
        "is_provisional": report.is_provisional,
        "may_see_rates": user.has_perm(VIEW_RATE),
        "chart": pieces.day_chart(report),
        "days": days_table(report, user),
        "by_shop": by_shop,
        "shown_shops": by_shop.shown[:MOST_SHOPS],
        "splits": splits,
        "tops": [
            (table, table.shown[:MOST_TOP], len(table.lines))
            for table in (products_table(report, user), creators_table(report, user))
        ],
        "heat": pieces.heat(report),
        "hours": range(24),
        "shops": shops,
        "compared": {shop.pk for shop in compared},
        "most_compared": MOST_COMPARED,
        "comparison": pieces.compare_chart(report, compared)
        if len(compared) > 1
        else None,
        "query": _query(filters),
        "money_query": _query(filters, but=("money",)),
        "kept": [(n, v) for n, v in _asked(filters) if n != "compare"],
    } | _counted(shops)


def _counted(shops: list[Shop]) -> dict[str, Any]:
    """How new the figures are, and of which shops there are none yet."""
    marks = SalesMark.objects.filter(shop__in=shops, changes_until__isnull=False)
    until = dict(marks.values_list("shop", "changes_until"))
    return {
        "counted_until": min(until.values(), default=None),
        "uncounted": len(shops) - len(until),
    }


def _asked(filters: AnalyticsFilters) -> list[tuple[str, str]]:
    """What the address says, of what fits."""
    found = []
    for name in filters.NAMES:
        if name in filters.errors:
            continue
        if name == "compare":
            found += [(name, str(shop.pk)) for shop in filters.compared]
        elif value := filters.value(name):
            found.append((name, str(getattr(value, "pk", value))))
    return found


def _query(filters: AnalyticsFilters, *, but: tuple[str, ...] = ()) -> str:
    return urlencode([(n, v) for n, v in _asked(filters) if n not in but])
