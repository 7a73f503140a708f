"""The content of a draft: fields of the platform's create call, by shape.

What holds in a region or a category is judged by the preview; here it is only made
sure that what is stored can be read as a listing.
"""

from typing import Any

from rest_framework import serializers

from apps.core.api.fields import StrictSerializer
from apps.core.api.filters import LARGEST
from apps.products.api.row_lists import rows_of

MOST_ROWS = 300


def _text(longest: int = 200) -> serializers.CharField:
    return serializers.CharField(
        max_length=longest, allow_blank=True, allow_null=True, required=False
    )


def _flag() -> serializers.BooleanField:
    return serializers.BooleanField(allow_null=True, required=False)


def _count() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=LARGEST, allow_null=True, required=False
    )


def _texts() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=2_000),
        max_length=MOST_ROWS,
        allow_null=True,
        required=False,
    )


def _rows(row: type[serializers.Serializer[Any]]) -> Any:
    return rows_of(row, most=MOST_ROWS, allow_null=True, required=False)


def _one(row: type[serializers.Serializer[Any]]) -> Any:
    return row(allow_null=True, required=False)


class PictureSerializer(StrictSerializer):
    """One the platform has (`uri`), one of ours (`image`, its id), or one to fetch."""

    uri = serializers.CharField(max_length=300, required=False)
    image = serializers.IntegerField(min_value=1, max_value=LARGEST, required=False)
    from_url = serializers.CharField(max_length=2_000, required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError("One of uri, image and from_url.")
        return attrs


class AmountSerializer(StrictSerializer):
    amount = _text(40)
    currency = _text(3)


class ListingPriceSerializer(AmountSerializer):
    sale_price = _text(40)
    starting_bid_price = _text(40)


class OutsidePriceSerializer(AmountSerializer):
    source = _text(60)  # type: ignore[assignment]  # a field of that name


class StockSerializer(StrictSerializer):
    warehouse_id = _text(40)
    quantity = _count()
    backorder_quantity = _count()
    handling_time = _count()


class CodeSerializer(StrictSerializer):
    code = _text(60)
    type = _text(10)


class TraitSerializer(StrictSerializer):
    """What sets a SKU apart: an attribute of the category, or one of its own."""

    id = _text(40)
    name = _text()
    value_id = _text(40)
    value_name = _text()
    sku_img = _one(PictureSerializer)
    supplementary_sku_images = _rows(PictureSerializer)


class WeightSerializer(StrictSerializer):
    value = _text(40)
    unit = _text(20)


class SizeSerializer(StrictSerializer):
    length = _text(40)
    width = _text(40)
    height = _text(40)
    unit = _text(20)


class FeeSerializer(StrictSerializer):
    type = _text(60)
    amount = _text(40)
    additional_attribute = _text(60)


class CombinedSkuSerializer(StrictSerializer):
    product_id = _text(40)
    sku_id = _text(40)
    sku_count = _count()


class HandlingSerializer(StrictSerializer):
    handling_duration_days = _count()
    release_date = _count()


class PreSaleSerializer(StrictSerializer):
    type = _text(40)
    fulfillment_type = _one(HandlingSerializer)


class SkuSerializer(StrictSerializer):
    """Of an edit with the platform's `id` those that change, without one new ones.
    `variant` is ours that it will stand for."""

    id = _text(40)
    variant = serializers.IntegerField(
        min_value=1, max_value=LARGEST, allow_null=True, required=False
    )
    seller_sku = _text()
    external_sku_id = _text()
    sku_unit_count = _text(40)
    external_urls = _texts()
    extra_identifier_codes = _texts()
    sales_attributes = _rows(TraitSerializer)
    inventory = _rows(StockSerializer)
    price = _one(ListingPriceSerializer)
    list_price = _one(AmountSerializer)
    external_list_prices = _rows(OutsidePriceSerializer)
    identifier_code = _one(CodeSerializer)
    combined_skus = _rows(CombinedSkuSerializer)
    pre_sale = _one(PreSaleSerializer)
    fees = _rows(FeeSerializer)
    sku_weight = _one(WeightSerializer)
    sku_dimensions = _one(SizeSerializer)


class ValueSerializer(StrictSerializer):
    id = _text(40)
    name = _text(500)


class AttributeSerializer(StrictSerializer):
    id = _text(40)
    values = _rows(ValueSerializer)


class PaperFileSerializer(StrictSerializer):
    id = _text(300)
    name = _text(300)
    format = _text(20)


class PaperSerializer(StrictSerializer):
    id = _text(40)
    expiration_date = _count()
    images = _rows(PictureSerializer)
    files = _rows(PaperFileSerializer)


class NamedSerializer(StrictSerializer):
    id = _text(300)


class ChartSerializer(StrictSerializer):
    image = _one(PictureSerializer)
    template = _one(NamedSerializer)


class ContentSerializer(StrictSerializer):
    """Null clears a field."""

    title = _text(2_000)
    description = _text(100_000)
    category_id = _text(40)
    category_version = _text(10)
    brand_id = _text(40)
    main_images = _rows(PictureSerializer)
    video = _one(NamedSerializer)
    skus = rows_of(SkuSerializer, most=MOST_ROWS, required=False)
    product_attributes = _rows(AttributeSerializer)
    package_weight = _one(WeightSerializer)
    package_dimensions = _one(SizeSerializer)
    certifications = _rows(PaperSerializer)
    size_chart = _one(ChartSerializer)
    manufacturer_ids = _texts()
    responsible_person_ids = _texts()
    delivery_option_ids = _texts()
    listing_platforms = _texts()
    search_terms = _texts()
    key_product_features = _texts()
    external_product_id = _text(999)
    shipping_template_id = _text(40)
    shipping_insurance_requirement = _text(40)
    minimum_order_quantity = _count()
    is_cod_allowed = _flag()
    is_pre_owned = _flag()
    is_not_for_sale = _flag()
    save_mode = serializers.ChoiceField(
        choices=["LISTING", "AS_DRAFT"], allow_null=True, required=False
    )
