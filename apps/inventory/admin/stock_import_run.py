"""What was read before: the runs, and a page for each, that can take it back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.core.admin import ModelAdmin, ago
from apps.core.errors import DomainError
from apps.imports.admin import STATE_BADGES
from apps.imports.models import ImportRun
from apps.imports.services.stock import documents_of, take_back_run
from apps.imports.services.stock_later import is_kept
from apps.inventory.admin.documents_words import by_whom, place_words, state_badge
from apps.inventory.models import StockDocument
from apps.users.roles import CHANGE_STOCK

MOST_RUNS = 20


def runs_seen(request: HttpRequest) -> list[dict[str, Any]]:
    rows = ImportRun.objects.visible_to(request.user).filter(
        kind=ImportRun.Kind.STOCK, client__isnull=False
    )
    return [
        {
            "run": row,
            "badge": STATE_BADGES[ImportRun.State(row.state)],
            "started": ago(row.started_at),
            "address": reverse("admin:inventory_stock_run", args=[row.pk]),
        }
        for row in rows.select_related("client", "user")[:MOST_RUNS]
    ]


def run(pages: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    """What one file booked; POST takes it back."""
    found = (
        ImportRun.objects.visible_to(request.user)
        .filter(pk=run_id, kind=ImportRun.Kind.STOCK, client__isnull=False)
        .select_related("client", "user")
        .first()
    )
    if found is None:
        return pages.missing(request, str(run_id), ImportRun._meta)
    is_waiting = found.state == ImportRun.State.RUNNING and is_kept(found)
    may_change = request.user.has_perm(CHANGE_STOCK, found.client)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if is_waiting:
            messages.error(request, "It is being booked. Take it back afterwards.")
            return redirect("admin:inventory_stock_run", found.pk)
        return _take_back(request, found)
    documents = list(
        documents_of(found).select_related("warehouse", "to_warehouse", "user")
    )
    standing = [row for row in documents if row.state != StockDocument.State.REVERSED]
    context = {
        "title": found.file_name,
        "run": found,
        "badge": STATE_BADGES[ImportRun.State(found.state)],
        "started": ago(found.started_at),
        "documents": [(row, place_words(row), state_badge(row)) for row in documents],
        "standing": len(standing),
        "is_waiting": is_waiting,
        "may_take_back": may_change and bool(standing) and not is_waiting,
        "asks": "take-back" in request.GET,
    }
    return pages.own_page(request, "inventory/import_run.html", context)


def _take_back(request: HttpRequest, found: ImportRun) -> HttpResponse:
    try:
        count = take_back_run(found, by_whom(request))
    except DomainError as error:
        messages.error(request, f"Not all of it is taken back. {error}")
    else:
        words = f"{count:,} document{'' if count == 1 else 's'}"
        messages.success(request, f"Taken back: {words}. The file can be read anew.")
    return redirect("admin:inventory_stock_run", found.pk)
