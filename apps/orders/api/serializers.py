"""How an order is told: money in its currency, buyers only to whoever may see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.orders.models import Order, OrderLine, Parcel

AMOUNTS = (
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "subtotal_amount",
    "shipping_amount",
    "tax_amount",
    "total_amount",
    "refund_amount",
)


class BuyerDataSerializer(serializers.Serializer[Any]):
    """All null while `buyer_masked`."""

    handle = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    postal_code = serializers.CharField(allow_null=True)
    region = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)


MASKED = dict.fromkeys(BuyerDataSerializer().fields)


class OrderSerializer(serializers.ModelSerializer[Order]):
    """Without its buyer, whoever asks."""

    shop = serializers.IntegerField(source="shop_id")
    client = serializers.IntegerField(source="shop.client_id")
    order_id = serializers.CharField(
        source="remote_id", help_text="The platform's number of the order."
    )
    buyer_masked = serializers.SerializerMethodField()
    buyer = serializers.SerializerMethodField()
    seller_note = serializers.SerializerMethodField()
    original_amount = MoneyField()
    platform_discount_amount = MoneyField()
    seller_discount_amount = MoneyField()
    subtotal_amount = MoneyField()
    shipping_amount = MoneyField()
    tax_amount = MoneyField()
    total_amount = MoneyField()
    refund_amount = MoneyField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "client",
            "order_id",
            "status",
            "status_text",
            "is_status_understood",
            "cancellation_stage",
            "cancelled_by",
            "cancel_reason",
            "is_cancel_requested",
            "currency",
            *AMOUNTS,
            "placed_at",
            "paid_at",
            "ready_to_ship_at",
            "shipped_at",
            "delivered_at",
            "cancelled_at",
            "cancel_requested_at",
            "ship_by_at",
            "auto_cancel_at",
            "fulfilment",
            "warehouse",
            "delivery_option",
            "carrier",
            "tracking_number",
            "payment_method",
            "is_cod",
            "is_pre_order",
            "is_sample",
            "is_replacement",
            "sales_channel",
            "creator_handle",
            "buyer_masked",
            "buyer",
            "seller_note",
            "remote_updated_at",
            "created_at",
            "modified_at",
        )

    def shows_buyer(self, order: Order) -> bool:
        return False

    def get_buyer_masked(self, order: Order) -> bool:
        return not self.shows_buyer(order)

    @extend_schema_field(BuyerDataSerializer)
    def get_buyer(self, order: Order) -> dict[str, str | None]:
        if not self.shows_buyer(order):
            return dict(MASKED)
        return {
            "handle": str(order.buyer) if order.buyer else "",
            "name": order.recipient_name,
            "phone": order.recipient_phone,
            "address": order.recipient_address,
            "postal_code": order.recipient_postal_code,
            "region": order.recipient_region,
            "message": order.buyer_message,
        }

    def get_seller_note(self, order: Order) -> str | None:
        return order.seller_note if self.shows_buyer(order) else None


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    unit_price = MoneyField(currency="order.currency")
    original_amount = MoneyField(currency="order.currency")
    platform_discount_amount = MoneyField(currency="order.currency")
    seller_discount_amount = MoneyField(currency="order.currency")
    amount = MoneyField(currency="order.currency")

    class Meta:
        model = OrderLine
        fields = (
            "position",
            "remote_sku_id",
            "remote_product_id",
            "seller_sku",
            "bundle_seller_sku",
            "product_name",
            "variation",
            "image_url",
            "is_gift",
            "quantity",
            "returned_quantity",
            "cancelled_quantity",
            "unit_price",
            "original_amount",
            "platform_discount_amount",
            "seller_discount_amount",
            "amount",
        )


class ParcelSerializer(serializers.ModelSerializer[Parcel]):
    class Meta:
        model = Parcel
        fields = ("remote_id", "tracking_number")


class OrderDetailSerializer(OrderSerializer):
    """With its lines and parcels, and the buyer where `shows_buyer` is in the
    context."""

    lines = LineSerializer(many=True)
    parcels = ParcelSerializer(many=True)

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "lines", "parcels")

    def shows_buyer(self, order: Order) -> bool:
        return bool(self.context.get("shows_buyer", False))
