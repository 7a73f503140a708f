"""Products as they are shown, and the bodies that make and change them."""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.core.api.relations import RowField
from apps.products.api.row_lists import rows_of
from apps.products.api.variant_serializers import (
    VariantSerializer,
    WriteVariantSerializer,
)
from apps.products.models import Category, Product, ProductImage
from apps.products.services.checks import MOST_DESCRIPTION, MOST_VARIANTS
from apps.users.models import Client
from apps.users.roles import VIEW_PRODUCT


class ImageSerializer(serializers.ModelSerializer[ProductImage]):
    """A picture; its file is on the product's page. `variant` is null for one of the
    whole product."""

    class Meta:
        model = ProductImage
        fields = ("id", "variant", "position", "width", "height", "size_bytes")


class ProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields: tuple[str, ...] = (
            "id",
            "client",
            "name",
            "brand",
            "category",
            "is_active",
            "created_at",
            "modified_at",
        )


class ProductDetailSerializer(ProductSerializer):
    variants = VariantSerializer(many=True)
    images = ImageSerializer(many=True)

    class Meta(ProductSerializer.Meta):
        fields = (*ProductSerializer.Meta.fields, "description", "variants", "images")


class ChangeProductSerializer(StrictSerializer):
    name = serializers.CharField(max_length=300)
    description = serializers.CharField(
        max_length=MOST_DESCRIPTION, allow_blank=True, required=False
    )
    brand = serializers.CharField(max_length=120, allow_blank=True, required=False)
    category = RowField(
        lambda user: Category.objects.visible_to(user), allow_null=True, required=False
    )
    variants = rows_of(WriteVariantSerializer, most=MOST_VARIANTS)
    removed_variants = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        max_length=MOST_VARIANTS,
        required=False,
        help_text="Ids of variants to delete; those in use are kept (409 in_use).",
    )


class AddProductSerializer(ChangeProductSerializer):
    client = RowField(lambda user: Client.objects.visible_to(user, VIEW_PRODUCT))
    removed_variants = None  # type: ignore[assignment]

    def validate_variants(self, rows: Any) -> Any:
        if any("id" in row for row in rows):
            raise serializers.ValidationError("A new product has new variants: no id.")
        return rows
