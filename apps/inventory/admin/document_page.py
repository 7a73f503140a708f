"""One document: its lines, what it did to each level, and what can be done to it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.admin import ModelAdmin, ago, badge
from apps.core.errors import DomainError
from apps.inventory.admin.causes import UNSEEN_ORDER, Cause
from apps.inventory.admin.documents_words import (
    OUTCOME_BADGES,
    by_whom,
    effect_rows,
    place_words,
    shortage_words,
    state_badge,
    who_words,
)
from apps.inventory.admin.movements_rows import change_words
from apps.inventory.models import (
    Booking,
    StockCount,
    StockDocument,
    StockDocumentLine,
    StockMovement,
)
from apps.inventory.services.books import preview_take_back, shortages
from apps.inventory.services.documents import Effect, send_out, take_back
from apps.orders.models import Order
from apps.orders.services.inspecting import take_back_inspection
from apps.products.admin.base import other_pages
from apps.users.models import AnyUser
from apps.users.roles import CHANGE_STOCK

LINES_A_PAGE = 100
MOST_EFFECTS = 300
Kind = StockDocument.Kind
State = StockDocument.State


def page_context(request: HttpRequest, document: StockDocument) -> dict[str, Any]:
    """For templates/inventory/document.html. A number of queries that does not grow."""
    lines = document.lines.select_related("variant__product").order_by("position")
    page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("p"))
    shown = list(page.object_list)
    bookings = _bookings(document, shown)
    may_act = request.user.has_perm(CHANGE_STOCK, document)
    return {
        "title": str(document),
        "document": document,
        "badge": state_badge(document),
        "place": place_words(document),
        "supplier": document.supplier_for(request.user),
        "who": who_words(document),
        "booked": ago(document.created_at),
        "ended": ago(document.ended_at),
        "page": page,
        "pages": other_pages(request, page, "p"),
        "lines": _rows(request.user, shown, bookings),
        "movements": _movements(bookings),
        "has_outcomes": document.kind == Kind.INSPECTION,
        "may_take_back": may_act and document.state != State.REVERSED,
        "may_send_out": may_act
        and document.kind == Kind.HOLD
        and document.state == State.BOOKED,
    }


def act(
    pages: ModelAdmin, request: HttpRequest, document: StockDocument, name: str
) -> HttpResponse:
    """GET says what it will do, POST does it."""
    if not request.user.has_perm(CHANGE_STOCK, document):
        raise PermissionDenied
    page = reverse("admin:inventory_stockdocument_change", args=[document.pk])
    if name == "send-out" and document.kind != Kind.HOLD:
        raise Http404
    if request.method != "POST" and document.state == State.REVERSED:
        messages.info(request, f"{document} is taken back already.")
        return redirect(page)
    try:
        if request.method == "POST":
            messages.success(request, DEEDS[name](request, document))
            return redirect(page)
        context = _confirm(request, document, name)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(page)
    return pages.own_page(request, "inventory/document_confirm.html", context)


def _take_back(request: HttpRequest, document: StockDocument) -> str:
    if document.kind == Kind.INSPECTION:
        take_back_inspection(document, by_whom(request))
    else:
        take_back(document, by_whom(request))
    return f"{document} is taken back: the books are as if it had not been."


def _send_out(request: HttpRequest, document: StockDocument) -> str:
    send_out(document, by_whom(request))
    return f"{document} is sent out: its goods have left the stock."


# Name in the address: what it does, and says of it.
DEEDS: dict[str, Callable[[HttpRequest, StockDocument], str]] = {
    "take-back": _take_back,
    "send-out": _send_out,
}


def _confirm(
    request: HttpRequest, document: StockDocument, name: str
) -> dict[str, Any]:
    """For templates/inventory/document_confirm.html."""
    effects: Sequence[Effect] = []
    if name == "take-back":
        effects = preview_take_back(document, by_whom(request))
    return {
        "title": f"Take back {document}" if name == "take-back" else "Send out",
        "document": document,
        "deed": name,
        "place": place_words(document),
        "effects": effect_rows(effects[:MOST_EFFECTS]),
        "left_out": max(len(effects) - MOST_EFFECTS, 0),
        "warnings": shortage_words(shortages(effects)),
        "is_inspection": document.kind == Kind.INSPECTION,
        "line_count": document.lines.count(),
    }


def _bookings(
    document: StockDocument, lines: Sequence[StockDocumentLine]
) -> dict[int, list[Booking]]:
    """{line's position: what it has booked}"""
    found: dict[int, list[Booking]] = defaultdict(list)
    rows = Booking.objects.select_related("level__variant", "level__warehouse")
    if document.kind == Kind.COUNT:
        counts = dict(
            StockCount.objects.filter(line__in=[line.pk for line in lines]).values_list(
                "pk", "line__position"
            )
        )
        rows = rows.filter(cause_kind=Booking.Kind.COUNT, cause_id__in=counts)
        for row in rows:
            found[counts[row.cause_id]].append(row)
        return found
    parts = [str(line.position) for line in lines]
    rows = rows.filter(cause_kind=Booking.Kind.DOCUMENT, cause_id=document.pk)
    for row in rows.filter(cause_part__in=parts).order_by("pk"):
        found[int(row.cause_part)].append(row)
    return found


def _rows(
    user: AnyUser,
    lines: Sequence[StockDocumentLine],
    bookings: dict[int, list[Booking]],
) -> list[dict[str, Any]]:
    orders = _orders(user, {line.order_id for line in lines if line.order_id})
    return [
        {
            "line": line,
            "outcome": _outcome(line),
            "order": orders.get(line.order_id) if line.order_id else None,
            "effect": [_effect_words(row) for row in bookings[line.position]],
        }
        for line in lines
    ]


def _outcome(line: StockDocumentLine) -> Any:
    if not line.outcome:
        return ""
    kind = OUTCOME_BADGES[StockDocumentLine.Outcome(line.outcome)]
    return badge(line.get_outcome_display(), kind)


def _effect_words(row: Booking) -> str:
    """As “+12 on hand in Main”; what is taken back holds nothing any more."""
    return f"{change_words(row) or 'no difference'} in {row.level.warehouse}"


def _orders(user: AnyUser, keys: set[int]) -> dict[int, Cause]:
    found = {key: Cause(UNSEEN_ORDER) for key in keys}
    for order in Order.objects.visible_to(user).filter(pk__in=keys):
        url = reverse("admin:orders_order_change", args=[order.pk])
        found[order.pk] = Cause(f"Order {order.remote_id}", url)
    return found


def _movements(bookings: dict[int, list[Booking]]) -> list[dict[str, Any]]:
    keys = [row.pk for rows in bookings.values() for row in rows]
    rows = StockMovement.objects.filter(booking__in=keys).select_related(
        "level__variant", "level__warehouse"
    )
    return [
        {
            "movement": row,
            "change": change_words(row),
            "when": ago(row.booked_at),
        }
        for row in rows.order_by("-pk")[: 3 * LINES_A_PAGE]
    ]
