"""What there is of each SKU in each warehouse."""

from typing import Any

from django.db.models import F
from django_filters import rest_framework as filters
from rest_framework import serializers

from apps.core.api.filters import InstantFilter, YesNoFilter
from apps.inventory.api.filters import (
    SkuFilter,
    client_filter,
    variant_filter,
    warehouse_filter,
)
from apps.inventory.models import StockLevel
from apps.users.api.resource import ListsAndShows


class LevelSerializer(serializers.ModelSerializer[StockLevel]):
    """In pieces. `available` is what is on hand and promised to nobody; `short` what
    was promised and is not there."""

    client = serializers.IntegerField(source="client_id")
    warehouse_name = serializers.CharField(source="warehouse.name")
    sku = serializers.CharField(source="variant.sku")
    available = serializers.IntegerField()

    class Meta:
        model = StockLevel
        fields = (
            "id",
            "client",
            "warehouse",
            "warehouse_name",
            "variant",
            "sku",
            "on_hand",
            "reserved",
            "available",
            "expected_back",
            "quarantined",
            "short",
            "is_counted",
            "counted_at",
            "changed_at",
        )


class LevelFilters(filters.FilterSet):  # type: ignore[misc]
    client = client_filter("warehouse__client")
    warehouse = warehouse_filter("warehouse")
    variant = variant_filter("variant")
    sku = SkuFilter("variant")
    is_counted = YesNoFilter("is_counted")
    is_short = YesNoFilter("short", "gt", method="missing")
    has_available = YesNoFilter(method="free")
    changed_since = InstantFilter("changed_at", "gte")

    def missing(self, rows: Any, name: str, is_short: bool) -> Any:  # noqa: FBT001 (the library's way)
        return rows.filter(short__gt=0) if is_short else rows.filter(short=0)

    def free(self, rows: Any, name: str, is_free: bool) -> Any:  # noqa: FBT001
        some = rows.filter(on_hand__gt=F("reserved"))
        return some if is_free else rows.filter(on_hand__lte=F("reserved"))


class StockLevels(ListsAndShows[StockLevel]):
    """The stock of clients at one of whose shops one may see it: all shops of a client
    share it. It changes by orders and by stock documents."""

    scope = "stock"
    tag = "stock"
    queryset = StockLevel.objects.all()
    serializer_class = LevelSerializer
    filterset_class = LevelFilters

    def rows(self) -> Any:
        return super().rows().select_related("variant", "warehouse")
