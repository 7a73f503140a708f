"""What the lists of money share: who sees a row, tabs, amounts, differences."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ReadOnlyAdmin, badge
from apps.core.exports import csv_response
from apps.core.filtering import TabbedForm, date_input
from apps.core.money import Money
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.users.roles import VIEW_FINANCE

_CHUNK = 1_000


class MoneyFilters(TabbedForm):
    """Tabs, a shop and days in UTC; those below say which tabs there are."""

    day_column: ClassVar[str]

    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    since = date_input("From")
    until = date_input("To")

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_FINANCE))

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        asked = {
            "shop": self.value("shop"),
            f"{self.day_column}__date__gte": self.value("since"),
            f"{self.day_column}__date__lte": self.value("until"),
        }
        return rows.filter(**{name: value for name, value in asked.items() if value})

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of rows}, in one query."""
        questions = {
            name: Count("pk", filter=question)
            for name, (_, question) in self.tabs.items()
        }
        counted: dict[str, int] = self.filtered(rows).order_by().aggregate(**questions)
        return counted


class MoneyRows(OwnList, ReadOnlyAdmin):
    """Seen by whoever sees figures at the shop. `export_header` and `cells` are what a
    file of the list has."""

    export_name: ClassVar[str]
    export_header: ClassVar[tuple[str, ...]]

    class Media:
        css = {"all": ["shopdesk/finance.css"]}

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        return deed == "view" and bool(request.user.has_perm(VIEW_FINANCE, obj))

    def get_urls(self) -> list[URLPattern]:
        base = f"{self.opts.app_label}_{self.opts.model_name}"
        kept = [url for url in super().get_urls() if url.name == f"{base}_changelist"]
        view = self.admin_site.admin_view
        return [
            *kept,
            path("export/", view(self.export_view), name=f"{base}_export"),
            *self.own_urls(view),
        ]

    def own_urls(self, view: Callable[..., Any]) -> list[URLPattern]:
        return []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("shop__client")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, MoneyFilters)
        counts = filters.counts(self.model.objects.visible_to(request.user))
        export = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        return {
            "filters": filters,
            "tabs": tabs_of(cl, counts),
            "has_rows": any(counts.values()),
            "reset_query": f"?tab={filters.current_tab}",
            "export": f"{export}?{request.GET.urlencode()}",
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_FINANCE)

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """What the list shows under the same address, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form_class = self.list_class.form_class  # type: ignore[attr-defined]
        rows = form_class(request.GET, request.user).apply(self.get_queryset(request))
        return csv_response(
            self.export_name, self.export_header, self._cells(rows.order_by("-pk"))
        )

    def _cells(self, rows: QuerySet[Any]) -> Iterable[tuple[object, ...]]:
        """By key: what comes in meanwhile moves nothing that is still to come."""
        chunk = list(rows[:_CHUNK])
        while chunk:
            yield from map(self.cells, chunk)
            chunk = list(rows.filter(pk__lt=chunk[-1].pk)[:_CHUNK])

    def cells(self, row: Any) -> tuple[object, ...]:
        raise NotImplementedError


def tabs_of(cl: Any, counts: dict[str, int]) -> list[dict[str, Any]]:
    """For the navigation above the list."""
    return [
        {
            "title": title,
            "count": counts[name],
            "is_current": name == cl.filters.current_tab,
            "query": cl.get_query_string({"tab": name, "o": None}, ["p"]),
        }
        for name, (title, _) in cl.filters.tabs.items()
    ]


def money(amount: Decimal | None, currency: str) -> SafeString | str:
    """Exact: of a part of a cent, with all its digits."""
    if amount is None:
        return "—"
    return format_html('<span class="money">{}</span>', told(amount, currency))


def told(amount: Decimal | None, currency: str) -> str:
    """“MYR 1,204.50”, exactly."""
    if amount is None:
        return "—"
    exact = Money(amount, currency).exact()
    return f"{currency} {exact.amount:,f}"


def verdict(*differences: Decimal | None, currency: str) -> SafeString:
    """A badge for whether something adds up: the first difference that there is."""
    for difference in differences:
        if difference:
            sign = "+" if difference > 0 else ""
            words = f"{sign}{Money(difference, currency).exact().amount:,f}"
            return badge(f"Off by {currency} {words}", "bad")
    if all(difference is None for difference in differences):
        return badge("Not compared", "neutral")
    return badge("Adds up", "good")


def plain(amount: Decimal | None) -> str:
    """For a file."""
    return "" if amount is None else f"{amount:f}"
