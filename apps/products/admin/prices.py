"""The prices of one listing, typed or planned: looked at, then sent."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.core.money import Money
from apps.products.admin.bulk import start
from apps.products.admin.deeds import DEEDS
from apps.products.admin.rehearsal import price_call
from apps.products.models import Listing, PublishRun
from apps.products.services.publishing import (
    GivenPrices,
    PriceChange,
    planned_changes,
)
from apps.products.services.publishing.numbers import number_in, written
from apps.users.roles import CHANGE_LISTING

_LARGEST = Decimal(10) ** 12


def prices(admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    listing = admin.get_object(request, str(object_id))
    if listing is None:
        answer: HttpResponse = admin.missing(request, str(object_id))
        return answer
    if not request.user.has_perm(CHANGE_LISTING, listing):
        raise PermissionDenied
    if reason := DEEDS["price"].refusal(listing):
        messages.error(request, reason)
        return redirect("admin:products_listing_change", listing.pk)
    rows = [_Row(change, request) for change in planned_changes([listing])]
    wanted = [row for row in rows if row.differs]
    if request.method == "POST" and "send" in request.POST and _are_good(rows, wanted):
        given = {row.sku.remote_id: row.price for row in wanted if row.price}
        run = start(
            request,
            listing.shop,
            PublishRun.Kind.PRICE,
            [GivenPrices(listing, given)],
        )
        if run is not None:
            return redirect("admin:products_publishrun_change", run.pk)
    page: HttpResponse = admin.own_page(
        request, "products/listings/prices.html", _context(listing, rows, wanted)
    )
    return page


def _context(
    listing: Listing, rows: list["_Row"], wanted: list["_Row"]
) -> dict[str, Any]:
    changes = [PriceChange(row.sku, row.price, "typed") for row in wanted if row.price]
    return {
        "title": f"Prices of {listing}",
        "listing": listing,
        "rows": rows,
        "wanted": wanted,
        "effect": DEEDS["price"].effect,
        "call": price_call(changes) if changes else "",
        "has_problems": any(row.problem for row in rows),
    }


def _are_good(rows: list["_Row"], wanted: list["_Row"]) -> bool:
    return bool(wanted) and not any(row.problem for row in rows)


class _Row:
    """A SKU: what it costs, what is planned, what was typed."""

    def __init__(self, change: PriceChange, request: HttpRequest) -> None:
        self.sku = change.sku
        self.planned = change.price
        self.words = change.words + (" The rate is old." if change.is_rate_old else "")
        self.now = change.sku.price
        self.name = f"p-{change.sku.pk}"
        self.typed = self._typed(request)
        self.price, self.problem = self._read(change.sku.shop.currency)

    def _typed(self, request: HttpRequest) -> str:
        if "planned" in request.POST and self.planned is not None:
            return written(self.planned.amount)
        if self.name in request.POST:
            return str(request.POST[self.name]).strip()
        return "" if self.now is None else written(self.now.rounded().amount)

    def _read(self, currency: str) -> tuple[Money | None, str]:
        if not self.typed:
            return None, ""
        amount = number_in(self.typed)
        if amount is None:
            return None, f"Write it as 12.50; “{self.typed}” is no number."
        if not 0 < amount < _LARGEST:
            return None, f"A price must be more than nothing, not “{self.typed}”."
        price = Money(amount, currency)
        if price.rounded().amount != amount:
            return None, f"{self.typed} has more decimals than {currency} has."
        return price.rounded(), ""

    @property
    def differs(self) -> bool:
        if self.price is None:
            return False
        return self.now is None or self.now.rounded() != self.price
