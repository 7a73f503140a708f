"""Where orders here and on the platform do not agree: a list, a page for each day."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import READS, OwnList, ReadOnlyAdmin, ago, badge, of_row
from apps.core.errors import DomainError
from apps.core.filtering import FormList, TabbedForm
from apps.orders.models import Order
from apps.platforms.admin.switcher import switcher_for
from apps.platforms.models import Shop
from apps.products.admin.listing_words import shop_words
from apps.sync.admin import gap_words
from apps.sync.admin.runs import STATE_BADGES
from apps.sync.admin.stock_base import tabs_of
from apps.sync.models import Resource, SyncGap, SyncRun
from apps.sync.services.due import next_pull
from apps.sync.services.gaps.leaving import leave
from apps.sync.start import start_pull
from apps.users.roles import START_SYNC, VIEW_ORDER, VIEW_RUN
from apps.users.services.audit import By

ORDERS_ON_A_PAGE = 100


class GapFilters(TabbedForm):
    tabs = {
        "open": ("Open", Q(state=SyncGap.State.OPEN)),
        "closed": ("Agrees again", Q(state=SyncGap.State.CLOSED)),
        "left": ("Left", Q(state=SyncGap.State.LEFT)),
        "all": ("All", Q()),
    }

    shop = forms.ModelChoiceField(
        Shop.objects.none(), required=False, empty_label="All shops"
    )

    def prepare(self) -> None:
        self.choose("shop", Shop.objects.visible_to(self.user, VIEW_RUN))

    def counts(self, rows: QuerySet[Any]) -> dict[str, int]:
        """{tab: number of rows}, in one query."""
        questions = {
            name: Count("pk", filter=question)
            for name, (_, question) in self.tabs.items()
        }
        counted: dict[str, int] = self.filtered(rows).order_by().aggregate(**questions)
        return counted

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        shop = self.value("shop")
        return rows.filter(shop=shop) if shop else rows


class GapList(FormList):
    form_class = GapFilters


class GapAdmin(OwnList, ReadOnlyAdmin):
    """Seen by whoever sees runs at the shop; who may start one may have it counted."""

    list_display = [
        "day_text",
        "shop_name",
        "differing",
        "orders_text",
        "units_text",
        "money_text",
        "counted",
        "state_text",
    ]
    list_display_links = ["day_text"]
    list_class = GapList
    list_title = "Gaps"
    list_before_template = "sync/gaps.html"
    ordering = ["-day", "-pk"]

    def _allows(self, request: HttpRequest, deed: str, obj: Model | None) -> bool:
        permission = VIEW_RUN if deed == "view" else START_SYNC
        return bool(request.user.has_perm(permission, obj))

    def get_urls(self) -> list[URLPattern]:
        kept = [u for u in super().get_urls() if u.name == "sync_syncgap_changelist"]
        return [
            *kept,
            path("count/", self._view(self.count_view), name="sync_syncgap_count"),
            path(
                "<int:object_id>/repair/",
                self._view(self.repair_view),
                name="sync_syncgap_repair",
            ),
            path(
                "<int:object_id>/leave/",
                self._view(self.leave_view),
                name="sync_syncgap_leave",
            ),
            path(
                "<path:object_id>/change/",
                self._view(self.change_view),
                name="sync_syncgap_change",
            ),
        ]

    def _view(self, view: Callable[..., HttpResponse]) -> Any:
        return self.admin_site.admin_view(view)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("shop__client")

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        filters = cl.filters
        assert isinstance(filters, GapFilters)
        counts = filters.counts(SyncGap.objects.visible_to(request.user))
        counted = list(_counted(request, filters.value("shop")))
        return {
            "filters": filters,
            "tabs": tabs_of(cl, counts),
            "has_rows": bool(cl.result_count) or any(counts.values()),
            "reset_query": f"?tab={filters.current_tab}",
            "counted_shops": counted,
            "was_counted": any(row["run"] for row in counted),
            "may_count": request.user.has_perm(START_SYNC),
        } | switcher_for(request.user, cl, filters.value("shop"), VIEW_RUN)

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Have a shop counted now, as each night."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        chosen = request.POST.get("shop", "")
        shops = Shop.objects.visible_to(request.user, START_SYNC)
        shop = shops.filter(pk=chosen).first() if chosen.isdecimal() else None
        if shop is None:
            messages.error(request, "Choose a shop to count.")
        else:
            self._start(request, shop)
        return redirect("admin:sync_syncgap_changelist")

    @of_row(*READS)
    def change_view(self, request: HttpRequest, gap: SyncGap) -> HttpResponse:
        return self.own_page(request, "sync/gap.html", _page(request, gap))

    @of_row(*READS, "POST")
    def repair_view(self, request: HttpRequest, gap: SyncGap) -> HttpResponse:
        """Asks once, then has the day counted again and what differs pulled."""
        return self._deed(request, gap, "Pull again", self._repair)

    @of_row(*READS, "POST")
    def leave_view(self, request: HttpRequest, gap: SyncGap) -> HttpResponse:
        """Asks once, then takes the day from those that are open."""
        return self._deed(request, gap, "Leave as it is", self._leave)

    def _deed(
        self,
        request: HttpRequest,
        gap: SyncGap,
        title: str,
        do: Callable[[HttpRequest, SyncGap], None],
    ) -> HttpResponse:
        if not request.user.has_perm(START_SYNC, gap):
            raise PermissionDenied
        if request.method != "POST":
            context = {"title": f"{title}: {gap}", "gap": gap, "shop": gap.shop}
            context |= {"deed": title, "is_leaving": do == self._leave}
            return self.own_page(request, "sync/gap_deed.html", context)
        do(request, gap)
        return redirect("admin:sync_syncgap_change", gap.pk)

    def _repair(self, request: HttpRequest, gap: SyncGap) -> None:
        self._start(request, gap.shop, gap)

    def _leave(self, request: HttpRequest, gap: SyncGap) -> None:
        person = request.user
        assert person.is_authenticated
        if leave(gap, By(person, address_of(request))):
            messages.success(
                request,
                "It is left as it is, and comes back only if another order differs.",
            )
        else:
            messages.info(request, "It is not open any more.")

    def _start(self, request: HttpRequest, shop: Shop, gap: Any = None) -> None:
        person = request.user
        assert person.is_authenticated
        period = {"since": gap.since, "until": gap.until} if gap else {}
        try:
            run = start_pull(
                shop,
                Resource.GAPS,
                actor=person,
                address=address_of(request),
                **period,
            )
        except DomainError as error:
            messages.error(request, str(error))
            return
        if run is not None:
            words = (
                f"{shop}: orders are being counted since {run.started_at:%H:%M} UTC."
            )
            messages.info(request, words)
        else:
            what = f"{gap.day:%d %b %Y}" if gap else "the last seven days"
            messages.success(
                request,
                f"{shop}: {what} {'is' if gap else 'are'} being counted. What differs "
                "is pulled again; look here again in a minute.",
            )

    @admin.display(description="Day", ordering="day")
    def day_text(self, gap: SyncGap) -> str:
        return f"{gap.day:%d\N{NO-BREAK SPACE}%b\N{NO-BREAK SPACE}%Y}"

    @admin.display(description="Shop", ordering="shop__name")
    def shop_name(self, gap: SyncGap) -> SafeString:
        return shop_words(gap.shop)

    @admin.display(description="Orders that differ", ordering="left")
    def differing(self, gap: SyncGap) -> SafeString:
        return format_html('<span class="money">{}</span>', f"{_count(gap):,}")

    @admin.display(description="Orders, TikTok / here")
    def orders_text(self, gap: SyncGap) -> SafeString:
        return gap_words.sides(gap.their_orders, gap.our_orders)

    @admin.display(description="Units, TikTok / here")
    def units_text(self, gap: SyncGap) -> SafeString:
        return gap_words.sides(gap.their_units, gap.our_units)

    @admin.display(description="Totals, TikTok / here")
    def money_text(self, gap: SyncGap) -> SafeString:
        return gap_words.money_sides(gap)

    @admin.display(description="Counted last", ordering="checked_at")
    def counted(self, gap: SyncGap) -> SafeString | str:
        return ago(gap.checked_at)

    @admin.display(description="State", ordering="state")
    def state_text(self, gap: SyncGap) -> SafeString:
        return gap_words.state_badge(gap)


def _counted(request: HttpRequest, chosen: Shop | None) -> Iterable[dict[str, Any]]:
    """When each shop was counted last and what came of it. Two queries."""
    latest = SyncRun.objects.filter(
        shop=OuterRef("pk"), resource=Resource.GAPS
    ).order_by("-started_at", "-pk")
    shops: Any = Shop.objects.visible_to(request.user, VIEW_RUN).exclude(
        state=Shop.State.DISCONNECTED
    )
    if chosen is not None:
        shops = shops.filter(pk=chosen.pk)
    shops = shops.annotate(last_run=Subquery(latest.values("pk")[:1]))
    shops = list(shops.order_by("name", "pk"))
    runs = SyncRun.objects.in_bulk([s.last_run for s in shops if s.last_run])
    for shop in shops:
        run = runs.get(shop.last_run)
        yield {
            "shop": shop,
            "run": run,
            "when": ago(run.started_at) if run else "never",
            "badge": run
            and badge(run.get_state_display(), STATE_BADGES[SyncRun.State(run.state)]),
        }


def _page(request: HttpRequest, gap: SyncGap) -> dict[str, Any]:
    user = request.user
    pages = Paginator(gap.orders.all(), ORDERS_ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows: list[Any] = list(page.object_list)
    links = _links(request, gap, {row.remote_id for row in rows})
    for row in rows:
        row.address = links.get(row.remote_id, "")
    running = SyncRun.objects.running().filter(shop=gap.shop, resource=Resource.GAPS)
    is_open = gap.state == SyncGap.State.OPEN
    return {
        "title": str(gap),
        "gap": gap,
        "shop": gap.shop,
        "is_open": is_open,
        "badge": gap_words.state_badge(gap),
        "sums": gap_words.sums(gap),
        "rows": rows,
        "page": page,
        "pages": list(_turns(page)),
        "unlisted": max(0, _count(gap) - _listed(gap)),
        "found_at": ago(gap.found_at),
        "checked_at": ago(gap.checked_at),
        "closed_at": ago(gap.closed_at),
        "running": running.first(),
        "next_at": ago(next_pull(gap.shop, Resource.GAPS, timezone.now())),
        "may_leave": is_open and user.has_perm(START_SYNC, gap),
        "may_repair": is_open
        and user.has_perm(START_SYNC, gap)
        and gap.shop.state == Shop.State.CONNECTED,
    }


def _count(gap: SyncGap) -> int:
    """Orders that differ, or differed when it was found."""
    return gap.found if gap.state == SyncGap.State.CLOSED else gap.left


def _listed(gap: SyncGap) -> int:
    return gap.orders.values("remote_id").distinct().count()


def _links(request: HttpRequest, gap: SyncGap, ids: set[str]) -> dict[str, str]:
    """{order ID: its page} of those that are here and may be seen."""
    if not request.user.has_perm(VIEW_ORDER, gap):
        return {}
    orders = Order.objects.visible_to(request.user).filter(
        shop=gap.shop_id, remote_id__in=ids
    )
    return {
        remote_id: reverse("admin:orders_order_change", args=[pk])
        for remote_id, pk in orders.values_list("remote_id", "pk")
    }


def _turns(page: Any) -> Iterable[tuple[str, str]]:
    if page.has_previous():
        yield "Previous orders", f"?page={page.previous_page_number()}"
    if page.has_next():
        yield "Next orders", f"?page={page.next_page_number()}"
