"""The catalogue as a file: taken away, uploaded, looked at, applied.

Between looking and applying the file travels in the page, signed for the person: on
the server nothing has to be kept, or forgotten.
"""

import base64
import io
import zlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils import timezone

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.products.admin.rows import by_whom, managed_clients
from apps.products.models import Variant
from apps.products.services import catalogue_import
from apps.products.services.catalogue_compare import compare
from apps.products.services.catalogue_files import (
    currencies_in,
    export_rows,
    header_of,
    read_file,
)
from apps.products.services.catalogue_rows import Comparison, Kind
from apps.products.services.csv_files import LARGEST_FILE
from apps.users.models import Client
from apps.users.roles import VIEW_COST, VIEW_PRODUCT

PAGE = "admin:products_product_files"
MOST_SHOWN = 200
GOOD_FOR_SECONDS = 3600
# What a page can send back; what is larger is for the command.
LARGEST_SIGNED = 2_000_000
# Products a page writes before somebody waits too long; the command writes all.
MOST_AT_ONCE = 1_000
BADGES = {
    Kind.NEW: "good",
    Kind.CHANGED: "progress",
    Kind.SAME: "neutral",
    Kind.REFUSED: "bad",
}


class ClientForm(forms.Form):
    client = forms.ModelChoiceField(Client.objects.none(), empty_label=None)

    def __init__(self, data: Any, clients: Any, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["client"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = clients


class UploadForm(ClientForm):
    file = forms.FileField(label="CSV file")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 10 MB.")
        return file


def files(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The two forms; POST is an upload, answered by what the file comes to."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    clients = Client.objects.visible_to(request.user, VIEW_PRODUCT)
    managed = managed_clients(request)
    is_upload = request.method == "POST"
    form = UploadForm(
        request.POST if is_upload else None,
        managed,
        files=request.FILES if is_upload else None,
    )
    if is_upload:
        if not managed.exists():
            raise PermissionDenied
        context = _previewed(request, form) if form.is_valid() else None
        if context is not None:
            return pages.own_page(request, "products/import.html", context)
    context = {
        "title": "Import and export products",
        "export_form": ClientForm(None, clients, auto_id="export_%s"),
        "form": form,
        "has_clients": clients.exists(),
        "may_import": managed.exists(),
    }
    return pages.own_page(request, "products/files.html", context)


def export(
    pages: ModelAdmin, request: HttpRequest
) -> HttpResponse | StreamingHttpResponse:
    if not pages.has_view_permission(request):
        raise PermissionDenied
    clients = Client.objects.visible_to(request.user, VIEW_PRODUCT)
    form = ClientForm(request.GET, clients)
    if not form.is_valid():
        messages.warning(request, "Choose a client first.")
        return redirect(PAGE)
    client = form.cleaned_data["client"]
    with_costs = request.user.has_perm(VIEW_COST, client)
    variants = Variant.objects.visible_to(request.user).filter(client=client)
    currencies = currencies_in(variants)
    header = header_of(currencies, with_costs=with_costs)
    # Spreadsheets know by this mark that the file is UTF-8.
    header[0] = f"\ufeff{header[0]}"
    rows = export_rows(variants, currencies, with_costs=with_costs)
    return csv_response(f"products-{timezone.now():%Y-%m-%d}.csv", header, rows)


def apply(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """What was looked at, as far as it still holds and the user still may."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = _carried(request)
    if found is None:
        return redirect(PAGE)
    client, name, comparison = found
    to_write = sum(group.is_to_write for group in comparison.groups)
    left = catalogue_import.apply(
        client, comparison, file_name=name, most=MOST_AT_ONCE, **by_whom(request)
    )
    if not to_write:
        messages.info(request, "Nothing has changed.")
    elif left:
        messages.warning(
            request,
            f"{to_write - left:,} products are written, {left:,} are left: upload the "
            "file once more. What is written is not written again.",
        )
    else:
        messages.success(
            request,
            f"Imported into {client}: {comparison.count(Kind.NEW):,} new and "
            f"{comparison.count(Kind.CHANGED):,} changed SKUs.",
        )
    if refused := len(comparison.refused):
        messages.warning(request, f"{refused:,} rows were refused and are not written.")
    return redirect("admin:products_product_changelist")


def errors(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The refused rows with their reasons, to correct and upload again."""
    if not pages.has_view_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = _carried(request)
    if found is None:
        return redirect(PAGE)
    _, name, comparison = found
    out = io.StringIO()
    catalogue_import.write_error_file(comparison, out)
    stem = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_."))
    return HttpResponse(
        out.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{stem[:80]}.errors.csv"',
            "Cache-Control": "no-store",
        },
    )


def _previewed(request: HttpRequest, form: UploadForm) -> dict[str, Any] | None:
    """For templates/products/import.html; None where the file cannot be used."""
    client, file = form.cleaned_data["client"], form.cleaned_data["file"]
    data = file.read()
    try:
        comparison = compare(client, read_file(data))
    except DomainError as error:
        form.add_error("file", str(error))
        return None
    signed = _signed(request, client, str(file.name), data)
    if len(signed) > LARGEST_SIGNED:
        form.add_error(
            "file",
            "The file is too large for this page. Cut it into several, or use the "
            "command import_catalogue.",
        )
        return None
    order = [Kind.REFUSED, Kind.NEW, Kind.CHANGED, Kind.SAME]
    rows = sorted(comparison.results, key=lambda each: order.index(each.kind))
    to_write = sum(group.is_to_write for group in comparison.groups)
    return {
        "title": f"Import {file.name}",
        "client": client,
        "file_name": file.name,
        "counts": [(kind.value, BADGES[kind], comparison.count(kind)) for kind in Kind],
        "rows": [(each, BADGES[each.kind]) for each in rows[:MOST_SHOWN]],
        "left_out": max(len(rows) - MOST_SHOWN, 0),
        "comparison": comparison,
        "to_write": to_write,
        "signed": signed,
    }


def _signed(request: HttpRequest, client: Client, name: str, data: bytes) -> str:
    packed = base64.b64encode(zlib.compress(data)).decode()
    told = {"client": client.pk, "name": name[:255], "data": packed}
    return signing.dumps(told, salt=_salt(request))


def _carried(request: HttpRequest) -> tuple[Client, str, Comparison] | None:
    """What the page brought back, compared anew; None where it holds no more, which
    is told."""
    try:
        told = signing.loads(
            request.POST.get("signed", ""),
            salt=_salt(request),
            max_age=GOOD_FOR_SECONDS,
        )
        client = managed_clients(request).get(pk=told["client"])
        file = read_file(zlib.decompress(base64.b64decode(told["data"])))
    except (signing.BadSignature, Client.DoesNotExist, DomainError):
        messages.error(request, "This preview is over. Upload the file once more.")
        return None
    return client, told["name"], compare(client, file)


def _salt(request: HttpRequest) -> str:
    return f"products.catalogue.{request.user.pk}"
