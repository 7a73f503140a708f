"""What people and programs do to stock: booked as a whole, taken back as a whole."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Prefetch,
    When,
)
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.filters import InstantFilter
from apps.inventory.api.document_serializers import (
    DocumentDetailSerializer,
    DocumentSerializer,
    EffectsSerializer,
    WriteDocumentSerializer,
    WriteHoldSerializer,
)
from apps.inventory.api.faults import told_by_line
from apps.inventory.api.filters import client_filter, variants_named, warehouse_filter
from apps.inventory.api.writing import LONGEST_KEY, deed_from, stored_key
from apps.inventory.models import StockDocument, StockDocumentLine
from apps.inventory.services import documents
from apps.inventory.services.documents import By, Deed
from apps.orders.models import Order
from apps.orders.services.inspecting import take_back_inspection
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client, User
from apps.users.roles import CHANGE_STOCK

Kind = StockDocument.Kind


class HoldFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("client")
    warehouse = warehouse_filter("warehouse")
    state = filters.ChoiceFilter(choices=StockDocument.State.choices)
    sku = filters.CharFilter(method="holding", max_length=50)
    reference = filters.CharFilter("reference", max_length=80)
    key = filters.CharFilter(method="called", max_length=LONGEST_KEY)
    since = InstantFilter("created_at", "gte")
    until = InstantFilter("created_at", "lt")
    updated_since = InstantFilter("modified_at", "gte")

    def called(self, rows: Any, name: str, key: str) -> Any:
        return rows.filter(key=stored_key({"key": key}))

    def holding(self, rows: Any, name: str, sku: str) -> Any:
        lines = StockDocumentLine.objects.filter(document=OuterRef("pk"))
        return rows.filter(Exists(lines.filter(variant__in=variants_named(sku))))


class DocumentFilters(HoldFilters):
    kind = filters.ChoiceFilter(choices=Kind.choices)


class BookedWhole(ListsAndShows[StockDocument]):
    """Documents, whatever they are called: shown with their lines, changed by who may
    change the stock of the whole client."""

    scope = "stock"
    queryset = StockDocument.objects.all()
    serializer_class = DocumentSerializer
    detail_class = DocumentDetailSerializer
    orderings = ("created_at", "modified_at")
    ordering = "-created_at"

    def rows(self) -> Any:
        rows = super().rows()
        if self.action == "list":
            return rows
        return with_lines(rows, self.user)

    def lock(self, row: StockDocument) -> None:
        StockDocument.objects.select_for_update(of=["self"]).get(pk=row.pk)

    def book(self, client: Client, deed: Deed) -> Response:
        """201, or 200 with what stands under this key already."""
        known = StockDocument.objects.filter(client=client, key=deed.key)
        stood = bool(deed.key) and known.exists()
        with told_by_line():
            booked = documents.book_document(client, deed, self.deed_by)
        document = self.get_queryset().get(pk=booked.document.pk)
        return self.shown(document, status=200 if stood else 201)

    def take_back(self) -> StockDocument:
        document = self.subject()
        self.need(CHANGE_STOCK, document)
        if document.kind == Kind.INSPECTION:
            take_back_inspection(document, self.deed_by)
        else:
            documents.take_back(document, self.deed_by)
        return self.get_object()

    def send_out(self) -> Response:
        document = self.subject()
        self.need(CHANGE_STOCK, document)
        documents.send_out(document, self.deed_by)
        return self.shown(self.get_object())

    @property
    def deed_by(self) -> By:
        return By(self.user, self.address)


BOOKED = {201: DocumentDetailSerializer, 200: DocumentDetailSerializer}


class StockDocuments(BookedWhole):
    """Receipts, stock takes, adjustments, transfers, inspections, quarantine, holds.

    What came back of an order is inspected at inspections/, so that the order knows.
    """

    tag = "stock documents"
    filterset_class = DocumentFilters

    @extend_schema(request=WriteDocumentSerializer, responses=BOOKED)
    def create(self, request: Request) -> Response:
        """Book a document: all of it or nothing."""
        client, deed = self._asked()
        return self.book(client, deed)

    @extend_schema(request=WriteDocumentSerializer, responses=EffectsSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Tell what a document would do to each level; nothing is booked."""
        client, deed = self._asked()
        with told_by_line():
            effects = documents.preview_document(client, deed, self.deed_by)
        return Response(EffectsSerializer({"effects": effects}).data)

    @extend_schema(request=None, responses=DocumentDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def undo(self, request: Request, pk: int) -> Response:
        """Undo its effect; the document stays. Repeating changes nothing."""
        return self.shown(self.take_back())

    @extend_schema(request=None, responses=DocumentDetailSerializer)
    @action(detail=True, methods=["post"], url_path="send-out")
    def ship(self, request: Request, pk: int) -> Response:
        """What a hold kept has left the warehouse. Repeating changes nothing."""
        return self.send_out()

    def _asked(self) -> tuple[Client, Deed]:
        asked = self.read(WriteDocumentSerializer)
        self.need(CHANGE_STOCK, asked["client"])
        return asked["client"], deed_from(Kind(asked["kind"]), asked)


class StockReservations(BookedWhole):
    """Pieces held for what is sold elsewhere: stock documents of the kind `hold`.

    A hold takes only what is available (else 409 out_of_stock), and ends by being
    shipped or released.
    """

    tag = "stock reservations"
    queryset = StockDocument.objects.filter(kind=Kind.HOLD)
    filterset_class = HoldFilters

    @extend_schema(request=WriteHoldSerializer, responses=BOOKED)
    def create(self, request: Request) -> Response:
        """Hold pieces: all that are named or none."""
        asked = self.read(WriteHoldSerializer)
        self.need(CHANGE_STOCK, asked["client"])
        return self.book(asked["client"], deed_from(Kind.HOLD, asked))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Release what is held; of what was shipped, book it back."""
        self.take_back()
        return Response(status=204)

    @extend_schema(request=None, responses=DocumentDetailSerializer)
    @action(detail=True, methods=["post"])
    def ship(self, request: Request, pk: int) -> Response:
        """They have left the warehouse. Repeating changes nothing."""
        return self.send_out()


def with_lines(rows: Any, user: User) -> Any:
    """Documents with their lines; which order one is about, for who may see it."""
    orders = Order.objects.visible_to(user).filter(pk=OuterRef("order_id"))
    seen = Case(
        When(Exists(orders.order_by()), then=F("order_id")),
        output_field=BigIntegerField(),
    )
    lines = StockDocumentLine.objects.select_related("variant").order_by("position")
    shown = Prefetch("lines", queryset=lines.annotate(seen_order=seen))
    return rows.select_related("client").prefetch_related(shown)
