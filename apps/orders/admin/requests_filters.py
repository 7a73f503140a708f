"""What the lists of packages, cancellations and returns are asked for."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from apps.core.filtering import FormList, TabbedForm
from apps.inventory.models import Booking
from apps.orders.models import Cancellation, OrderPackage, Package, Return
from apps.platforms.models import Shop
from apps.users.roles import VIEW_ORDER

MOST_TERMS = 100
Status = Return.Status


def _is_expected() -> Exists:
    """Whether goods of the return's order are expected back in the stock's books."""
    rows = Booking.objects.filter(
        cause_kind=Booking.Kind.ORDER, cause_id=OuterRef("order_id")
    )
    return Exists(rows.filter(expected_back__gt=0))


_HAS_COME = Q(next_action__contains="RECEIVE_PACKAGE")
_IS_ACCEPTED = Q(status__in=[Status.SUCCESS, Status.COMPLETE, Status.REFUNDED_INSTEAD])
_ON_ITS_WAY = Q(status__in=[Status.AWAITING_BUYER_SHIP, Status.BUYER_SHIPPED])


class TabbedFilters(TabbedForm):
    """Tabs, a search and a shop; those below say which tabs there are, and in which
    columns numbers are looked for."""

    searched: ClassVar[tuple[str, ...]] = ()
    number_words: ClassVar[str] = "Order IDs or request IDs"

    q = forms.CharField(
        required=False,
        max_length=4_000,
        widget=forms.TextInput({"type": "search"}),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_ORDER))
        self.fields["q"].label = self.number_words

    @property
    def current_tab(self) -> str:
        """A search means all there are."""
        usual = "all" if self.value("q") else next(iter(self.tabs))
        return str(self.value("tab") or usual)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All filters and the search, but not the tab."""
        if shop := self.value("shop"):
            rows = rows.filter(shop=shop)
        for name in ("kind", "status"):
            if value := self.value(name):
                rows = rows.filter(**{name: value})
        found = re.split(r"[\s,;]+", self.value("q") or "")
        terms = [term for term in dict.fromkeys(found) if term][:MOST_TERMS]
        return rows.filter(self.sought(terms)) if terms else rows

    def sought(self, numbers: list[str]) -> Q:
        found = Q()
        for column in self.searched:
            found |= Q(**{f"{column}__in": numbers})
        return found

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of rows} of those given, in one query."""
        asked = {
            name: Count("pk", filter=question)
            for name, (_, question) in self.tabs.items()
        }
        counted: dict[str, int] = self.filtered(rows).order_by().aggregate(**asked)
        return counted


class ReturnFilters(TabbedFilters):
    tabs: ClassVar[Mapping[str, tuple[str, Any]]] = {
        "answer": ("To answer", ~Q(next_action="")),
        "coming": ("On their way back", _ON_ITS_WAY),
        "inspect": (
            "Received, to inspect",
            (_HAS_COME | _IS_ACCEPTED) & Q(_is_expected()),
        ),
        "all": ("All", Q(pk__isnull=False)),
    }
    searched = ("order_remote_id", "remote_id", "tracking_number")
    number_words = "Order IDs, request IDs or tracking numbers"
    kind = forms.ChoiceField(
        required=False, choices=[("", "Any kind"), *Return.Kind.choices]
    )
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Status.choices]
    )


class CancellationFilters(TabbedFilters):
    tabs: ClassVar[Mapping[str, tuple[str, Any]]] = {
        "answer": (
            "To answer",
            Q(needs_answer=True, status=Cancellation.Status.PENDING),
        ),
        "agreed": ("Agreed", Q(status=Cancellation.Status.SUCCESS)),
        "all": ("All", Q(pk__isnull=False)),
    }
    searched = ("order_remote_id", "remote_id")
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Cancellation.Status.choices]
    )


class PackageFilters(TabbedFilters):
    tabs: ClassVar[Mapping[str, tuple[str, Any]]] = {
        "to-ship": ("To ship", Q(status=Package.Status.TO_FULFILL)),
        "collection": ("Awaiting collection", Q(status=Package.Status.PROCESSING)),
        "transit": ("In transit", Q(status=Package.Status.FULFILLING)),
        "problem": ("Problem", ~Q(problem="")),
        "all": ("All", Q(pk__isnull=False)),
    }
    searched = ("remote_id", "tracking_number", "last_mile_tracking_number")
    number_words = "Package IDs, tracking numbers or order IDs"
    carrier = forms.CharField(required=False, max_length=120)

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if carrier := self.value("carrier"):
            rows = rows.filter(carrier__icontains=carrier)
        return super().filtered(rows)

    def sought(self, numbers: list[str]) -> Q:
        links = OrderPackage.objects.filter(order__remote_id__in=numbers)
        return super().sought(numbers) | Q(pk__in=links.values("package"))


class ReturnList(FormList):
    form_class = ReturnFilters


class CancellationList(FormList):
    form_class = CancellationFilters


class PackageList(FormList):
    form_class = PackageFilters


BY_DEADLINE = F("respond_by_at").asc(nulls_last=True)
