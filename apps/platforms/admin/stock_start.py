"""Before a shop is told our stock for the first time: what it would be told, of what
nothing could be told, and why."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.errors import DomainError
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.services.settings import change_settings, settings_of
from apps.inventory.services.telling import Told, WhyNot, figures_for
from apps.platforms.admin.stock_tab import may_set, tab_address
from apps.platforms.models import Shop
from apps.products.admin.base import other_pages
from apps.products.models import ListingSku
from apps.sync.admin.stock_words import shown
from apps.sync.models import StockPush

ROWS_A_PAGE = 100
# Name in the address: what is counted, and what to do about it.
_REASONS: dict[str, tuple[str, str]] = {
    WhyNot.NOT_COUNTED: (
        "Not counted",
        "Count them, receive them, or take the shop's figures over.",
    ),
    WhyNot.NOT_MAPPED: ("Warehouse not matched", "Match the shop's warehouses."),
    WhyNot.NO_WAREHOUSE: ("No warehouse known", "Look for the shop's warehouses."),
    WhyNot.NOT_LIVE: ("Not on sale", "They are told as soon as they are on sale."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a SKU shows, as far as is known, and what it would be told."""

    sku: ListingSku
    told: Told
    shows: int | None

    @property
    def kind(self) -> str:
        """The tab that the row stands in."""
        if self.told.total is None:
            return str(self.told.reason or "")
        return "same" if self.told.total == self.shows else "changes"


def start(admin: Any, request: HttpRequest, shop: Shop) -> HttpResponse:
    if not may_set(request.user, shop):
        raise PermissionDenied
    if request.method == "POST":
        return _switch_on(request, shop)
    rows = rows_of(shop)
    counts = Counter(row.kind for row in rows)
    kind = request.GET.get("show", "") or "changes"
    shown = [row for row in rows if row.kind == kind]
    page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("p"))
    listed = ListingSku.objects.filter(shop=shop).listed()
    found: HttpResponse = admin.own_page(
        request,
        "platforms/stock_start.html",
        {
            "title": f"Tell {shop} your stock",
            "shop": shop,
            "is_told": settings_of(shop).is_pushed,
            "matched": len(rows),
            "unmatched": listed.filter(variant=None)
            .exclude(mapping=ListingSku.Mapping.IGNORED)
            .count(),
            "told_count": counts["changes"] + counts["same"],
            "tabs": _tabs(counts, kind),
            "advice": _REASONS.get(kind, ("", ""))[1],
            "rows": page,
            "pages": other_pages(request, page, "p"),
            "back": tab_address(shop),
        },
    )
    return found


def rows_of(shop: Shop) -> list[Row]:
    """All matched SKUs of a shop, as if it were told."""
    skus = list(
        ListingSku.objects.filter(shop=shop, variant__isnull=False)
        .listed()
        .select_related("listing", "variant")
        .order_by("listing__title", "listing", "position", "pk")
    )
    told = figures_for(skus, is_switched_on=True)
    shows = _shown(shop)
    return [
        Row(
            sku,
            told[sku.pk],
            sku.quantity if shows.get(sku.pk) is None else shows[sku.pk],
        )
        for sku in skus
    ]


def _shown(shop: Shop) -> dict[int, int | None]:
    """{SKU: what the shop shows, as far as is known}"""
    rows = StockPush.objects.filter(shop=shop).values_list(
        "listing_sku", "accepted_total", "accepted_at", "found_total", "found_at"
    )
    return {
        sku: shown(accepted, accepted_at, found, found_at)
        for sku, accepted, accepted_at, found, found_at in rows
    }


def _tabs(counts: Counter[str], kind: str) -> list[dict[str, Any]]:
    titles = {"changes": "Told another number", "same": "Shows it already"}
    titles |= {name: title for name, (title, _) in _REASONS.items() if counts[name]}
    return [
        {
            "title": title,
            "count": counts[name],
            "query": f"?show={name}",
            "is_current": name == kind,
        }
        for name, title in titles.items()
    ]


def _switch_on(request: HttpRequest, shop: Shop) -> HttpResponse:
    try:
        change_settings(shop, by_whom(request), is_pushed=True)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{shop} is told your stock from now on.")
    return redirect(tab_address(shop))
