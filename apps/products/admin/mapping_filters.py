"""What the mapping workspace is asked for: tabs, filters, the order of its rows."""

import re
from collections import defaultdict
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.http import HttpRequest
from django.utils import timezone

from apps.core.filtering import FilteredList, FilterForm
from apps.orders.models import Order, OrderLine, questions
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models import ListingSku, MappingSuggestion
from apps.users.roles import VIEW_LISTING, VIEW_ORDER

State = ListingSku.Mapping
# Name in the address: (title, state). The first is where people land.
TABS: dict[str, tuple[str, State]] = {
    "unmatched": ("Unmatched", State.UNMATCHED),
    "suggested": ("Suggested", State.SUGGESTED),
    "matched": ("Matched", State.MATCHED),
    "conflicts": ("Conflicts", State.CONFLICT),
    "ignored": ("Ignored", State.IGNORED),
}
DEFAULT_TAB = "unmatched"
SURE = 95
MOST_TERMS = 100
LONGEST_NUMBER = 10
SOLD_DAYS = timedelta(days=30)
# So many of those that orders wait for come first; a statement takes only so many.
MOST_WAITING = 2_000


class MappingFilters(FilterForm):
    tab = forms.ChoiceField(
        choices=[(name, title) for name, (title, _) in TABS.items()],
        required=False,
        widget=forms.HiddenInput,
    )
    q = forms.CharField(
        label="Title, SKU IDs, product IDs or seller SKUs",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    confidence = forms.TypedChoiceField(
        label="Confidence",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "Any"), *((str(n), f"≥ {n} %") for n in (SURE, 90, 80, 60))],
    )
    waiting = forms.ChoiceField(
        label="Orders waiting",
        required=False,
        choices=[("", "Either"), ("yes", "Yes"), ("no", "No")],
    )
    sold = forms.ChoiceField(
        label="Sold in 30 d",
        required=False,
        choices=[("", "Either"), ("yes", "Yes"), ("no", "No")],
    )
    category = forms.CharField(label="Category", required=False, max_length=120)

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_LISTING))

    @property
    def is_narrowing(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "tab")

    @property
    def current_tab(self) -> str:
        """Who searches without naming a tab is shown the first that has something."""
        if tab := self.value("tab"):
            return str(tab)
        if self.is_narrowing:
            return next((t for t in TABS if self.counts.get(t)), DEFAULT_TAB)
        return DEFAULT_TAB

    @property
    def state(self) -> State:
        return TABS[self.current_tab][1]

    @cached_property
    def counts(self) -> dict[str, int]:
        """{tab: number of SKUs} under these filters, in one query."""
        rows = self.filtered(ListingSku.objects.visible_to(self.user))
        counted = rows.order_by().values_list("mapping").annotate(Count("pk"))
        by_state = dict(counted)
        return {name: by_state.get(state, 0) for name, (_, state) in TABS.items()}

    @cached_property
    def waiting_skus(self) -> dict[int, int]:
        """{SKU: orders} of undecided SKUs that visible orders wait for; one query that
        reads those orders alone."""
        lines = (
            Order.objects.visible_to(self.user)
            .filter(questions.waiting_to_ship())
            .filter(lines__listing_sku__isnull=False, lines__variant__isnull=True)
            .order_by()
            .values_list("lines__listing_sku")
            .annotate(count=Count("pk", distinct=True))
            .order_by("-count", "lines__listing_sku")
        )
        return dict(lines[:MOST_WAITING])

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.filtered(rows).filter(mapping=self.state)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        if words := self.value("category"):
            rows = rows.filter(listing__category_name__icontains=words)
        if (least := self.value("confidence")) is not None:
            rows = rows.filter(Exists(_suggestions().filter(confidence__gte=least)))
        if sold := self.value("sold"):
            since = Q(order__placed_at__gte=timezone.now() - SOLD_DAYS)
            rows = rows.filter(self._has_lines(since, asked=sold == "yes"))
        if waiting := self.value("waiting"):
            is_waiting = Q(order__in=Order.objects.filter(questions.waiting_to_ship()))
            rows = rows.filter(self._has_lines(is_waiting, asked=waiting == "yes"))
        if not self.value("q") and self.value("waiting") != "yes":
            rows = rows.listed()  # type: ignore[attr-defined]
        return rows.filter(self._sought())

    def _has_lines(self, condition: Q, *, asked: bool) -> Q:
        """At shops whose orders one may see; of the others nothing is told."""
        lines = OrderLine.objects.filter(condition, listing_sku=OuterRef("pk"))
        known = at_shops_of(self.user, VIEW_ORDER)
        return known & Q(Exists(lines) if asked else ~Exists(lines))

    def _sought(self) -> Q:
        text = str(self.value("q") or "").replace("\x00", "").strip()
        terms = [t for t in dict.fromkeys(re.split(r"[\s,;]+", text)) if t]
        if not terms:
            return Q()
        some = terms[:MOST_TERMS]
        words = Q()
        for term in some[:8]:
            words &= Q(listing__title__icontains=term) | Q(variation__icontains=term)
        return (
            words
            | Q(remote_id__in=some)
            | Q(listing__remote_id__in=some)
            | Q(seller_sku__in=[*some, text])
            | (Q(seller_sku__istartswith=text) if len(some) == 1 else Q(pk__in=[]))
        )


class MappingList(FilteredList):
    """Takes its questions from the form alone, and its order from the work to do."""

    form_class = MappingFilters
    filters: MappingFilters

    def get_filters_params(
        self, params: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """None but ours: columns in the address would answer any question."""
        return {}

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """What orders wait for comes first; then the surest; the SKUs of a listing
        stand together."""
        together = ["-listing", "position", "pk"]
        if self.filters.state in (State.MATCHED, State.IGNORED):
            return ["-mapped_at", *together]
        by_count = defaultdict(list)
        for key, count in self.filters.waiting_skus.items():
            by_count[count].append(key)
        cases = [When(pk__in=keys, then=Value(n)) for n, keys in by_count.items()]
        first = [Case(*cases, default=Value(0)).desc()] if cases else []
        if self.filters.state == State.SUGGESTED:
            best = _suggestions().order_by("-confidence").values("confidence")[:1]
            first.append(Subquery(best).desc(nulls_last=True))
        return [*first, *together]

    def get_results(self, request: HttpRequest) -> None:
        asked = str(request.GET.get(PAGE_VAR, "1"))
        is_page = asked.isdecimal() and len(asked) < LONGEST_NUMBER and int(asked) > 0
        if not is_page:
            messages.warning(request, "Page: ignored, because it does not fit here.")
            self.page_num = 1
        pages = -(-self.filters.counts[self.filters.current_tab] // self.list_per_page)
        self.page_num = min(self.page_num, pages or 1)
        super().get_results(request)


def _suggestions() -> "QuerySet[MappingSuggestion]":
    return MappingSuggestion.objects.filter(listing_sku=OuterRef("pk"))
