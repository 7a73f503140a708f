"""Receipts, stock takes, transfers and the like: a list, a page each, and new ones."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, QuerySet, Sum
from django.db.models.functions import Abs
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import OwnList, ago
from apps.inventory.admin import (
    document_new,
    document_page,
    documents_csv,
    documents_sheet,
    inspection,
    inspection_page,
    stock_import,
    stock_import_run,
)
from apps.inventory.admin.base import StockAdmin, stock_clients
from apps.inventory.admin.documents_filters import DocumentFilters, DocumentList
from apps.inventory.admin.documents_words import (
    NEW,
    place_words,
    state_badge,
    who_words,
)
from apps.inventory.models import StockDocument, StockDocumentLine

View = Callable[..., HttpResponse | StreamingHttpResponse]


class DocumentAdmin(OwnList, StockAdmin):
    list_display = [
        "document",
        "state_shown",
        "place",
        "amount",
        "reference_shown",
        "who",
        "moved",
        "booked",
    ]
    list_display_links = ["document"]
    list_class = DocumentList
    list_title = "Stock documents"
    list_before_template = "inventory/documents.html"
    ordering = ["-created_at", "-pk"]

    class Media:
        css = {"all": ["shopdesk/documents.css"]}

    def own_urls(self) -> list[URLPattern]:
        return [
            self._path("new/", document_new.new, "inventory_document_new"),
            self._path("sheet/", documents_sheet.sheet, "inventory_count_sheet"),
            self._path("lines/", _lines, "inventory_stockdocument_lines"),
            self._path("import/", stock_import.upload, "inventory_stock_import"),
            self._path("import/book/", stock_import.book, "inventory_stock_book"),
            self._path("import/errors/", stock_import.errors, "inventory_stock_errors"),
            self._path(
                "import/<int:run_id>/", stock_import_run.run, "inventory_stock_run"
            ),
            self._path("back/", inspection.desk, "inventory_coming_back"),
            self._path("back/find/", inspection.find, "inventory_inspect_find"),
            self._path("back/all/", inspection.all_sellable, "inventory_inspect_all"),
            self._path(
                "back/<int:booking_id>/", inspection_page.inspect, "inventory_inspect"
            ),
            self._path(
                "<int:object_id>/do/<slug:deed>/",
                _act,
                "inventory_stockdocument_act",
            ),
            self._path(
                "<path:object_id>/change/",
                _page,
                "inventory_stockdocument_change",
            ),
        ]

    def _path(self, route: str, view: View, name: str) -> URLPattern:
        """A view of the modules beside this one; it is given this class first."""

        def bound(
            request: HttpRequest, **kwargs: Any
        ) -> HttpResponse | StreamingHttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return view(self, request, **kwargs)

        wrapped: Any = self.admin_site.admin_view(bound)
        pattern: URLPattern = path(route, wrapped, name=name)
        return pattern

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """They are written once; what can be done to one stands on its page."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(
            "client", "warehouse", "to_warehouse", "supplier", "user", "ended_by"
        )

    def list_context(self, request: HttpRequest, cl: Any) -> dict[str, Any]:
        cl.result_list = _with_amounts(list(cl.result_list))
        for row in cl.result_list:
            row.seen_supplier = row.supplier_for(request.user)
        query = request.GET.urlencode()
        may_book = stock_clients(request).exists()
        return super().list_context(request, cl) | {
            "may_book": may_book,
            "new": [(kind.value, title) for kind, (title, _) in NEW.items()],
            "export": f"{reverse('admin:inventory_stockdocument_lines')}?{query}",
        }

    @admin.display(description="Document", ordering="pk")
    def document(self, row: StockDocument) -> SafeString:
        return format_html(
            '<span class="titled">{} {}<br><span class="soft">{}</span></span>',
            row.get_kind_display(),
            row.pk,
            " · ".join(filter(None, [str(row.client), row.get_reason_display()])),
        )

    @admin.display(description="State", ordering="state")
    def state_shown(self, row: StockDocument) -> SafeString:
        return state_badge(row)

    @admin.display(description="Warehouse", ordering="warehouse__name")
    def place(self, row: StockDocument) -> str:
        return place_words(row)

    @admin.display(description="Units")
    def amount(self, row: Any) -> SafeString:
        return format_html(
            '<div class="mono">{}<br><span class="soft">{} line{}</span></div>',
            f"{row.units:,}",
            f"{row.line_count:,}",
            "" if row.line_count == 1 else "s",
        )

    @admin.display(description="Reference", ordering="reference")
    def reference_shown(self, row: Any) -> SafeString:
        return format_html(
            '<div class="path">{}<br><span class="soft">{}</span></div>',
            row.reference or "—",
            row.seen_supplier or "",
        )

    @admin.display(description="Who", ordering="user__username")
    def who(self, row: StockDocument) -> str:
        return who_words(row)

    @admin.display(description="Moved", ordering="effective_at")
    def moved(self, row: StockDocument) -> SafeString | str:
        return ago(row.effective_at)

    @admin.display(description="Booked", ordering="created_at")
    def booked(self, row: StockDocument) -> SafeString | str:
        return ago(row.created_at)


def _page(pages: DocumentAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    document: StockDocument | None = pages.get_object(request, object_id)
    if document is None:
        return pages.missing(request, object_id)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    context = document_page.page_context(request, document)
    return pages.own_page(request, "inventory/document.html", context)


def _act(
    pages: DocumentAdmin, request: HttpRequest, object_id: int, deed: str
) -> HttpResponse:
    if deed not in document_page.DEEDS:
        raise Http404
    document: StockDocument | None = pages.get_object(request, str(object_id))
    if document is None:
        return pages.missing(request, str(object_id))
    return document_page.act(pages, request, document, deed)


def _lines(
    pages: DocumentAdmin, request: HttpRequest
) -> HttpResponse | StreamingHttpResponse:
    """The lines of what the list shows under the same address, all pages of it."""
    filters = DocumentFilters(request.GET, request.user)
    documents = filters.apply(StockDocument.objects.visible_to(request.user))
    return documents_csv.export(documents, request.user)


def _with_amounts(page: list[Any]) -> list[Any]:
    """Lines and units of the documents shown, in one query for the page."""
    rows = (
        StockDocumentLine.objects.filter(document__in=[row.pk for row in page])
        .order_by()
        .values_list("document")
        .annotate(lines=Count("pk"), units=Sum(Abs("quantity")))
    )
    found = {key: (lines, units) for key, lines, units in rows}
    for row in page:
        row.line_count, row.units = found.get(row.pk, (0, 0))
    return page
