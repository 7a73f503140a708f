"""What lists of stock are filtered by: the client, the place, the SKU."""

from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django_filters import rest_framework as filters

from apps.core.api.filters import RowFilter
from apps.inventory.models import Warehouse
from apps.products.models import Variant
from apps.users.models import Client
from apps.users.roles import VIEW_STOCK


class SkuFilter(filters.CharFilter):  # type: ignore[misc]
    """By the SKU of a variant, however it is spelt."""

    def __init__(self, field_name: str) -> None:
        super().__init__(field_name, max_length=50)

    def filter(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        if not text:
            return rows
        return rows.filter(**{f"{self.field_name}__in": variants_named(text)})


def variants_named(sku: str) -> QuerySet[Any]:
    """The keys of variants of that SKU, of whichever client."""
    rows = Variant.objects.alias(lower=Lower("sku")).order_by()
    return rows.filter(lower=Lower(Value(sku))).values("pk")


def client_filter(field_name: str) -> RowFilter:
    return RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_STOCK), field_name=field_name
    )


def warehouse_filter(field_name: str) -> RowFilter:
    return RowFilter(
        lambda user: Warehouse.objects.visible_to(user), field_name=field_name
    )


def variant_filter(field_name: str) -> RowFilter:
    return RowFilter(
        lambda user: Variant.objects.visible_to(user), field_name=field_name
    )
