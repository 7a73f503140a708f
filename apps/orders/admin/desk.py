"""What the order list is asked for: tab, filters, pasted numbers. From the address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Value
from django.utils import timezone

from apps.orders.admin.desk_form import MORE, DeskForm
from apps.orders.admin.desk_search import Search, search
from apps.orders.admin.sync_questions import sync_failed
from apps.orders.models import OrderQuerySet, questions
from apps.users.models import AnyUser

DAY = timedelta(days=1)
DESK = timedelta(days=90)

# Name in the address: (title, question).
TABS: dict[str, tuple[str, Callable[[datetime], Q]]] = {
    "all": ("All", lambda now: questions.anything()),
    "open": ("Open", lambda now: questions.unfinished_since(now - DESK)),
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
    "returns": ("Return/refund", lambda now: questions.returning()),
    "package-problem": ("Package problem", lambda now: questions.package_problem()),
    "viral": ("Viral", lambda now: questions.viral()),
    "unmatched": (
        "Unmatched items",
        lambda now: questions.unmatched_since(now - DESK),
    ),
    "conflicts": ("Conflicts", lambda now: questions.conflicting()),
    "sync-failed": ("Sync failed", sync_failed),
}
DEFAULT_TAB = "open"


@dataclass(slots=True)
class Desk:
    """What was asked, and the orders that answer it."""

    form: DeskForm
    tab: str
    rejected: list[str] = field(default_factory=list)
    now: datetime = field(default_factory=timezone.now)
    _search: Search | None = None

    @classmethod
    def read(cls, query: Mapping[str, Any], user: AnyUser) -> "Desk":
        form = DeskForm(query, user)
        form.is_valid()
        tab = query.get("tab", "")
        rejected = [str(form[name].label) for name in form.errors]
        if tab and tab not in TABS:
            rejected.append("Tab")
        desk = cls(form, tab if tab in TABS else "", rejected)
        if not desk.tab:
            # A search, or a link that filters by status, means all orders.
            narrow = desk.form.value_of("q") or desk.form.value_of("status")
            desk.tab = "all" if narrow else DEFAULT_TAB
        return desk

    @property
    def has_more_filters(self) -> bool:
        return any(self.form.value_of(name) is not None for name in MORE)

    @property
    def has_filters(self) -> bool:
        return any(self.form.value_of(name) is not None for name in self.form.fields)

    @property
    def found(self) -> Search:
        """What became of the pasted numbers; asked for once `filtered` was."""
        return self._search or Search()

    def filtered(self, orders: OrderQuerySet) -> OrderQuerySet:
        """All filters and the search, but not the tab. Numbers are looked up once:
        `orders` are always all that the person sees."""
        orders = self.form.apply(orders)
        if self._search is None:
            self._search = search(orders, self.form.value_of("q") or "")
        return orders.filter(self._search.condition)

    def in_tab(self, orders: OrderQuerySet) -> OrderQuerySet:
        return orders.filter(TABS[self.tab][1](self.now))

    def answer(self, orders: OrderQuerySet) -> OrderQuerySet:
        return self.in_tab(self.filtered(orders))

    def counts(self, orders: OrderQuerySet) -> dict[str, int]:
        """{tab: number of orders} of those given, in one statement. Each count is one
        of its own therein, which finds its few orders by an index; one walk over all
        orders that asks each of them everything takes ten times as long."""
        rows = [
            orders.filter(question(self.now))
            .order_by()
            .annotate(tab=Value(name))
            .values("tab")
            .annotate(number=Count("pk"))
            .values_list("tab", "number")
            for name, (_, question) in TABS.items()
        ]
        # What finds nothing for certain is not asked at all.
        found = dict(rows[0].union(*rows[1:], all=True))
        return {name: found.get(name, 0) for name in TABS}
