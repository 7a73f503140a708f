"""How an order is told: money in its currency, buyers only to whoever may see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.orders.models import Order

AMOUNTS = (
    "original_amount",
    "platform_discount_amount",
    "seller_discount_amount",
    "subtotal_amount",
    "original_shipping_amount",
    "shipping_platform_discount_amount",
    "shipping_seller_discount_amount",
    "shipping_amount",
    "payment_discount_amount",
    "buyer_fees_amount",
    "tax_amount",
    "total_amount",
    "refund_amount",
)
INSTANTS = (
    "placed_at",
    "paid_at",
    "ready_to_ship_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
    "cancel_requested_at",
    "ship_by_at",
    "auto_cancel_at",
    "collect_by_at",
    "deliver_by_at",
    "release_at",
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
    """Without its buyer, whoever asks. Discounts are told by who pays them; an order
    `has_conflict` while its sources differ on a field and nobody has settled it."""

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
    original_shipping_amount = MoneyField()
    shipping_platform_discount_amount = MoneyField()
    shipping_seller_discount_amount = MoneyField()
    shipping_amount = MoneyField()
    payment_discount_amount = MoneyField()
    buyer_fees_amount = MoneyField()
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
            "return_state",
            "reported_return",
            "priority",
            "has_conflict",
            "currency",
            *AMOUNTS,
            *INSTANTS,
            "fulfilment",
            "warehouse",
            "shipping_type",
            "delivery_option",
            "delivery_option_id",
            "carrier",
            "carrier_id",
            "split_or_combine",
            "tracking_number",
            "payment_method",
            "is_cod",
            "is_pre_order",
            "is_sample",
            "is_replacement",
            "replaced_order_id",
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
