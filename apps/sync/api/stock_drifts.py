"""Where a shop shows another number than it was told, and what is decided about it."""

from collections.abc import Callable
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST, InstantFilter, RowFilter
from apps.inventory.api.filters import SkuFilter, variant_filter
from apps.inventory.errors import StockRefuses
from apps.inventory.services.documents import By
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import StockDrift
from apps.sync.services import stock_drift
from apps.sync.services.stock_drift import Settled
from apps.users.api.resource import ListsAndShows
from apps.users.roles import CHANGE_STOCK, VIEW_STOCK


class DriftSerializer(serializers.ModelSerializer[StockDrift]):
    """In pieces, of one of the platform's warehouses (`warehouse_id`). `mover` is who
    moved the number, as `evidence` says."""

    seller_sku = serializers.CharField(source="listing_sku.seller_sku")
    variant = serializers.IntegerField(source="listing_sku.variant_id", allow_null=True)
    warehouse_id = serializers.CharField(source="shop_warehouse.remote_id")

    class Meta:
        model = StockDrift
        fields = (
            "id",
            "shop",
            "listing_sku",
            "seller_sku",
            "variant",
            "shop_warehouse",
            "warehouse_id",
            "wanted",
            "told",
            "told_at",
            "found",
            "mover",
            "evidence",
            "state",
            "found_at",
            "last_seen_at",
            "settled_at",
            "settled_by",
        )


class SettleSerializer(StrictSerializer):
    found = serializers.IntegerField(
        min_value=-LARGEST,
        max_value=LARGEST,
        required=False,
        help_text="What the shop showed when you decided; refused if that has changed.",
    )


class DriftFilters(filters.FilterSet):  # type: ignore[misc]
    shop = RowFilter(
        lambda user: Shop.objects.visible_to(user, VIEW_STOCK), field_name="shop"
    )
    listing_sku = RowFilter(
        lambda user: ListingSku.objects.visible_to(user), field_name="listing_sku"
    )
    variant = variant_filter("listing_sku__variant")
    sku = SkuFilter("listing_sku__variant")
    state = filters.ChoiceFilter(choices=StockDrift.State.choices)
    mover = filters.ChoiceFilter(choices=StockDrift.Mover.choices)
    since = InstantFilter("found_at", "gte")
    until = InstantFilter("found_at", "lt")


class StockDrifts(ListsAndShows[StockDrift]):
    """Found by comparing what shops show with what they were told. Each is settled in
    one of three ways; repeating that changes nothing."""

    scope = "stock"
    tag = "stock pushes"
    queryset = StockDrift.objects.all()
    serializer_class = DriftSerializer
    filterset_class = DriftFilters
    orderings = ("found_at",)
    ordering = "-found_at"

    def rows(self) -> Any:
        return (
            super()
            .rows()
            .select_related("shop__client", "listing_sku", "shop_warehouse")
        )

    @extend_schema(request=SettleSerializer, responses=DriftSerializer)
    @action(detail=True, methods=["post"], url_path="tell-ours")
    def tell_ours(self, request: Request, pk: int) -> Response:
        """Tell the shop our figure again."""
        drift = self.subject()
        self.need(CHANGE_STOCK, drift)
        return self._settle(drift, stock_drift.tell_ours)

    @extend_schema(request=SettleSerializer, responses=DriftSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, pk: int) -> Response:
        """Make the shop's figure ours, by an adjustment; all the client's shops are
        told."""
        drift = self.subject()
        self.need(CHANGE_STOCK, drift.shop.client)
        return self._settle(drift, stock_drift.take_over)

    @extend_schema(request=SettleSerializer, responses=DriftSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: int) -> Response:
        """Let the shop show what it shows, until that changes."""
        drift = self.subject()
        self.need(CHANGE_STOCK, drift)
        return self._settle(drift, stock_drift.leave)

    def _settle(self, drift: StockDrift, deed: Callable[..., Settled]) -> Response:
        asked = self.read(SettleSerializer)
        seen = {drift.pk: asked["found"]} if "found" in asked else None
        settled = deed([drift], By(self.user, self.address), seen=seen)
        for _, why in settled.left:
            raise StockRefuses(why)
        return self.shown(self.get_object())
