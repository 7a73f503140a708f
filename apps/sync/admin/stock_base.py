"""What the lists of pushes and of drifts share: who sees a row, who may act on it."""

import re
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from apps.core.admin import OwnList, ReadOnlyAdmin
from apps.core.filtering import FilterForm, TabbedForm
from apps.platforms.models import Shop
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK

MOST_TERMS = 100


class AtShopFilters(TabbedForm):
    """Tabs, a search and a shop; those below say which tabs there are."""

    sku_path = "listing_sku"

    q = forms.CharField(
        label="SKUs, SKU IDs or words of the title",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_STOCK))

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        return rows.filter(self._sought())

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of rows} of those given, in one query."""
        counted: dict[str, int] = (
            self.filtered(rows)
            .order_by()
            .aggregate(
                **{
                    name: Count("pk", filter=question)
                    for name, (_, question) in self.tabs.items()
                }
            )
        )
        return counted

    def _sought(self) -> Q:
        """Rows of one of the SKUs, or of a listing with all the words in its title."""
        found = re.split(r"[\s,;]+", self.value("q") or "")
        terms = [term for term in dict.fromkeys(found) if term][:MOST_TERMS]
        if not terms:
            return Q()
        words = Q()
        for term in terms:
            words &= Q(**{f"{self.sku_path}__listing__title__icontains": term})
        sought = words | Q(**{f"{self.sku_path}__remote_id__in": terms})
        for term in terms:
            for name in ("seller_sku", "variant__sku"):
                sought |= Q(**{f"{self.sku_path}__{name}__istartswith": term})
        return sought


class AtShopRows(OwnList, ReadOnlyAdmin):
    """Seen by whoever sees stock at the shop, acted on by who changes it there."""

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        permission = VIEW_STOCK if deed == "view" else CHANGE_STOCK
        return bool(request.user.has_perm(permission, obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(
            "shop__client", "listing_sku__listing", "listing_sku__variant__product"
        )

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Nobody ticks what they cannot do anything with."""
        may_act = request.user.has_perm(CHANGE_STOCK)
        return [name for name in self.list_display if name != "tick" or may_act]

    def seen(self, request: HttpRequest, object_id: object) -> Any:
        """The row, if the user may see it; None for any other ID."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(object_id))


def marked(request: HttpRequest, rows: list[Any]) -> list[Any]:
    """Each with whether the user may act on it."""
    may_act: dict[int, bool] = {}
    for row in rows:
        if row.shop_id not in may_act:
            may_act[row.shop_id] = request.user.has_perm(CHANGE_STOCK, row)
        row.may_act = may_act[row.shop_id]
    return rows


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


def kept_of(request: HttpRequest, filters: FilterForm) -> list[tuple[str, str]]:
    """What the bulk form carries along of the filters."""
    return [
        (name, str(value))
        for name, value in request.GET.items()
        if name in filters.fields and value
    ]


def way_back(request: HttpRequest, name: str) -> str:
    """The list as it was left: the same filters, without what a bulk page added."""
    query = request.GET.copy()
    for added in ("deed", "pk", "all"):
        query.pop(added, None)
    address = reverse(name)
    return f"{address}?{query.urlencode()}" if query else address
