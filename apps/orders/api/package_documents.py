"""Labels and slips of a package, kept some days. They show who bought."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apps.core.api.errors import ScopeMissing
from apps.core.api.etags import answer
from apps.core.api.files import AnyFile
from apps.orders.api.order_rows import BUYERS
from apps.orders.api.package_serializers import ShippingDocumentSerializer
from apps.orders.models import Package, ShippingDocument
from apps.orders.services import papers
from apps.orders.services.printing import PDF, ZPL, as_it_came
from apps.users.api.resource import Resource
from apps.users.api.scoping import has_scope
from apps.users.roles import PROCESS_ORDERS
from apps.users.services.audit import By

_KINDS = (PDF, ZPL, "image/png", "image/jpeg")
_FILES = {(200, kind): OpenApiTypes.BINARY for kind in _KINDS}


class PackageDocuments(ListModelMixin, Resource[ShippingDocument]):
    """Papers that were fetched for a package and are still kept.

    The file itself takes the scope buyers:read and is told to whoever works on the
    shop's orders; that it was taken is written into the audit trail and the orders'
    timelines.
    """

    scope = "orders"
    tag = "packages"
    queryset = ShippingDocument.objects.all()
    serializer_class = ShippingDocumentSerializer

    def rows(self) -> Any:
        return ShippingDocument.objects.filter(package=self._package()).defer("content")

    def get_renderers(self) -> list[BaseRenderer]:
        own = [AnyFile()] if getattr(self, "action", None) == "retrieve" else []
        return [*super().get_renderers(), *own]

    @extend_schema(responses=_FILES)
    def retrieve(self, request: Request, package_id: int, pk: int) -> HttpResponseBase:
        """The file itself: PDF, or what else was asked for."""
        package = self._package()
        self.need(PROCESS_ORDERS, package)
        if not has_scope(request, BUYERS):
            raise ScopeMissing(f"The token lacks the scope {BUYERS}.")
        document = package.documents.filter(pk=pk).first()
        if document is None:
            raise Http404
        # It never changes: fetched anew, it is another.
        told = answer(request, {"document": document.pk, "at": document.fetched_at})
        if told.status_code == 304:
            return told
        file = as_it_came(document)
        if request.method == "GET":
            papers.note_printed([document], By(self.user, self.address))
        return HttpResponse(
            file.content,
            content_type=file.content_type,
            headers={
                "Content-Disposition": f'inline; filename="{file.file_name}"',
                "ETag": told.headers["ETag"],
                "Cache-Control": told.headers["Cache-Control"],
            },
        )

    def _package(self) -> Package:
        packages = Package.objects.visible_to(self.user).select_related("shop__client")
        found = packages.filter(pk=self.kwargs["package_id"]).first()
        if found is None:
            raise Http404
        return found
