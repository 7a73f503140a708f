"""A new document in two steps: typed, looked at, booked. Between the steps it travels
in the page, signed for the person, with a key that books it once however often it is
sent."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.inventory.admin.base import stock_clients
from apps.inventory.admin.document_forms import (
    FIRST_ROWS,
    MORE_ROWS,
    MOST_ROWS,
    Typed,
    TypedRow,
    deed_of,
    read,
)
from apps.inventory.admin.document_head import HeadForm
from apps.inventory.admin.documents_words import (
    NEW,
    by_whom,
    effect_rows,
    set_off_words,
    shortage_words,
    signed,
)
from apps.inventory.models import StockDocument, Warehouse
from apps.inventory.services.books import counted_since, on_hand_at, shortages
from apps.inventory.services.documents import (
    Deed,
    book_document,
    preview_document,
)
from apps.products.admin.base import key_of
from apps.products.admin.rows import chosen_client
from apps.users.models import Client

GOOD_FOR_SECONDS = 12 * 3600
MOST_SHOWN = 300
Kind = StockDocument.Kind
# What the address may fill in, beside rows.
_PREFILLED = ("to_warehouse", "direction", "reason", "reference")


def new(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    clients = stock_clients(request)
    if not clients.exists():
        raise PermissionDenied
    kind = _kind(request)
    client = _client(request, clients)
    if client is None:
        return _ask_whose(pages, request, kind, clients)
    if request.method != "POST":
        return _form(pages, request, client, kind, _prefilled(request, client, kind))
    if "signed" in request.POST:
        return _second_step(pages, request, client, kind)
    return _first_step(pages, request, client, kind)


def _first_step(
    pages: ModelAdmin, request: HttpRequest, client: Client, kind: Kind
) -> HttpResponse:
    typed = read(request.POST, client, kind, request.user)
    if "more" in request.POST:
        typed.blanks = min(typed.blanks + MORE_ROWS, MOST_ROWS)
        return _form(pages, request, client, kind, typed)
    now = timezone.now()
    deed = deed_of(typed, client, kind, at=now)
    try:
        if deed is not None:
            context = _checked(request, client, deed, now)
            context["when"] = _when(deed, typed.head.cleaned_data["zone"])
            return pages.own_page(request, "inventory/document_check.html", context)
    except DomainError as error:
        typed.faults.append(str(error))
    return _form(pages, request, client, kind, typed)


def _second_step(
    pages: ModelAdmin, request: HttpRequest, client: Client, kind: Kind
) -> HttpResponse:
    told = _carried(request)
    if told is None or told["client"] != client.pk or told["kind"] != kind.value:
        messages.error(request, "This check is over. Type it once more.")
        return redirect(_address(kind, client))
    typed = read(told["typed"], client, kind, request.user)
    if "change" in request.POST:
        return _form(pages, request, client, kind, typed)
    at = datetime.fromisoformat(told["at"])
    deed = deed_of(typed, client, kind, key=told["key"], at=at)
    try:
        if deed is not None:
            document = book_document(client, deed, by_whom(request)).document
            messages.success(request, f"{document} is booked.")
            return redirect("admin:inventory_stockdocument_change", document.pk)
    except DomainError as error:
        typed.faults.append(str(error))
    return _form(pages, request, client, kind, typed)


def _form(
    pages: ModelAdmin,
    request: HttpRequest,
    client: Client,
    kind: Kind,
    typed: Typed,
) -> HttpResponse:
    title, lead = NEW[kind]
    context = {
        "title": title,
        "lead": lead,
        "kind": kind.value,
        "kinds": [
            (each.value, words, each == kind) for each, (words, _) in NEW.items()
        ],
        "client": client,
        "form": typed.head,
        "typed": typed,
        "rows": typed.shown,
        "row_count": len(typed.shown),
        "may_add_rows": len(typed.shown) < MOST_ROWS,
        "is_signed": kind == Kind.ADJUSTMENT,
        "places": Warehouse.objects.filter(client=client, is_active=True).count(),
        "action": _address(kind, client),
    }
    return pages.own_page(request, "inventory/document_new.html", context)


def _checked(
    request: HttpRequest, client: Client, deed: Deed, now: datetime
) -> dict[str, Any]:
    """For templates/inventory/document_check.html. Raises DomainError."""
    effects = preview_document(client, deed, by_whom(request))
    told = {
        "client": client.pk,
        "kind": deed.kind.value,
        "key": secrets.token_urlsafe(16),
        "at": now.isoformat(),
        "typed": {
            name: value
            for name, value in request.POST.items()
            if name not in ("csrfmiddlewaretoken", "check")
        },
    }
    return {
        "title": f"{NEW[deed.kind][0]}: check",
        "client": client,
        "deed": deed,
        "kind_words": deed.kind.label,
        "counted": _counted(deed) if deed.kind == Kind.COUNT else [],
        "effects": effect_rows(effects[:MOST_SHOWN]),
        "left_out": max(len(effects), len(deed.lines)) - MOST_SHOWN,
        "warnings": shortage_words(shortages(effects)),
        "set_off": set_off_words(counted_since(deed)),
        "units": sum(abs(line.quantity) for line in deed.lines),
        "line_count": len(deed.lines),
        "signed": signing.dumps(told, salt=_salt(request), compress=True),
        "action": _address(deed.kind, client),
    }


def _when(deed: Deed, zone: str) -> str:
    """On the clock that was chosen, and in UTC."""
    if deed.effective_at is None:
        return "now"
    there = deed.effective_at.astimezone(ZoneInfo(zone))
    told = f"{there:%d %b %Y %H:%M} {zone.replace('_', ' ')}"
    return told if zone == "UTC" else f"{told}, {deed.effective_at:%H:%M} UTC"


def _counted(deed: Deed) -> list[dict[str, Any]]:
    """What was counted beside what the books say of that moment."""
    assert deed.effective_at is not None
    variants = [line.variant.pk for line in deed.lines]
    books = on_hand_at(deed.warehouse.pk, variants, deed.effective_at)
    return [
        {
            "variant": line.variant,
            "books": books.get(line.variant.pk, 0),
            "counted": line.quantity,
            "difference": signed(line.quantity - books.get(line.variant.pk, 0)),
            "differs": line.quantity != books.get(line.variant.pk, 0),
        }
        for line in deed.lines[:MOST_SHOWN]
    ]


def _kind(request: HttpRequest) -> Kind:
    asked = request.GET.get("kind", "")
    known = {kind.value: kind for kind in NEW}
    if asked and asked not in known:
        messages.warning(request, "Kind: ignored, because it does not fit here.")
    return known.get(asked, Kind.RECEIPT)


def _client(request: HttpRequest, clients: QuerySet[Client]) -> Client | None:
    """The one the address names, be it by its warehouse, or the only one there is."""
    place = request.GET.get("warehouse", "")
    if place and not request.GET.get("client"):
        row = Warehouse.objects.filter(pk=key_of(place), client__in=clients).first()
        if row is not None:
            return clients.get(pk=row.client_id)
    return chosen_client(request, clients)


def _ask_whose(
    pages: ModelAdmin, request: HttpRequest, kind: Kind, clients: QuerySet[Client]
) -> HttpResponse:
    kept = [
        (name, value)
        for name, value in request.GET.items()
        if name not in ("client", "warehouse")
    ]
    context = {"title": NEW[kind][0], "clients": clients, "kept": kept}
    return pages.own_page(request, "inventory/document_client.html", context)


def _prefilled(request: HttpRequest, client: Client, kind: Kind) -> Typed:
    asked = request.GET
    initial: dict[str, Any] = {name: asked.get(name, "") for name in _PREFILLED}
    initial["warehouse"] = key_of(asked.get("warehouse", "")) or None
    head = HeadForm(None, client, kind, request.user, initial=initial)
    rows = []
    if sku := asked.get("sku", ""):
        rows.append(TypedRow(sku[:50], asked.get("quantity", "")[:12], where="row 1"))
    return Typed(head, rows, FIRST_ROWS - len(rows), "")


def _carried(request: HttpRequest) -> Mapping[str, Any] | None:
    try:
        told: Mapping[str, Any] = signing.loads(
            request.POST.get("signed", ""),
            salt=_salt(request),
            max_age=GOOD_FOR_SECONDS,
        )
    except signing.BadSignature:
        return None
    return told


def _address(kind: Kind, client: Client) -> str:
    query = urlencode({"kind": kind.value, "client": client.pk})
    return f"{reverse('admin:inventory_document_new')}?{query}"


def _salt(request: HttpRequest) -> str:
    return f"inventory.document.{request.user.pk}"
