"""One deed on many packages, cancellations or returns: chosen in their list, looked at,
agreed to, and then asked of TikTok in the background, a run a shop."""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from apps.core.errors import DomainError
from apps.core.filtering import FilterForm
from apps.core.queueing import after_commit
from apps.core.storing import clean
from apps.orders.admin.base import by_whom
from apps.orders.models import ActionRun, ShopOrderSettings
from apps.orders.services.actions import Wish, ask, facts_of, objection
from apps.orders.services.order_settings import settings_of_shops
from apps.platforms.models import Shop
from apps.products.admin.base import key_of
from apps.sync import tasks
from apps.users.roles import PROCESS_ORDERS

FORM = "bulk"
MOST_TICKED = 1_000
ROWS_SHOWN = 100
LEFT_OUT_SHOWN = 20
_ADDED = ("deed", "pk", "all")


@dataclass(frozen=True, slots=True)
class BulkDeed:
    """`effect` is what TikTok will do; `wish` makes a row's, from it and its shop's
    settings, or says why there is none; `seen` is what of a row a person agreed to."""

    name: str
    title: str
    effect: str
    wish: Callable[[Any, ShopOrderSettings], Wish | str]
    seen: Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Desk:
    """A list from which deeds are done: `noun` is what its rows are called, `amount`
    what goes back to the buyer by one."""

    deeds: Mapping[str, BulkDeed]
    filters: type[FilterForm]
    list_name: str
    bulk_name: str
    template: str
    noun: str
    amount: Callable[[Any], str] = lambda row: ""


@dataclass(slots=True)
class Chosen:
    """`fit` are (row, its wish); `left_out` the others, and why."""

    fit: list[tuple[Any, Wish]] = field(default_factory=list)
    left_out: list[tuple[Any, str]] = field(default_factory=list)

    @property
    def by_shop(self) -> list[tuple[Shop, int]]:
        return list(Counter(row.shop for row, _ in self.fit).items())

    def mark(self, deed: BulkDeed) -> str:
        """Tells whether they are still what a person agreed to."""
        seen = sorted(f"{row.pk}:{deed.seen(row)}" for row, _ in self.fit)
        return hashlib.sha256(",".join(seen).encode()).hexdigest()[:16]


def tick(row: Any, words: str) -> SafeString:
    """A box of the bulk form, which stands above the list: no script needed."""
    return format_html(
        '<input type="checkbox" class="tick" name="pk" value="{}" form="{}" '
        'aria-label="Select {}">',
        row.pk,
        FORM,
        words,
    )


def bulk(admin: Any, desk: Desk, request: HttpRequest) -> HttpResponse:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    if not request.user.has_perm(PROCESS_ORDERS):
        raise PermissionDenied
    if (deed := desk.deeds.get(request.GET.get("deed", ""))) is None:
        messages.error(request, "Choose what is to be done.")
        return redirect(desk.list_name)
    rows = _rows(admin.get_queryset(request), desk, request)
    chosen = _sorted_out(request, rows, deed)
    if request.method == "POST" and chosen.fit:
        if request.POST.get("mark") == chosen.mark(deed):
            return _ask(request, desk, deed, chosen)
        messages.warning(request, "They have changed by now. Look again, then confirm.")
    page: HttpResponse = admin.own_page(
        request,
        desk.template,
        {
            "title": deed.title,
            "deed": deed,
            "noun": desk.noun,
            "count": len(chosen.fit),
            "mark": chosen.mark(deed),
            "key": uuid.uuid4().hex,
            "by_shop": chosen.by_shop,
            "rows": [(row, desk.amount(row)) for row, _ in chosen.fit[:ROWS_SHOWN]],
            "rows_more": max(0, len(chosen.fit) - ROWS_SHOWN),
            "left_out_count": len(chosen.left_out),
            "left_out": chosen.left_out[:LEFT_OUT_SHOWN],
            "left_out_more": max(0, len(chosen.left_out) - LEFT_OUT_SHOWN),
            "here": request.get_full_path(),
            "back": way_back(request, desk.list_name),
        },
    )
    return page


def way_back(request: HttpRequest, name: str) -> str:
    """The list as it was left."""
    query = request.GET.copy()
    for added in _ADDED:
        query.pop(added, None)
    return f"{reverse(name)}?{query.urlencode()}" if query else reverse(name)


def kept_of(request: HttpRequest, filters: FilterForm) -> list[tuple[str, str]]:
    """What the bulk form carries along of the list's query."""
    asked = [(name, request.GET.get(name, "")) for name in filters.fields]
    return [(name, value) for name, value in asked if value]


def _rows(visible: QuerySet[Any], desk: Desk, request: HttpRequest) -> QuerySet[Any]:
    """Those of the rows one sees that the address names; the rest is as if not
    there."""
    if request.GET.get("all"):
        return desk.filters(request.GET, request.user).apply(visible)
    told = request.GET.getlist("pk")[:MOST_TICKED]
    return visible.filter(pk__in=[key_of(key) for key in told])


def _sorted_out(request: HttpRequest, rows: Iterable[Any], deed: BulkDeed) -> Chosen:
    chosen = Chosen()
    rows = list(rows)
    settings = settings_of_shops(sorted({row.shop_id for row in rows}))
    wishes = [(row, _wish(request, row, deed, settings[row.shop_id])) for row in rows]
    orders = {w.order.pk: w.order for _, w in wishes if isinstance(w, Wish)}
    facts = facts_of(list(orders.values()))
    for row, wish in wishes:
        if isinstance(wish, str):
            chosen.left_out.append((row, wish))
        elif why_not := objection(wish, facts[wish.order.pk]):
            chosen.left_out.append((row, why_not))
        else:
            chosen.fit.append((row, wish))
    return chosen


def _wish(
    request: HttpRequest, row: Any, deed: BulkDeed, settings: ShopOrderSettings
) -> Wish | str:
    if not request.user.has_perm(PROCESS_ORDERS, row):
        return "Your role only looks at this shop's orders."
    return deed.wish(row, settings)


def _ask(
    request: HttpRequest, desk: Desk, deed: BulkDeed, chosen: Chosen
) -> HttpResponse:
    by_shop: dict[Shop, list[Wish]] = defaultdict(list)
    for row, wish in chosen.fit:
        by_shop[row.shop].append(wish)
    key = clean(request.POST.get("key", ""))[:36]
    runs: list[ActionRun] = []
    count = 0
    for shop, wishes in by_shop.items():
        try:
            asked = ask(
                shop,
                wishes,
                by_whom(request),
                title=f"{deed.title}: {_counted(len(wishes), desk.noun)}",
                key=key,
                group=key,
            )
        except DomainError as error:
            messages.error(request, f"{shop}: {error}")
            continue
        after_commit(tasks.work_order_actions.delay, shop.pk)
        count += len(asked.actions)
        runs += [asked.run] if asked.run else []
        for wish, reason in asked.refused[:LEFT_OUT_SHOWN]:
            messages.warning(request, f"Order {wish.order.remote_id}: {reason}")
    if count:
        words = f"{deed.title}: {_counted(count, desk.noun)} on the way to TikTok."
        messages.success(request, words)
    return redirect(_after(request, desk, runs))


def _after(request: HttpRequest, desk: Desk, runs: Sequence[ActionRun]) -> str:
    """The run's page; of several shops, the runs that belong together."""
    if not runs:
        return way_back(request, desk.list_name)
    if len(runs) == 1:
        return reverse("admin:orders_actionrun_change", args=[runs[0].pk])
    address = reverse("admin:orders_actionrun_changelist")
    return f"{address}?{urlencode({'group': runs[0].group})}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
