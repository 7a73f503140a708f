"""Money as programs are told of it: exact, signed, with its currency."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.api.fields import MoneyField
from apps.core.money import Money
from apps.finance.models import (
    Payment,
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Statement,
    UnsettledTransaction,
)


class ExactMoney(MoneyField):
    """As MoneyField, with every digit there is: a part of a cent is a difference."""

    def to_representation(self, value: Money) -> dict[str, str]:
        exact = value.exact()
        return {"amount": f"{exact.amount:f}", "currency": exact.currency}


class StatementSerializer(serializers.ModelSerializer[Statement]):
    """What is taken away is below zero, and all is added. `difference` is what the
    parts come to beyond what was settled, `lines_difference` what the lines do; null
    while that cannot be told. Of one that only a file named, no sums are known."""

    settlement = ExactMoney(source="settlement_amount")
    revenue = ExactMoney(source="revenue_amount")
    shipping = ExactMoney(source="shipping_amount")
    fees_and_taxes = ExactMoney(source="fee_tax_amount")
    adjustment = ExactMoney(source="adjustment_amount")
    reserve = ExactMoney(source="reserve_amount")
    payable = ExactMoney(source="payable_amount")
    difference = ExactMoney(source="difference_amount")
    lines_difference = ExactMoney(source="rows_difference_amount")

    class Meta:
        model = Statement
        fields = (
            "id",
            "shop",
            "remote_id",
            "statement_at",
            "settlement",
            "revenue",
            "shipping",
            "fees_and_taxes",
            "adjustment",
            "reserve",
            "payable",
            "payment_status",
            "payment_remote_id",
            "payment",
            "paid_at",
            "source",
            "transactions_read_at",
            "difference",
            "lines_difference",
            "is_off",
            "created_at",
            "modified_at",
        )


class ComponentSerializer(serializers.ModelSerializer[SettlementComponent]):
    """`name` is the platform's own; new ones come without notice."""

    amount = ExactMoney(currency="transaction.currency")

    class Meta:
        model = SettlementComponent
        fields = ("group", "name", "amount")


class SkuSerializer(serializers.ModelSerializer[SettlementSku]):
    settlement = ExactMoney(source="settlement_amount", currency="transaction.currency")
    revenue = ExactMoney(source="revenue_amount", currency="transaction.currency")
    shipping = ExactMoney(source="shipping_amount", currency="transaction.currency")
    fees_and_taxes = ExactMoney(
        source="fee_tax_amount", currency="transaction.currency"
    )

    class Meta:
        model = SettlementSku
        fields = (
            "remote_sku_id",
            "product_name",
            "sku_name",
            "quantity",
            "settlement",
            "revenue",
            "shipping",
            "fees_and_taxes",
        )


class TransactionSerializer(serializers.ModelSerializer[SettlementTransaction]):
    """A line of a statement. `order` is null until that order is here. `unnamed` is
    what of the fees no name accounts for, `file` what a file says otherwise."""

    settlement = ExactMoney(source="settlement_amount")
    revenue = ExactMoney(source="revenue_amount")
    shipping = ExactMoney(source="shipping_amount")
    fees_and_taxes = ExactMoney(source="fee_tax_amount")
    adjustment = ExactMoney(source="adjustment_amount")
    reserve = ExactMoney(source="reserve_amount")
    difference = ExactMoney(source="difference_amount")
    skus_difference = ExactMoney(source="skus_difference_amount")
    unnamed = ExactMoney(source="unnamed_amount")
    file = ExactMoney(source="file_amount")

    class Meta:
        model = SettlementTransaction
        fields: tuple[str, ...] = (
            "id",
            "shop",
            "statement",
            "order",
            "remote_order_id",
            "subject_id",
            "type",
            "type_text",
            "settlement",
            "revenue",
            "shipping",
            "fees_and_taxes",
            "adjustment",
            "reserve",
            "reserve_status",
            "settled_at",
            "source",
            "difference",
            "skus_difference",
            "unnamed",
            "file",
            "is_off",
            "created_at",
            "modified_at",
        )


class TransactionDetailSerializer(TransactionSerializer):
    components = serializers.SerializerMethodField()
    skus = serializers.SerializerMethodField()

    class Meta(TransactionSerializer.Meta):
        fields = (*TransactionSerializer.Meta.fields, "components", "skus")

    @extend_schema_field(ComponentSerializer(many=True))
    def get_components(self, row: SettlementTransaction) -> Any:
        return ComponentSerializer(_of(row, row.components.all()), many=True).data

    @extend_schema_field(SkuSerializer(many=True))
    def get_skus(self, row: SettlementTransaction) -> Any:
        return SkuSerializer(_of(row, row.skus.all()), many=True).data


def _of(row: SettlementTransaction, parts: Any) -> list[Any]:
    """They know their line without being asked for it, each."""
    found = list(parts)
    for part in found:
        part.transaction = row
    return found


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """`paid` is what arrives. Settled money and reserve, exchanged, are to come to it;
    `statements_difference` is what its statements come to beyond what it settles."""

    paid = ExactMoney(source="amount")
    settlement = ExactMoney(source="settlement_amount", currency="settlement_currency")
    reserve = ExactMoney(source="reserve_amount", currency="settlement_currency")
    before_exchange = ExactMoney(
        source="before_exchange_amount", currency="settlement_currency"
    )
    difference = ExactMoney(source="difference_amount")
    statements_difference = ExactMoney(
        source="statements_difference_amount", currency="settlement_currency"
    )

    class Meta:
        model = Payment
        fields = (
            "id",
            "shop",
            "remote_id",
            "status",
            "paid",
            "settlement",
            "reserve",
            "before_exchange",
            "exchange_rate",
            "bank_account_ends",
            "remote_created_at",
            "paid_at",
            "difference",
            "statements_difference",
            "is_off",
            "created_at",
            "modified_at",
        )


class UnsettledSerializer(serializers.ModelSerializer[UnsettledTransaction]):
    """What is still to come: all amounts are the platform's estimates. `closed_at` is
    since when it is not to come any more."""

    settlement = ExactMoney(source="settlement_amount")
    revenue = ExactMoney(source="revenue_amount")
    shipping = ExactMoney(source="shipping_amount")
    fees_and_taxes = ExactMoney(source="fee_tax_amount")
    adjustment = ExactMoney(source="adjustment_amount")

    class Meta:
        model = UnsettledTransaction
        fields = (
            "id",
            "shop",
            "order",
            "remote_order_id",
            "subject_id",
            "type",
            "type_text",
            "settlement",
            "revenue",
            "shipping",
            "fees_and_taxes",
            "adjustment",
            "expected_at",
            "expected_text",
            "reason",
            "order_placed_at",
            "delivered_at",
            "source",
            "seen_at",
            "closed_at",
            "created_at",
            "modified_at",
        )
