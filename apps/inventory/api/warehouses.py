"""A client's own warehouses."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import InstantFilter, YesNoFilter
from apps.core.api.relations import RowField
from apps.inventory.api.filters import client_filter
from apps.inventory.models import Warehouse
from apps.inventory.services import warehouses
from apps.inventory.services.documents import By
from apps.orders.services.warehouses import make_default
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK


class WarehouseSerializer(serializers.ModelSerializer[Warehouse]):
    """What names no other place is in the default one. One that is not active keeps
    its history and takes nothing in."""

    class Meta:
        model = Warehouse
        fields = (
            "id",
            "client",
            "name",
            "note",
            "is_default",
            "is_active",
            "created_at",
            "modified_at",
        )


class ChangeWarehouseSerializer(StrictSerializer):
    name = serializers.CharField(max_length=warehouses.MOST_LETTERS)
    note = serializers.CharField(max_length=10_000, allow_blank=True, required=False)


class AddWarehouseSerializer(ChangeWarehouseSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_STOCK))


class WarehouseFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("client")
    is_active = YesNoFilter("is_active")
    is_default = YesNoFilter("is_default")
    updated_since = InstantFilter("modified_at", "gte")


class Warehouses(ListsAndShows[Warehouse]):
    """Where a client's goods lie; all its shops sell from there."""

    scope = "stock"
    tag = "warehouses"
    queryset = Warehouse.objects.all()
    serializer_class = WarehouseSerializer
    filterset_class = WarehouseFilters
    orderings = ("name", "created_at", "modified_at")
    ordering = "name"

    def rows(self) -> Any:
        return super().rows().select_related("client")

    def lock(self, row: Warehouse) -> None:
        Client.objects.select_for_update(no_key=True).get(pk=row.client_id)

    @extend_schema(request=AddWarehouseSerializer, responses={201: WarehouseSerializer})
    def create(self, request: Request) -> Response:
        """Add a warehouse; a client's first is its default."""
        asked = self.read(AddWarehouseSerializer)
        client = asked.pop("client")
        self.need(CHANGE_STOCK, client)
        row = warehouses.create_warehouse(client, by=self._by, **asked)
        return self.shown(row, status=201)

    @extend_schema(request=ChangeWarehouseSerializer, responses=WarehouseSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Rename it, or change its note; what is left out stays."""
        row = self._warehouse()
        asked = self.read(ChangeWarehouseSerializer, partial=True)
        warehouses.change_warehouse(row, self._by, **asked)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=WarehouseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int) -> Response:
        """Let it take nothing in; one that holds something is refused."""
        warehouses.close_warehouse(self._warehouse(), self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=WarehouseSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: int) -> Response:
        """Let a closed one take goods in again."""
        warehouses.open_warehouse(self._warehouse(), self._by)
        return self.shown(self.get_object())

    @extend_schema(request=None, responses=WarehouseSerializer)
    @action(detail=True, methods=["post"], url_path="make-default")
    def make_default(self, request: Request, pk: int) -> Response:
        """Make it the default in place of the one before; orders that name no other
        place follow."""
        make_default(self._warehouse(), self._by)
        return self.shown(self.get_object())

    def _warehouse(self) -> Warehouse:
        row = self.subject()
        self.need(CHANGE_STOCK, row)
        return row

    @property
    def _by(self) -> By:
        return By(self.user, self.address)
