"""The ledger: every movement, with its reason and its cause."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, RowFilter
from apps.inventory.api.causes import (
    CauseSerializer,
    of_document,
    of_order,
    with_causes,
)
from apps.inventory.api.filters import (
    SkuFilter,
    client_filter,
    variant_filter,
    warehouse_filter,
)
from apps.inventory.models import StockDocument, StockLevel, StockMovement
from apps.orders.models import Order
from apps.users.api.resource import ListsAndShows


class MovementSerializer(serializers.ModelSerializer[StockMovement]):
    """What it added to its level or took from it, and what the level came to. The
    movements of a level are numbered without a gap."""

    warehouse = serializers.IntegerField(source="level.warehouse_id")
    variant = serializers.IntegerField(source="level.variant_id")
    sku = serializers.CharField(source="level.variant.sku")
    available_after = serializers.IntegerField()
    cause = CauseSerializer(source="*")

    class Meta:
        model = StockMovement
        fields = (
            "id",
            "level",
            "number",
            "warehouse",
            "variant",
            "sku",
            "reason",
            "on_hand",
            "reserved",
            "expected_back",
            "quarantined",
            "on_hand_after",
            "reserved_after",
            "available_after",
            "cause",
            "occurred_at",
            "booked_at",
            "user",
        )


class MovementFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("level__warehouse__client")
    warehouse = warehouse_filter("level__warehouse")
    level = RowFilter(
        lambda user: StockLevel.objects.visible_to(user), field_name="level"
    )
    variant = variant_filter("level__variant")
    sku = SkuFilter("level__variant")
    reason = filters.ChoiceFilter(choices=StockMovement.Reason.choices)
    order = RowFilter(lambda user: Order.objects.visible_to(user), method=of_order)
    document = RowFilter(
        lambda user: StockDocument.objects.visible_to(user), method=of_document
    )
    since = InstantFilter("booked_at", "gte")
    until = InstantFilter("booked_at", "lt")
    moved_from = InstantFilter("occurred_at", "gte")
    moved_to = InstantFilter("occurred_at", "lt")


class StockMovements(ListsAndShows[StockMovement]):
    """Movements are added and never changed. `since` and `until` ask when they were
    booked, `moved_from` and `moved_to` when the goods moved."""

    scope = "stock"
    tag = "stock"
    queryset = StockMovement.objects.all()
    serializer_class = MovementSerializer
    filterset_class = MovementFilters
    orderings = ("booked_at",)
    ordering = "-booked_at"

    def rows(self) -> Any:
        rows = super().rows().select_related("level__variant")
        return with_causes(rows, self.user)
