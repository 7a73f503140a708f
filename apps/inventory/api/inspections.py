"""Goods on their way back, and what becomes of them once they are looked at."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter
from apps.core.api.relations import RowField
from apps.inventory.api.document_serializers import DocumentDetailSerializer
from apps.inventory.api.documents import with_lines
from apps.inventory.api.faults import told_by_line
from apps.inventory.api.filters import (
    SkuFilter,
    client_filter,
    variant_filter,
    warehouse_filter,
)
from apps.inventory.api.writing import LONGEST_KEY, stored_key
from apps.inventory.models import Booking, StockDocument, Warehouse
from apps.inventory.services.documents import MOST_UNITS, By
from apps.inventory.services.places import default_warehouse
from apps.orders.models import Order
from apps.orders.services.inspecting import Outcome, inspect
from apps.platforms.models import Shop
from apps.products.api.row_lists import rows_of
from apps.users.api.resource import ListsAndShows
from apps.users.models.people import places_of
from apps.users.roles import CHANGE_STOCK, VIEW_ORDER

MOST_LINES = 200


class ComingBackSerializer(serializers.ModelSerializer[Booking]):
    """Pieces of a SKU that one line of an order is to bring back. A bundle has a row
    for each of its parts, `per_unit` of which are in one of what was `sold`."""

    order = serializers.IntegerField(source="cause_id")
    line = serializers.CharField(
        source="cause_part", help_text="Names the order's line."
    )
    warehouse = serializers.IntegerField(source="level.warehouse_id")
    variant = serializers.IntegerField(source="level.variant_id")
    sku = serializers.CharField(source="level.variant.sku")
    left_at = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = Booking
        fields = (
            "id",
            "shop",
            "order",
            "line",
            "sold",
            "per_unit",
            "warehouse",
            "variant",
            "sku",
            "expected_back",
            "left_at",
        )


class InspectedLineSerializer(StrictSerializer):
    """In units of what the line sold."""

    line = serializers.CharField(max_length=120)
    sellable = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, default=0)
    quarantined = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, default=0)
    written_off = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, default=0)


class InspectSerializer(StrictSerializer):
    order = RowField(lambda user: Order.objects.visible_to(user))
    warehouse = RowField(
        lambda user: Warehouse.objects.visible_to(user),
        required=False,
        help_text="Where they are now; else the client's default one.",
    )
    key = serializers.CharField(
        max_length=LONGEST_KEY,
        required=False,
        help_text="Your name for the deed. One of this name is never booked twice: "
        "what stands is answered, with 200.",
    )
    note = serializers.CharField(max_length=10_000, allow_blank=True, required=False)
    lines = rows_of(InspectedLineSerializer, most=MOST_LINES)

    def validate_lines(self, rows: Any) -> Any:
        if len({row["line"] for row in rows}) < len(rows):
            raise serializers.ValidationError("A line is named twice.")
        return rows


class InspectionFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("level__warehouse__client")
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_ORDER), field_name="shop"
    )
    order = RowFilter(lambda user: Order.objects.visible_to(user), method="of_order")
    warehouse = warehouse_filter("level__warehouse")
    variant = variant_filter("level__variant")
    sku = SkuFilter("level__variant")
    left_from = InstantFilter("occurred_at", "gte")
    left_to = InstantFilter("occurred_at", "lt")

    def of_order(self, rows: Any, name: str, order: Order) -> Any:
        return rows.filter(cause_id=order.pk)


class Inspections(ListsAndShows[Booking]):
    """What is expected back of orders one may see: failed deliveries and returns."""

    scope = "stock"
    tag = "inspections"
    queryset = Booking.objects.filter(
        cause_kind=Booking.Kind.ORDER, expected_back__gt=0
    )
    serializer_class = ComingBackSerializer
    filterset_class = InspectionFilters
    orderings = ("occurred_at",)
    ordering = "occurred_at"

    def rows(self) -> Any:
        seen = places_of(self.user, VIEW_ORDER).at_shops(
            client="shop__client", shop="shop"
        )
        return super().rows().filter(seen).select_related("level__variant")

    @extend_schema(
        request=InspectSerializer,
        responses={201: DocumentDetailSerializer, 200: DocumentDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        """Say what became of units of an order's lines, expected or not."""
        asked = self.read(InspectSerializer)
        order = asked["order"]
        client = order.shop.client
        self.need(CHANGE_STOCK, client)
        key = stored_key(asked)
        known = StockDocument.objects.filter(client=client, key=key)
        stood = bool(key) and known.exists()
        with told_by_line():
            document = inspect(
                order,
                {row["line"]: _outcomes(row) for row in asked["lines"]},
                asked.get("warehouse") or default_warehouse(client.pk),
                By(self.user, self.address),
                key=key,
                note=asked.get("note", ""),
                source=StockDocument.Source.API,
            )
        shown = with_lines(StockDocument.objects.all(), self.user).get(pk=document.pk)
        told = DocumentDetailSerializer(shown, context=self.get_serializer_context())
        return Response(told.data, status=200 if stood else 201)


def _outcomes(row: dict[str, Any]) -> dict[str, int]:
    return {outcome: row[outcome] for outcome in Outcome.values if row[outcome]}
