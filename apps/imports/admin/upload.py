"""The first step: a file and the shop it is of."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.core.admin import ModelAdmin
from apps.core.errors import DomainError
from apps.core.exports import csv_response
from apps.imports.admin.steps import steps
from apps.imports.models import ImportRun
from apps.imports.services.kept import LARGEST_FILE
from apps.imports.services.templates import TEMPLATES
from apps.imports.services.uploading import kind_of, receive
from apps.imports.services.who_may import importable_shops, needed_for
from apps.integrations.tiktok.exports import FileRefused
from apps.orders.admin.base import by_whom
from apps.platforms.models import Shop
from apps.users.models import AnyUser


class UploadForm(forms.Form):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), help_text="The file does not say which shop it is of."
    )
    file = forms.FileField(label="CSV or Excel file", help_text="At most 50 MB.")

    def __init__(self, user: AnyUser, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        shops = self.fields["shop"]
        assert isinstance(shops, forms.ModelChoiceField)
        shops.queryset = importable_shops(user)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                "The file is larger than 50 MB. Export a shorter time, and upload the "
                "parts."
            )
        return file


def upload(pages: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """GET shows the form; POST keeps the file and goes on to what it is."""
    if not importable_shops(request.user).exists():
        raise PermissionDenied
    given = [request.POST, request.FILES] if request.method == "POST" else []
    form = UploadForm(request.user, *given, initial={"shop": request.GET.get("shop")})
    if given and form.is_valid():
        run = _receive(request, form)
        if run is not None:
            return _go_on(request, run)
    context = {"title": "Import a file", "form": form, "steps": steps("upload")}
    return pages.own_page(request, "imports/upload.html", context)


def template(pages: ModelAdmin, request: HttpRequest, kind: str) -> HttpResponseBase:
    """An empty file with the headings of a kind."""
    headings = TEMPLATES.get(kind)
    if headings is None:
        raise Http404
    return csv_response(f"{kind}-template.csv", headings, [])


def _receive(request: HttpRequest, form: UploadForm) -> ImportRun | None:
    """None where the file is refused, which is told beside it."""
    shop, file = form.cleaned_data["shop"], form.cleaned_data["file"]
    with tempfile.NamedTemporaryFile(prefix="shopdesk-upload-") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        path = Path(copy.name)
        try:
            kind = kind_of(shop, path)
        except (FileRefused, DomainError) as error:
            form.add_error("file", str(error))
            return None
        if not request.user.has_perm(needed_for(kind), shop):
            form.add_error(
                "file",
                f"This is a file of the kind “{kind.label}”, which you may not read "
                f"into {shop}. Ask its Admin.",
            )
            return None
        return receive(shop, kind, str(file.name), path, by_whom(request).user)


def _go_on(request: HttpRequest, run: ImportRun) -> HttpResponse:
    if run.state == ImportRun.State.KEPT:
        messages.info(
            request,
            f"{run.get_kind_display()} files are not read yet. It is kept, and will be "
            "once they are.",
        )
        return redirect("admin:imports_importrun_run", run.pk)
    return redirect("admin:imports_importrun_match", run.pk)
