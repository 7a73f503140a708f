"""Variants: what is stocked, counted and matched. They change with their product."""

from typing import Any

from django.db.models.functions import Lower
from django_filters import rest_framework as filters

from apps.core.api.filters import InstantFilter, RowFilter, YesNoFilter
from apps.products.api.variant_serializers import (
    VariantDetailSerializer,
    VariantSerializer,
)
from apps.products.models import Product, Variant
from apps.products.services.barcodes import normal_barcode
from apps.users.api.resource import ListsAndShows
from apps.users.models import Client
from apps.users.roles import VIEW_PRODUCT


class VariantFilters(filters.FilterSet):  # type: ignore[misc]
    client = RowFilter(
        lambda user: Client.objects.visible_to(user, VIEW_PRODUCT), field_name="client"
    )
    product = RowFilter(
        lambda user: Product.objects.visible_to(user), field_name="product"
    )
    sku = filters.CharFilter(method="named", max_length=50)
    barcode = filters.CharFilter(method="coded", max_length=60)
    is_active = YesNoFilter("is_active")
    is_bundle = YesNoFilter("is_bundle")
    updated_since = InstantFilter("modified_at", "gte")

    def named(self, rows: Any, name: str, text: str) -> Any:
        """However it is spelt; as the index of unique SKUs has it."""
        return rows.alias(sku_lower=Lower("sku")).filter(sku_lower=text.lower())

    def coded(self, rows: Any, name: str, text: str) -> Any:
        return rows.filter(barcode=normal_barcode(text))


class Variants(ListsAndShows[Variant]):
    """SKUs of the catalogue, bundles among them. To change one, PATCH its product."""

    scope = "products"
    tag = "variants"
    queryset = Variant.objects.all()
    serializer_class = VariantSerializer
    detail_class = VariantDetailSerializer
    filterset_class = VariantFilters
    orderings = ("sku", "created_at", "modified_at")
    ordering = "sku"

    def rows(self) -> Any:
        rows = super().rows().prefetch_related("prices", "components__component")
        if self.action == "list":
            return rows
        return rows.select_related("product").prefetch_related("sources")
