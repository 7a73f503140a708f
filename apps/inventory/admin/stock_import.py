"""A stock file: uploaded, looked at, booked.

Between looking and booking the file travels in the page, signed for the person: on the
server nothing has to be kept, or forgotten. What takes long is then left to a task.
"""

import io
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.imports.services.stock import StockImport, import_stock
from apps.imports.services.stock_files import KeptFile, packed, unpacked
from apps.imports.services.stock_later import leave
from apps.imports.tasks import book_stock_file
from apps.inventory.admin.base import stock_clients
from apps.inventory.admin.documents_words import by_whom
from apps.inventory.admin.stock_import_form import UploadForm
from apps.inventory.admin.stock_import_run import runs_seen
from apps.inventory.models import Warehouse
from apps.inventory.services.csv_rows import write_errors
from apps.inventory.services.stock_rows import Result
from apps.products.admin.rows import chosen_client
from apps.users.models import Client

PAGE = "admin:inventory_stock_import"
MOST_SHOWN = 200
GOOD_FOR_SECONDS = 3600
# What is booked while somebody waits; more is left to a task.
AT_ONCE = 500
# What a page can look at, and send back; what is larger is for the command.
MOST_ROWS = 10_000
LARGEST_SIGNED = 2_000_000
_BADGES = {
    Result.CHANGED: "progress",
    Result.SAME: "neutral",
    Result.SKIPPED: "attention",
    Result.REFUSED: "bad",
}
_PROBLEMS_FIRST = list(Result)[::-1]


def upload(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The form, and what was read before; POST is an upload, answered by what the file
    comes to."""
    managed = stock_clients(request)
    client = chosen_client(request, managed) if managed.exists() else None
    if request.method == "POST" and not managed.exists():
        raise PermissionDenied
    form = None
    if client is not None:
        is_upload = request.method == "POST"
        form = UploadForm(client, *([request.POST, request.FILES] * is_upload))
        if is_upload and form.is_valid():
            context = _previewed(request, client, form)
            if context is not None:
                return pages.own_page(request, "inventory/import_check.html", context)
    context = {
        "title": "Import stock",
        "client": client,
        "clients": managed,
        "form": form,
        "runs": runs_seen(request),
        "may_import": managed.exists(),
    }
    return pages.own_page(request, "inventory/import.html", context)


def book(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """What was looked at, as far as it still holds and the user still may."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    carried = _carried(request)
    if carried is None:
        return redirect(PAGE)
    is_large = _lines(carried) > AT_ONCE
    again = "again" in request.POST
    try:
        if is_large:
            result = leave(carried, by_whom(request), again=again)
        else:
            result = _import(request, carried, again=again)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(PAGE)
    if result.run is None:
        messages.warning(request, _earlier_words(result))
        return redirect(PAGE)
    if is_large:
        after_commit(book_stock_file.delay, result.run.pk)
    else:
        _tell(request, result)
    return redirect("admin:inventory_stock_run", result.run.pk)


def errors(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The refused rows with their reasons, to correct and upload again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    carried = _carried(request)
    if carried is None:
        return redirect(PAGE)
    try:
        result = _import(request, carried, dry_run=True)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(PAGE)
    out = io.StringIO()
    write_errors(out, result.examined.file, result.examined.refused)
    plain = (c for c in carried.name if c.isascii() and (c.isalnum() or c in "-_."))
    return HttpResponse(
        out.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": "attachment; "
            f'filename="{"".join(plain)[:80]}.errors.csv"',
            "Cache-Control": "no-store",
        },
    )


def _previewed(
    request: HttpRequest, client: Client, form: UploadForm
) -> dict[str, Any] | None:
    """For templates/inventory/import_check.html; None where the file cannot be used,
    which is told."""
    file, now = form.cleaned_data["file"], timezone.now()
    carried = KeptFile(client, str(file.name), file.read(), form.options, now)
    signed = _signed(request, carried)
    if _lines(carried) > MOST_ROWS or len(signed) > LARGEST_SIGNED:
        form.add_error(
            "file",
            "The file is too large for this page. Cut it into several, or use the "
            "command import_file stock.",
        )
        return None
    try:
        result = _import(request, carried, dry_run=True)
    except DomainError as error:
        form.add_error("file", str(error))
        return None
    examined = result.examined
    rows = sorted(examined.rows, key=lambda e: _PROBLEMS_FIRST.index(e.result))
    return {
        "title": f"Import {carried.name}",
        "client": client,
        "file_name": carried.name,
        "counts": [(e.value, _BADGES[e], examined.count(e)) for e in Result],
        "row_count": len(examined.rows),
        "rows": [(each, _BADGES[each.result]) for each in rows[:MOST_SHOWN]],
        "left_out": max(len(rows) - MOST_SHOWN, 0),
        "ignored": examined.file.ignored,
        "to_book": examined.count(Result.CHANGED),
        "refused": examined.count(Result.REFUSED),
        "oversold": sum(each.short > 0 for each in rows),
        "is_large": _lines(carried) > AT_ONCE,
        "earlier": _earlier_words(result) if result.earlier else "",
        "signed": signed,
    }


def _import(
    request: HttpRequest,
    carried: KeptFile,
    *,
    dry_run: bool = False,
    again: bool = False,
) -> StockImport:
    return import_stock(
        carried.client,
        carried.data,
        carried.options,
        by_whom(request),
        file_name=carried.name,
        at=carried.at,
        dry_run=dry_run,
        again=again,
    )


def _earlier_words(result: StockImport) -> str:
    earlier = result.earlier
    assert earlier is not None
    return (
        f"This file was booked on {earlier.created_at:%d %b %Y %H:%M} UTC, as "
        f"{earlier}."
    )


def _tell(request: HttpRequest, result: StockImport) -> None:
    examined = result.examined
    done, refused = examined.count(Result.CHANGED), examined.count(Result.REFUSED)
    if done:
        messages.success(request, f"{done:,} row{'' if done == 1 else 's'} booked.")
    else:
        messages.info(request, "Nothing has changed.")
    if refused:
        messages.warning(request, f"{refused:,} rows were refused and are not booked.")


def _lines(file: KeptFile) -> int:
    """At least as many as it has rows."""
    return file.data.count(b"\n")


def _signed(request: HttpRequest, file: KeptFile) -> str:
    return signing.dumps(packed(file), salt=_salt(request))


def _carried(request: HttpRequest) -> KeptFile | None:
    """What the page brought back; None where it holds no more, which is told."""
    try:
        told = signing.loads(
            request.POST.get("signed", ""),
            salt=_salt(request),
            max_age=GOOD_FOR_SECONDS,
        )
        return unpacked(stock_clients(request).get(pk=told["client"]), told)
    except (signing.BadSignature, Client.DoesNotExist, Warehouse.DoesNotExist):
        messages.error(request, "This preview is over. Upload the file once more.")
        return None


def _salt(request: HttpRequest) -> str:
    return f"inventory.import.{request.user.pk}"
