"""SKUs of listings as they are shown, and what is suggested for them."""

from rest_framework import serializers

from apps.products.api.amounts import ToldMoneyField
from apps.products.models import ListingSku, MappingSuggestion


class SuggestionSerializer(serializers.ModelSerializer[MappingSuggestion]):
    sku = serializers.CharField(source="variant.sku")

    class Meta:
        model = MappingSuggestion
        fields = ("variant", "sku", "reason", "confidence", "explanation")


class ListingSkuSerializer(serializers.ModelSerializer[ListingSku]):
    """`sku_id` and `seller_sku` are the shop's, `variant` is ours that it is."""

    sku_id = serializers.CharField(source="remote_id")
    price = ToldMoneyField(source="price_amount")
    list_price = ToldMoneyField(source="list_price_amount")
    variant_sku = serializers.CharField(
        source="variant.sku", allow_null=True, default=None
    )

    class Meta:
        model = ListingSku
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "listing",
            "sku_id",
            "position",
            "seller_sku",
            "variation",
            "barcode",
            "image_url",
            "price",
            "list_price",
            "quantity",
            "is_active",
            "removed_at",
            "mapping",
            "variant",
            "variant_sku",
            "mapped_reason",
            "mapped_confidence",
            "mapped_at",
            "mapped_by",
            "created_at",
            "modified_at",
        )


class ListingSkuDetailSerializer(ListingSkuSerializer):
    product_id = serializers.CharField(source="listing.remote_id")
    title = serializers.CharField(source="listing.title")
    suggestions = SuggestionSerializer(many=True, help_text="Surest first.")
    last_batch = serializers.IntegerField(
        allow_null=True, help_text="The decision that holds, to be undone."
    )

    class Meta(ListingSkuSerializer.Meta):
        fields = (
            *ListingSkuSerializer.Meta.fields,
            "product_id",
            "title",
            "suggestions",
            "last_batch",
        )
