"""What the order list is asked for: tabs, filters, pasted numbers. From the address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils import timezone

from apps.core.filtering import date_input
from apps.orders.models import Order, OrderQuerySet, questions
from apps.platforms.models import Shop
from apps.platforms.regions import REGIONS
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER

DAY = timedelta(days=1)
DESK = timedelta(days=90)
MOST_TERMS = 100
PRESETS = {"today": 1, "7d": 7, "30d": 30, "90d": 90}


# Name in the address: (title, question). The first is where people land.
TABS: dict[str, tuple[str, Callable[[datetime], Q]]] = {
    "open": ("Open", lambda now: questions.unfinished_since(now - DESK)),
    "all": ("All", lambda now: questions.anything()),
    "ship-24h": ("Ship within 24 h", lambda now: questions.ship_within(now, DAY)),
    "cancel-24h": (
        "Auto-cancelling within 24 h",
        lambda now: questions.auto_cancelling_within(now, DAY),
    ),
    "overdue": ("Overdue", lambda now: questions.overdue(now)),
    "cancel-requested": (
        "Cancel requested",
        lambda now: questions.cancel_requested(),
    ),
    "unmatched": (
        "Unmatched items",
        lambda now: questions.unmatched_since(now - DESK),
    ),
}
DEFAULT_TAB = "open"


class DeskForm(forms.Form):
    """The filters. Fields that do not hold are dropped, with a notice."""

    q = forms.CharField(
        label="Order IDs, tracking numbers or SKUs",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": "One or up to 100, commas or lines"}
        ),
    )
    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )
    region = forms.ChoiceField(required=False)
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Order.Status.choices]
    )
    placed = forms.ChoiceField(
        label="Placed",
        required=False,
        choices=[
            ("", "Any time"),
            ("today", "Last 24 h"),
            ("7d", "Last 7 days"),
            ("30d", "Last 30 days"),
            ("90d", "Last 90 days"),
        ],
    )
    placed_from = date_input("Placed from")
    placed_to = date_input("Placed to")
    ship_from = date_input("Ship by from")
    ship_to = date_input("Ship by to")
    amount_min = forms.DecimalField(
        label="Total from", required=False, max_digits=19, decimal_places=4
    )
    amount_max = forms.DecimalField(
        label="Total to", required=False, max_digits=19, decimal_places=4
    )
    carrier = forms.CharField(required=False, max_length=120)
    source = forms.ChoiceField(
        required=False, choices=[("", "Any source"), *Order.Source.choices]
    )

    def __init__(self, data: Mapping[str, Any], user: AnyUser) -> None:
        super().__init__(data)
        shops = Shop.objects.visible_to(user, VIEW_ORDER)
        shop = self.fields["shop"]
        assert isinstance(shop, forms.ModelChoiceField)
        shop.queryset = shops
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        region.choices = [
            ("", "All regions"),
            *(
                (code, REGIONS[code].name if code in REGIONS else code)
                for code in sorted(set(shops.values_list("region", flat=True)))
            ),
        ]


@dataclass(slots=True)
class Desk:
    """What was asked, and the orders that answer it."""

    form: DeskForm
    tab: str
    values: dict[str, Any]
    rejected: list[str] = field(default_factory=list)
    not_found: list[str] = field(default_factory=list)
    searched: int = 0

    @classmethod
    def read(cls, query: Mapping[str, Any], user: AnyUser) -> "Desk":
        form = DeskForm(query, user)
        form.is_valid()
        tab = query.get("tab", "")
        rejected = [str(form[name].label) for name in form.errors]
        if tab and tab not in TABS:
            rejected.append("Tab")
        desk = cls(form, tab if tab in TABS else "", form.cleaned_data, rejected)
        if not desk.tab:
            # A search, or a link that filters by status, means all orders.
            narrow = desk.values.get("q") or desk.values.get("status")
            desk.tab = "all" if narrow else DEFAULT_TAB
        return desk

    @property
    def has_more_filters(self) -> bool:
        names = ("placed_from", "placed_to", "ship_from", "ship_to", "amount_min")
        more = (*names, "amount_max", "carrier", "source")
        return any(self.values.get(name) not in (None, "") for name in more)

    @property
    def has_filters(self) -> bool:
        return any(value not in (None, "") for value in self.values.values())

    def filtered(self, orders: OrderQuerySet) -> OrderQuerySet:
        """All filters and the search, but not the tab."""
        value = self.values
        now = timezone.now()
        conditions = {
            "shop": value.get("shop"),
            "shop__region": value.get("region"),
            "status": value.get("status"),
            "total_amount__gte": value.get("amount_min"),
            "total_amount__lte": value.get("amount_max"),
            "carrier__icontains": value.get("carrier"),
            "placed_at__date__gte": value.get("placed_from"),
            "placed_at__date__lte": value.get("placed_to"),
            "ship_by_at__date__gte": value.get("ship_from"),
            "ship_by_at__date__lte": value.get("ship_to"),
        }
        if days := PRESETS.get(value.get("placed") or ""):
            conditions["placed_at__gte"] = now - timedelta(days=days)
        orders = orders.filter(
            **{name: v for name, v in conditions.items() if v not in (None, "")}
        )
        if source := value.get("source"):
            orders = orders.filter(payloads__source=source)
        return self._search(orders)

    def in_tab(self, orders: OrderQuerySet) -> OrderQuerySet:
        return orders.filter(TABS[self.tab][1](timezone.now()))

    def counts(self, orders: OrderQuerySet) -> dict[str, int]:
        """{tab: number of orders} of those given, in one query."""
        now = timezone.now()
        # A count filtered by nothing is not SQL; every order has an ID.
        everything = Q(pk__isnull=False)
        counted: dict[str, int] = orders.aggregate(
            **{
                name.replace("-", "_"): Count("pk", filter=question(now) or everything)
                for name, (_, question) in TABS.items()
            }
        )
        return {name: counted[name.replace("-", "_")] for name in TABS}

    def _search(self, orders: OrderQuerySet) -> OrderQuerySet:
        terms = [t for t in re.split(r"[\s,;]+", self.values.get("q") or "") if t]
        terms = list(dict.fromkeys(terms))
        if not terms:
            return orders
        if len(terms) > MOST_TERMS:
            self.rejected.append(f"All but the first {MOST_TERMS} numbers")
            terms = terms[:MOST_TERMS]
        self.searched = len(terms)
        matching = Q()
        found: set[str] = set()
        for name in _SEARCHED:
            hits = orders.filter(**{f"{name}__in": terms})
            matched = set(hits.order_by().values_list(name, flat=True).distinct())
            if matched:
                found |= matched
                matching |= Q(pk__in=hits.order_by().values("pk"))
        if not found and len(terms) == 1 and re.fullmatch(r"\d{4,}", terms[0]):
            return orders.filter(remote_id__endswith=terms[0])
        self.not_found = [term for term in terms if term not in found]
        return orders.filter(matching) if found else orders.none()


_SEARCHED = (
    "remote_id",
    "tracking_number",
    "parcels__tracking_number",
    "lines__seller_sku",
    "lines__remote_sku_id",
)
