"""Warehouses as the shops' platforms know them, and which of ours each is."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.inventory.api.filters import warehouse_filter
from apps.inventory.models import ShopWarehouse, Warehouse
from apps.inventory.services.documents import By
from apps.orders.services.warehouses import effect, map_warehouse
from apps.platforms.models import Shop
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_STOCK, VIEW_ORDER, VIEW_STOCK


class ShopWarehouseSerializer(serializers.ModelSerializer[ShopWarehouse]):
    """`warehouse` is ours that it is, or null while nobody said."""

    warehouse_id = serializers.CharField(
        source="remote_id", help_text="The platform's."
    )

    class Meta:
        model = ShopWarehouse
        fields = (
            "id",
            "shop",
            "warehouse_id",
            "name",
            "kind",
            "is_active",
            "is_default",
            "warehouse",
            "created_at",
            "modified_at",
        )


class MapSerializer(StrictSerializer):
    warehouse = RowField(
        lambda user: Warehouse.objects.visible_to(user), allow_null=True
    )


class MapEffectSerializer(serializers.Serializer[Any]):
    """Orders that are booked elsewhere then: those that wait are promised something,
    others have left. Null for who may not see the shop's orders."""

    waiting = serializers.IntegerField(allow_null=True)
    left = serializers.IntegerField(allow_null=True)
    skus = serializers.IntegerField(
        help_text="SKUs of the shop that may be told another number."
    )


class ShopWarehouseFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_STOCK), field_name="shop"
    )
    warehouse = warehouse_filter("warehouse")
    kind = filters.ChoiceFilter(choices=ShopWarehouse.Kind.choices)
    is_active = YesNoFilter("is_active")
    is_mapped = YesNoFilter("warehouse", "isnull", exclude=True)
    updated_since = InstantFilter("modified_at", "gte")


class ShopWarehouses(ListsAndShows[ShopWarehouse]):
    """Where shops send from and take returns, as the platform tells us. Each place that
    sells has to be matched before its shop is told any stock."""

    scope = "stock"
    tag = "warehouses"
    queryset = ShopWarehouse.objects.all()
    serializer_class = ShopWarehouseSerializer
    filterset_class = ShopWarehouseFilters
    orderings = ("created_at", "modified_at")
    ordering = "created_at"

    def rows(self) -> Any:
        return super().rows().select_related("shop__client")

    def lock(self, row: ShopWarehouse) -> None:
        Shop.objects.select_for_update(no_key=True).get(pk=row.shop_id)

    @extend_schema(request=MapSerializer, responses=ShopWarehouseSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Say which of ours it is, or null for none; its orders follow."""
        row, warehouse = self._asked()
        map_warehouse(row, warehouse, By(self.user, self.address))
        return self.shown(self.get_object())

    @extend_schema(request=MapSerializer, responses=MapEffectSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: int) -> Response:
        """Tell what matching it so would move; nothing is changed."""
        row, warehouse = self._asked()
        found = effect(row, warehouse)
        sees_orders = self.user.has_perm(VIEW_ORDER, row.shop)
        told = {
            "waiting": found.waiting if sees_orders else None,
            "left": found.left if sees_orders else None,
            "skus": found.skus,
        }
        return Response(MapEffectSerializer(told).data)

    def _asked(self) -> tuple[ShopWarehouse, Warehouse | None]:
        """All shops sell from our warehouses: it is for who changes all their stock."""
        row = self.subject()
        self.need(CHANGE_STOCK, row.shop.client)
        return row, self.read(MapSerializer)["warehouse"]
