"""What the list of listings is asked for: tabs, filters, pasted numbers."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from apps.core.filtering import FilterForm, FormList
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.users.roles import VIEW_LISTING

Status = Listing.Status
MOST_TERMS = 100
MOST_CATEGORIES = 300

# Name in the address: (title, question). The first is where people land.
TABS: dict[str, tuple[str, Callable[[], Q]]] = {
    "all": ("All", lambda: ~Q(status=Status.DELETED)),
    "live": ("Live", lambda: Q(status=Status.LIVE)),
    "review": (
        "In review",
        lambda: (
            ~Q(status=Status.DELETED)
            & (Q(status=Status.PENDING) | Q(audit=Listing.Audit.AUDITING))
        ),
    ),
    "rejected": (
        "Rejected",
        lambda: (
            ~Q(status=Status.DELETED)
            & (Q(status=Status.FAILED) | Q(audit=Listing.Audit.FAILED))
        ),
    ),
    "deactivated": (
        "Deactivated",
        lambda: Q(
            status__in=[
                Status.SELLER_DEACTIVATED,
                Status.PLATFORM_DEACTIVATED,
                Status.FROZEN,
            ]
        ),
    ),
    "drafts": ("Drafts", lambda: Q(status=Status.DRAFT)),
    "deleted": ("Deleted", lambda: Q(status=Status.DELETED)),
}
DEFAULT_TAB = "all"


class ListingFilters(FilterForm):
    tab = forms.ChoiceField(
        choices=[(name, title) for name, (title, _) in TABS.items()],
        required=False,
        widget=forms.HiddenInput,
    )
    q = forms.CharField(
        label="Title, product IDs, SKU IDs or seller SKUs",
        required=False,
        max_length=4000,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Status.choices]
    )
    category = forms.ChoiceField(required=False)
    matching = forms.ChoiceField(
        label="Matching",
        required=False,
        choices=[
            ("", "Either"),
            ("open", "Has unmatched SKUs"),
            ("matched", "All SKUs matched"),
        ],
    )
    quality = forms.ChoiceField(required=False)

    def prepare(self) -> None:
        self.offer_shops()
        rows = Listing.objects.visible_to(self.user).order_by()
        names = rows.exclude(category_name="").values_list("category_name", flat=True)
        categories = names.distinct().order_by("category_name")[:MOST_CATEGORIES]
        self.offer(
            "category",
            [("", "Any category"), *((name, name) for name in categories)],
        )
        qualities = rows.exclude(quality="").values_list("quality", flat=True)
        self.offer(
            "quality",
            [
                ("", "Any quality"),
                *(
                    (name, name.capitalize())
                    for name in qualities.distinct().order_by("quality")
                ),
            ],
        )

    def offer_shops(self) -> None:
        shops = Shop.objects.visible_to(self.user, VIEW_LISTING)
        self.choose("shop", shops)

    @property
    def current_tab(self) -> str:
        """A filter by status looks at the deleted, too, where it asks for them."""
        if tab := self.value("tab"):
            return str(tab)
        return "deleted" if self.value("status") == Status.DELETED else DEFAULT_TAB

    @property
    def is_narrowing(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "tab")

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.filtered(rows).filter(TABS[self.current_tab][1]())

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        for name, column in (
            ("shop", "shop"),
            ("status", "status"),
            ("category", "category_name"),
            ("quality", "quality"),
        ):
            if value := self.value(name):
                rows = rows.filter(**{column: value})
        if matching := self.value("matching"):
            open_skus = Exists(ListingSku.objects.open().filter(listing=OuterRef("pk")))
            any_sku = Exists(
                ListingSku.objects.present().filter(listing=OuterRef("pk"))
            )
            rows = (
                rows.filter(open_skus)
                if matching == "open"
                else rows.filter(any_sku & ~open_skus)
            )
        return rows.filter(self._sought())

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of listings} of those given, in one query."""
        counted: dict[str, int] = self.filtered(rows).aggregate(
            **{
                name: Count("pk", filter=question())
                for name, (_, question) in TABS.items()
            }
        )
        return counted

    @property
    def terms(self) -> list[str]:
        """What was pasted: numbers and SKUs, apart by commas, lines or spaces."""
        found = re.split(r"[\s,;]+", self.value("q") or "")
        return [term for term in dict.fromkeys(found) if term]

    def _sought(self) -> Q:
        """Every listing that has one of the numbers, or all the words in its title."""
        terms = self.terms
        if not terms:
            return Q()
        some = terms[:MOST_TERMS]
        by_sku = ListingSku.objects.filter(
            Q(seller_sku__in=some) | Q(remote_id__in=some), listing=OuterRef("pk")
        )
        if len(some) == 1:
            by_sku = ListingSku.objects.filter(
                Q(seller_sku__istartswith=some[0]) | Q(remote_id=some[0]),
                listing=OuterRef("pk"),
            )
        words = Q(title__icontains=str(self.value("q")).strip())
        if not re.search(r"[,;\n]", str(self.value("q"))):
            words = Q()
            for term in some:
                words &= Q(title__icontains=term)
        return words | Q(remote_id__in=some) | Q(Exists(by_sku))


class ListingList(FormList):
    """Takes its questions from the form alone."""

    form_class = ListingFilters

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        assert isinstance(self.filters, ListingFilters)
        if len(self.filters.terms) > MOST_TERMS:
            messages.warning(request, f"All but the first {MOST_TERMS} are ignored.")
