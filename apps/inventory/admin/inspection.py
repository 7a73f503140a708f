"""Expected back: goods of failed deliveries and returns, until somebody looks."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.core.admin import ModelAdmin, ago, badge
from apps.core.errors import DomainError
from apps.core.storing import clean
from apps.inventory.admin.base import stock_clients
from apps.inventory.admin.causes import causes_of
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.admin.place_filters import PlaceFilters
from apps.inventory.models import (
    Booking,
    StockDocumentLine,
    StockMovement,
)
from apps.orders.models import Order
from apps.orders.services.inspecting import inspect
from apps.products.admin.base import key_of, other_pages
from apps.users.models import AnyUser

ROWS_A_PAGE = 50
MOST_AT_ONCE = 200
DESK = "admin:inventory_coming_back"
WHY = {
    StockMovement.Reason.FAILED_DELIVERY: "Delivery failed",
    StockMovement.Reason.RETURN: "Returned",
}
Outcome = StockDocumentLine.Outcome


class BackFilters(PlaceFilters):
    variants = ("sold", "level__variant")

    why = forms.ChoiceField(
        label="Why", required=False, choices=[("", "Either"), *WHY.items()]
    )

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = super().apply(rows)
        if why := self.value("why"):
            rows = rows.filter(why=why)
        return rows


def desk(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """For templates/inventory/inspect_desk.html: the oldest first."""
    filters = BackFilters(request.GET, request.user)
    for name in filters.errors:
        label = str(filters.fields[name].label or name.capitalize())
        messages.warning(request, f"{label}: ignored, because it does not fit here.")
    rows = filters.apply(coming_back(request.user)).order_by("since", "pk")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("p"))
    managed = set(stock_clients(request).values_list("pk", flat=True))
    context = {
        "title": "Expected back",
        "filters": filters,
        "page": page,
        "pages": other_pages(request, page, "p"),
        "rows": _rows(request.user, list(page.object_list), managed),
        "may_inspect": bool(managed),
    }
    return pages.own_page(request, "inventory/inspect_desk.html", context)


def find(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """From an order's number, of goods that came unannounced, to what is inspected."""
    managed = stock_clients(request)
    if not managed.exists():
        raise PermissionDenied
    number = clean(request.GET.get("order", "")).strip()[:64]
    orders = Order.objects.visible_to(request.user).filter(
        remote_id=number, shop__client__in=managed
    )
    keys = list(orders.order_by().values_list("pk", flat=True))
    left = Booking.objects.filter(
        cause_kind=Booking.Kind.ORDER, cause_id__in=keys, on_hand__lt=0
    ).order_by("pk")
    found = left.first()
    if found is not None:
        return redirect("admin:inventory_inspect", found.pk)
    if not keys:
        messages.warning(request, f"No order “{number}” that you may see.")
    else:
        messages.warning(
            request,
            f"Order {number}: nothing of it that is matched has left the warehouse.",
        )
    return redirect(DESK)


def all_sellable(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """All that is ticked into stock again, where it is expected: asked once, then
    done, an order a document."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    rows = _ticked(request)
    if not rows:
        is_late = bool(request.POST.getlist("row"))
        words = "Nothing of that is expected any more." if is_late else ""
        messages.warning(request, words or "Tick what came back first.")
        return redirect(DESK)
    if "key" not in request.POST:
        context = {
            "title": "Put back into stock",
            "rows": _rows(request.user, rows, set()),
            "units": sum(row.expected_back // row.per_unit for row in rows),
            "order_count": len({row.cause_id for row in rows}),
            "key": secrets.token_urlsafe(12),
        }
        return pages.own_page(request, "inventory/inspect_all.html", context)
    done = _put_back(request, rows, clean(request.POST["key"])[:32])
    if done:
        words = f"{done:,} order{'' if done == 1 else 's'}"
        messages.success(request, f"What came back of {words} is in stock again.")
    return redirect(DESK)


def coming_back(user: AnyUser) -> QuerySet[Any]:
    """Bookings that expect goods, with `since` and `why`; of a bundle's parts, one."""
    news = StockMovement.objects.filter(
        booking=OuterRef("pk"), expected_back__gt=0
    ).order_by("-sequence")
    cancelled = Order.objects.filter(pk=OuterRef("cause_id")).order_by()
    expecting = Booking.objects.filter(
        cause_kind=Booking.Kind.ORDER, expected_back__gt=0, sold__isnull=False
    )
    other_part = expecting.filter(
        cause_id=OuterRef("cause_id"),
        cause_part=OuterRef("cause_part"),
        pk__lt=OuterRef("pk"),
    )
    rows = expecting.visible_to(user).filter(~Exists(other_part))
    return rows.annotate(
        since=Coalesce(
            Subquery(cancelled.values("cancelled_at")[:1]),
            Subquery(news.values("booked_at")[:1]),
        ),
        why=Subquery(news.values("reason")[:1]),
    ).select_related("sold__product", "level__warehouse")


def _ticked(request: HttpRequest) -> list[Booking]:
    """Those of the rows that still expect something, of clients one may change."""
    keys = [key_of(text) for text in request.POST.getlist("row")[:MOST_AT_ONCE]]
    managed = stock_clients(request)
    if not managed.exists():
        raise PermissionDenied
    rows = coming_back(request.user).filter(
        pk__in=keys, level__warehouse__client__in=managed
    )
    return list(rows.order_by("pk"))


def _put_back(request: HttpRequest, rows: Sequence[Booking], key: str) -> int:
    """How many orders it was done for; what is refused is told."""
    by_order: dict[int, list[Booking]] = defaultdict(list)
    for row in rows:
        by_order[row.cause_id].append(row)
    orders = Order.objects.select_related("shop").in_bulk(sorted(by_order))
    done = 0
    for order_id, bookings in sorted(by_order.items()):
        lines = {
            row.cause_part: {str(Outcome.SELLABLE): row.expected_back // row.per_unit}
            for row in bookings
        }
        try:
            inspect(
                orders[order_id],
                lines,
                bookings[0].level.warehouse,
                by_whom(request),
                key=f"back:{key}:{order_id}",
            )
            done += 1
        except DomainError as error:
            messages.error(request, str(error))
    return done


def _rows(
    user: AnyUser, bookings: Sequence[Any], managed: set[int]
) -> list[dict[str, Any]]:
    causes = causes_of(user, bookings)
    now = timezone.now()
    return [
        {
            "booking": row,
            "cause": causes[row.pk],
            "units": row.expected_back // row.per_unit,
            "why": badge(WHY.get(row.why, "Expected"), "attention"),
            "since": ago(row.since),
            "days": _days(row.since, now),
            "may_inspect": row.level.warehouse.client_id in managed,
            "address": reverse("admin:inventory_inspect", args=[row.pk]),
        }
        for row in bookings
    ]


def _days(since: datetime | None, now: datetime) -> int:
    return 0 if since is None else max(0, (now - since).days)
