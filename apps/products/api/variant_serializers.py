"""Variants as they are shown, and as a product's body says them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.products.api.amounts import (
    CostField,
    MoneySerializer,
    PriceSerializer,
    ShownPriceSerializer,
)
from apps.products.api.row_lists import rows_of
from apps.products.models import BundleComponent, SupplySource, Variant
from apps.products.services.bundles import MOST_UNITS
from apps.products.services.checks import VariantInput
from apps.users.roles import VIEW_COST

MOST_PRICES = 50
MOST_COMPONENTS = 100
_SIZE: dict[str, Any] = {"max_digits": 8, "decimal_places": 2, "min_value": 0}


class ShownComponentSerializer(serializers.ModelSerializer[BundleComponent]):
    variant = serializers.IntegerField(source="component_id")
    sku = serializers.CharField(source="component.sku")

    class Meta:
        model = BundleComponent
        fields = ("variant", "sku", "quantity")


class SourceSerializer(serializers.ModelSerializer[SupplySource]):
    cost = CostField(source="cost_amount")

    class Meta:
        model = SupplySource
        fields = (
            "supplier",
            "supplier_sku",
            "cost",
            "lead_time_days",
            "minimum_quantity",
            "is_preferred",
        )


class VariantSerializer(serializers.ModelSerializer[Variant]):
    """`cost` is null for who may not see what the client pays."""

    cost = CostField(source="cost_amount", currency="cost_currency")
    prices = ShownPriceSerializer(many=True)
    components = ShownComponentSerializer(
        many=True, help_text="What a bundle is made of."
    )

    class Meta:
        model = Variant
        fields: tuple[str, ...] = (
            "id",
            "client",
            "product",
            "sku",
            "name",
            "barcode",
            "position",
            "is_bundle",
            "is_active",
            "prices",
            "cost",
            "weight_grams",
            "length_cm",
            "width_cm",
            "height_cm",
            "components",
            "created_at",
            "modified_at",
        )


class VariantDetailSerializer(VariantSerializer):
    product_name = serializers.CharField(source="product.name")
    sources = serializers.SerializerMethodField(
        help_text="Whom it is bought from; null as `cost` is."
    )

    class Meta(VariantSerializer.Meta):
        fields = (*VariantSerializer.Meta.fields, "product_name", "sources")

    @extend_schema_field(SourceSerializer(many=True, allow_null=True))
    def get_sources(self, variant: Variant) -> Any:
        if not self.context["request"].user.has_perm(VIEW_COST, variant):
            return None
        rows = variant.sources.all()
        return SourceSerializer(rows, many=True, context=self.context).data


class ComponentSerializer(StrictSerializer):
    sku = serializers.CharField(max_length=50)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_UNITS)


class WriteVariantSerializer(StrictSerializer):
    """With an `id` it changes that variant, and what is left out stays; without one
    it is a new variant."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    sku = serializers.CharField(max_length=50, required=False)
    name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    barcode = serializers.CharField(max_length=60, allow_blank=True, required=False)
    position = serializers.IntegerField(min_value=0, max_value=32_767, required=False)
    is_active = serializers.BooleanField(required=False)
    is_bundle = serializers.BooleanField(required=False)
    prices = rows_of(PriceSerializer, most=MOST_PRICES, required=False)
    cost = MoneySerializer(allow_null=True, required=False)
    weight_grams = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, allow_null=True, required=False
    )
    length_cm = serializers.DecimalField(**_SIZE, allow_null=True, required=False)
    width_cm = serializers.DecimalField(**_SIZE, allow_null=True, required=False)
    height_cm = serializers.DecimalField(**_SIZE, allow_null=True, required=False)
    components = rows_of(
        ComponentSerializer,
        most=MOST_COMPONENTS,
        required=False,
        help_text="All that a bundle is made of; none makes it an ordinary variant.",
    )

    def validate_prices(self, rows: Any) -> dict[str, Any]:
        return _by(rows, "currency", "amount")

    def validate_components(self, rows: Any) -> dict[str, Any]:
        return _by(rows, "sku", "quantity")


def variant_input(asked: Any) -> VariantInput:
    """What a WriteVariantSerializer read, as the services take it."""
    values = dict(asked)
    key = values.pop("id", None)
    prices = values.pop("prices", {})
    components = values.pop("components", None)
    if "cost" in values:
        cost = values.pop("cost")
        values["cost_amount"] = cost["amount"] if cost else None
        if cost:
            values["cost_currency"] = cost["currency"]
    if components == {} and "is_bundle" not in values:
        values["is_bundle"] = False
    return VariantInput(values, key, prices, components)


def _by(rows: Any, key: str, value: str) -> dict[str, Any]:
    """{key: value} of rows, each of which speaks of something else."""
    found: dict[str, Any] = {}
    for row in rows:
        name = row[key].upper() if key == "currency" else row[key]
        if name in found:
            raise serializers.ValidationError(f"{name} stands here twice.")
        found[name] = row[value]
    return found
