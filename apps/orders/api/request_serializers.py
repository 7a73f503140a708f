"""Cancellations and returns as they are shown."""

from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.core.money import Money
from apps.orders.models import Cancellation, CancellationLine, Return, ReturnLine
from apps.orders.services.actions import decisions_for
from apps.products.api.amounts import ToldMoneyField

AMOUNTS = (
    "refund_amount",
    "refund_subtotal_amount",
    "refund_shipping_amount",
    "refund_tax_amount",
    "refund_fees_amount",
)
_LINE = (
    "remote_id",
    "unit_id",
    "remote_sku_id",
    "seller_sku",
    "product_name",
    "variation",
    "quantity",
    "line_key",
    *AMOUNTS,
)
_REQUEST = (
    "id",
    "shop",
    "order",
    "order_id",
    "remote_id",
    "status",
    "status_text",
    "is_status_understood",
    "role",
    "reason",
    "reason_text",
    "next_action",
    "needs_answer",
    "respond_by_at",
    "currency",
    *AMOUNTS,
    "source",
    "remote_created_at",
    "remote_updated_at",
    "created_at",
    "modified_at",
)


class _LineMoneyField(MoneyField):
    """In the request's currency; null where that is not told."""

    def __init__(self) -> None:
        super().__init__(currency="request.currency")

    def get_attribute(self, instance: CancellationLine | ReturnLine) -> Money | None:
        return super().get_attribute(instance) if instance.request.currency else None


class CancellationLineSerializer(serializers.ModelSerializer[CancellationLine]):
    """So many units of a SKU, or a single item of the order (`unit_id`); `line_key` is
    its line's in the order, where that is known."""

    line_key = serializers.CharField(
        source="order_line.key", allow_null=True, default=None
    )
    refund_amount = _LineMoneyField()
    refund_subtotal_amount = _LineMoneyField()
    refund_shipping_amount = _LineMoneyField()
    refund_tax_amount = _LineMoneyField()
    refund_fees_amount = _LineMoneyField()

    class Meta:
        model = CancellationLine
        fields = _LINE


class ReturnLineSerializer(CancellationLineSerializer):
    class Meta(CancellationLineSerializer.Meta):
        model = ReturnLine  # type: ignore[assignment]


class CancellationSerializer(serializers.ModelSerializer[Cancellation]):
    """`order` is null until the order is known here; `order_id` is the platform's.
    `needs_answer`: somebody must answer until `respond_by_at`."""

    shop = serializers.IntegerField(source="shop_id")
    order = serializers.IntegerField(source="order_id", allow_null=True)
    order_id = serializers.CharField(source="order_remote_id")
    needs_answer = serializers.SerializerMethodField()
    refund_amount = ToldMoneyField()
    refund_subtotal_amount = ToldMoneyField()
    refund_shipping_amount = ToldMoneyField()
    refund_tax_amount = ToldMoneyField()
    refund_fees_amount = ToldMoneyField()

    class Meta:
        model = Cancellation
        fields: tuple[str, ...] = _REQUEST

    def get_needs_answer(self, row: Cancellation) -> bool:
        return row.needs_answer and row.status == Cancellation.Status.PENDING


class CancellationDetailSerializer(CancellationSerializer):
    lines = CancellationLineSerializer(many=True)

    class Meta(CancellationSerializer.Meta):
        fields = (*CancellationSerializer.Meta.fields, "lines")


class ReturnSerializer(CancellationSerializer):
    """`accepts_with` and `declines_with` are the answers the platform takes now.
    `keeps_goods`: the buyer need not send anything back."""

    offered_amount = ToldMoneyField()
    accepts_with = serializers.SerializerMethodField()
    declines_with = serializers.SerializerMethodField()

    class Meta:
        model = Return
        fields: tuple[str, ...] = (
            *_REQUEST,
            "kind",
            "kind_text",
            "arbitration",
            "shipment_type",
            "handover_method",
            "tracking_number",
            "carrier",
            "keeps_goods",
            "is_quick_refund",
            "offered_amount",
            "refunded_at",
            "previous_id",
            "next_id",
            "accepts_with",
            "declines_with",
        )

    def get_needs_answer(self, row: Return) -> bool:  # type: ignore[override]
        return bool(row.next_action)

    def get_accepts_with(self, row: Return) -> list[str]:
        return [decision.value for decision in decisions_for(row)[0]]

    def get_declines_with(self, row: Return) -> list[str]:
        return [decision.value for decision in decisions_for(row)[1]]


class ReturnDetailSerializer(ReturnSerializer):
    lines = ReturnLineSerializer(many=True)

    class Meta(ReturnSerializer.Meta):
        fields = (*ReturnSerializer.Meta.fields, "lines")
