"""Files: uploaded, looked through, read in when asked to, undone."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.errors import ScopeMissing
from apps.core.api.files import AnyFile
from apps.core.api.filters import InstantFilter, RowFilter
from apps.core.api.parsers import Json
from apps.core.errors import DomainError
from apps.core.queueing import after_commit
from apps.imports.api.serializers import (
    DatesSerializer,
    ImportDetailSerializer,
    ImportSerializer,
    ImportUploadSerializer,
)
from apps.imports.errors import ImportRefused
from apps.imports.models import ImportRun
from apps.imports.services.kept import LARGEST_FILE
from apps.imports.services.readers import READERS
from apps.imports.services.refused_rows import refused_rows
from apps.imports.services.stages import State, ask_check, ask_start, ask_stop
from apps.imports.services.undo import preview_undo
from apps.imports.services.uploading import kind_of, receive
from apps.imports.services.who_may import may_act, needed_for
from apps.imports.tasks import check_file, read_file, undo_file
from apps.integrations.tiktok.exports import FileRefused
from apps.orders.api.order_rows import BUYERS
from apps.orders.services.buyer_views import note_buyers_taken
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.api.scoping import has_scope
from apps.users.roles import VIEW_IMPORT

# The file, and what stands around it in a form.
LARGEST_BODY = LARGEST_FILE + (1 << 16)
_MULTIPART = "multipart/form-data"
_BEGUN = {202: ImportDetailSerializer}


class ImportFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_IMPORT), field_name="shop"
    )
    kind = filters.ChoiceFilter(choices=ImportRun.Kind.choices)
    state = filters.ChoiceFilter(choices=ImportRun.State.choices)
    since = InstantFilter("started_at", "gte")
    until = InstantFilter("started_at", "lt")


class Imports(ListsAndShows[ImportRun]):
    """Files of shops and what became of them. A file that is uploaded is looked through
    at once; nothing of it is written before `read/` says so."""

    scope = "imports"
    tag = "imports"
    queryset = ImportRun.objects.all()
    serializer_class = ImportSerializer
    detail_class = ImportDetailSerializer
    filterset_class = ImportFilters
    orderings = ("started_at",)
    ordering = "-started_at"
    parser_classes = [Json, MultiPartParser]
    # The file may be gone, or be of a kind that is only kept.
    own_problems = {"errors": [409]}

    def rows(self) -> QuerySet[ImportRun]:
        rows: QuerySet[ImportRun] = super().rows().select_related("shop__client")
        return rows

    def get_renderers(self) -> list[BaseRenderer]:
        own = [AnyFile()] if getattr(self, "action", None) == "errors" else []
        return [*super().get_renderers(), *own]

    def printed(self, request: Request) -> bytes:
        """Of a form, what it says: a file is too large to be held in memory."""
        if not str(request.content_type).startswith(_MULTIPART):
            return super().printed(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise RequestDataTooBig
        form = request.data
        assert isinstance(form, QueryDict)
        said = hashlib.sha256()
        for name in sorted(form):
            said.update(repr(name).encode())
            values: list[Any] = form.getlist(name)
            for value in values:
                if isinstance(value, UploadedFile):
                    said.update(repr(value.name).encode())
                    for chunk in value.chunks():
                        said.update(chunk)
                    value.seek(0)
                else:
                    said.update(repr(value).encode())
        return said.digest()

    @extend_schema(
        request={_MULTIPART: ImportUploadSerializer},
        responses={201: ImportDetailSerializer, 202: ImportDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a file: 202, and it is being looked through; or 201, for files that
        are only kept until such are read. The same file may be uploaded again:
        `earlier` says when it was read before."""
        told = self.read(ImportUploadSerializer)
        run = self._receive(told)
        if run.state == State.KEPT:
            return self.shown(run, status=201)
        ask_check(run, {"dates": told["dates"]})
        after_commit(check_file.delay, run.pk)
        return self.shown(run, status=202)

    @extend_schema(request=DatesSerializer, responses=_BEGUN)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: int) -> Response:
        """Look through it once more, with dates read another way."""
        run = self._acted_on()
        ask_check(run, run.options | {"dates": self.read(DatesSerializer)["dates"]})
        after_commit(check_file.delay, run.pk)
        return self.shown(run, status=202)

    @extend_schema(request=None, responses=_BEGUN)
    @action(detail=True, methods=["post"], url_path="read")
    def read_in(self, request: Request, pk: int) -> Response:
        """Read in what was found to be good, or go on where it stopped. What is refused
        is left out."""
        run = self._acted_on()
        if run.state == State.CHECKED and run.report["is_date_order_told"] is False:
            raise ImportRefused(
                "No date in the file tells whether the day or the month comes first. "
                "Say it with check/, then read it in."
            )
        ask_start(run)
        after_commit(read_file.delay, run.pk)
        return self.shown(run, status=202)

    @extend_schema(request=None, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: int) -> Response:
        """Stop after the batch it is at; what was read in stays."""
        run = self._acted_on()
        ask_stop(run)
        return self.shown(run)

    @extend_schema(request=None, responses=_BEGUN)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int) -> Response:
        """Take back what it changed: 202. While something later depends on any of it,
        nothing is undone; `not_undone` says what."""
        run = self._acted_on()
        preview_undo(run, most=0)  # refuses what has no way back
        after_commit(undo_file.delay, run.pk, self.user.pk)
        return self.shown(run, status=202)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def errors(self, request: Request, pk: int) -> HttpResponse:
        """The refused rows as CSV with a last column `error`, to correct and upload
        again. Of orders they show who bought: that takes buyers:read, and is written
        into the audit trail."""
        run = self._acted_on()
        assert run.shop is not None
        if run.kind not in READERS:
            raise ImportRefused("Files of this kind are only kept.")
        if _shows_buyers(run) and not has_scope(request, BUYERS):
            raise ScopeMissing(f"The token lacks the scope {BUYERS}.")
        try:
            found = refused_rows(run)
        except FileRefused as error:
            raise ImportRefused(error.message) from None
        if found.shows_buyers and request.method == "GET":
            shown = [(run.shop, found.items)]
            note_buyers_taken(shown, self.user, address=self.address)
        return HttpResponse(
            found.content,
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{found.name}"',
                "Cache-Control": "no-store",
            },
        )

    def _receive(self, told: dict[str, Any]) -> ImportRun:
        shop, file = told["shop"], told["file"]
        with tempfile.NamedTemporaryFile(prefix="shopdesk-upload-") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
            copy.flush()
            path = Path(copy.name)
            try:
                kind = kind_of(shop, path)
            except (FileRefused, DomainError) as error:
                raise ValidationError({"file": str(error)}) from None
            if told.get("kind", kind) != kind:
                words = f"This is a file of the kind “{kind.value}”."
                raise ValidationError({"kind": words})
            self.need(needed_for(kind), shop)
            return receive(shop, kind, str(file.name), path, self.user)

    def _acted_on(self) -> ImportRun:
        run = self.subject()
        if not may_act(self.user, run):
            raise PermissionDenied
        return run


def _shows_buyers(run: ImportRun) -> bool:
    headings = READERS[run.kind].headings
    return headings is not None and bool(headings.private)
