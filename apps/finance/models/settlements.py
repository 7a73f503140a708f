"""What the platform settled: a day's statement, and what it consists of."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.core.money import Money
from apps.finance.models.amounts import (
    FinanceQuerySet,
    SettlementType,
    Source,
    amount_field,
)
from apps.finance.models.payouts import Payment
from apps.integrations import contracts
from apps.orders.models import Order
from apps.platforms.models import Shop


class StatementQuerySet(FinanceQuerySet):
    def off(self) -> Self:
        """Those that do not add up."""
        return self.filter(is_off=True)

    def unpaid(self) -> Self:
        """Settled, and not paid out as far as we know."""
        return self.exclude(payment_status=Statement.PaymentStatus.PAID)

    def to_read(self) -> Self:
        """Those whose transactions are not here as the statement now is."""
        return self.filter(transactions_read_at=None, source=Source.API)


class Statement(TimestampedModel):
    """What the platform settled of a shop in a day, cut at 00:00 UTC.

    One that only a file named has no sums of its own. `rows_difference_amount` is what
    its transactions come to beyond it, `difference_amount` what its parts do; empty
    while that cannot be told. `is_off` where one of them is not zero.
    """

    class PaymentStatus(models.TextChoices):
        PAID = contracts.PayoutStatus.PAID.value, "Paid"
        PROCESSING = contracts.PayoutStatus.PROCESSING.value, "Being paid"
        SETTLED = contracts.PayoutStatus.SETTLED.value, "Settled, not paid"
        FAILED = contracts.PayoutStatus.FAILED.value, "Payment failed"
        UNKNOWN = contracts.PayoutStatus.UNKNOWN.value, "Not known"

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="statements")
    remote_id = models.CharField("statement ID", max_length=40)
    statement_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    settlement_amount = amount_field()
    revenue_amount = amount_field()
    shipping_amount = amount_field()
    fee_tax_amount = amount_field()
    adjustment_amount = amount_field()
    net_sales_amount = amount_field()
    reserve_amount = amount_field(
        help_text="Held back for a time (below zero), or given back."
    )
    payable_amount = amount_field(help_text="What is paid of it, after the reserve.")
    payment_status = models.CharField(
        max_length=12, choices=PaymentStatus, default=PaymentStatus.UNKNOWN
    )
    payment_remote_id = models.CharField("payment ID", max_length=40, blank=True)
    payment = models.ForeignKey(
        Payment, models.SET_NULL, null=True, blank=True, related_name="statements"
    )
    paid_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    transactions_read_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty while they are to be read."
    )
    read_at = models.DateTimeField(
        null=True, blank=True, help_text="When the platform last told of it."
    )
    difference_amount = amount_field()
    rows_difference_amount = amount_field()
    is_off = models.BooleanField(default=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ["-statement_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="statement_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-statement_at"], name="statement_shop_at"),
            models.Index(fields=["statement_at", "id"], name="statement_at"),
            models.Index(
                fields=["shop", "payment_remote_id"], name="statement_payment"
            ),
            models.Index(
                fields=["shop"], condition=Q(is_off=True), name="statement_off"
            ),
            models.Index(
                fields=["shop", "-statement_at"],
                condition=Q(transactions_read_at=None, source="api"),
                name="statement_to_read",
            ),
            models.Index(
                fields=["shop", "statement_at"],
                condition=~Q(payment_status="paid"),
                name="statement_unpaid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop}, {self.statement_at:%d %b %Y}"

    @property
    def settlement(self) -> Money | None:
        if self.settlement_amount is None:
            return None
        return Money(self.settlement_amount, self.currency)


class SettlementTransactionQuerySet(FinanceQuerySet):
    def off(self) -> Self:
        return self.filter(is_off=True)

    def of_orders(self) -> Self:
        return self.filter(type=SettlementTransaction.Type.ORDER)

    def skus_to_read(self) -> Self:
        """Those of orders whose SKU rows have not been asked for."""
        return self.of_orders().filter(skus_read_at=None, source=Source.API)


class SettlementTransaction(TimestampedModel):
    """One line of a statement: an order (or a later refund of it), an adjustment, or
    money held back for a time.

    `key` is the same whether the API or a file told of it; see rules.identity. An
    order can appear in several statements. `settled_at` is the instant of settlement
    in UTC. `order` is empty until that order is here. `is_off` where the parts, or its
    SKU rows, do not come to what was settled; `file_amount` is what a file says of a
    row of the API where that differs.
    """

    Type = SettlementType

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="settlements")
    statement = models.ForeignKey(
        Statement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="transactions",
    )
    order = models.ForeignKey(
        Order, models.SET_NULL, null=True, blank=True, related_name="settlements"
    )
    key = models.CharField(max_length=160, editable=False)
    remote_id = models.CharField("transaction ID", max_length=40, blank=True)
    remote_order_id = models.CharField("order ID", max_length=32, blank=True)
    subject_id = models.CharField(
        max_length=40, help_text="The order's, the adjustment's or the reserve's ID."
    )
    type = models.CharField(max_length=12, choices=Type)
    type_text = models.CharField(
        max_length=80, blank=True, help_text="The platform's own word for it."
    )
    currency = models.CharField(max_length=3)
    settlement_amount = models.DecimalField(max_digits=19, decimal_places=4)
    revenue_amount = amount_field()
    shipping_amount = amount_field()
    fee_tax_amount = amount_field()
    adjustment_amount = amount_field()
    reserve_amount = amount_field()
    reserve_status = models.CharField(max_length=12, blank=True)
    release_text = models.CharField(
        max_length=80, blank=True, help_text="When held money is to come, as told."
    )
    order_placed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source)
    skus_read_at = models.DateTimeField(
        null=True, blank=True, help_text="When its SKU rows were asked for."
    )
    difference_amount = amount_field(
        help_text="What its parts come to beyond what was settled."
    )
    skus_difference_amount = amount_field()
    unnamed_amount = amount_field(
        help_text="Fees in the total that no fee by name accounts for."
    )
    file_amount = amount_field()
    is_off = models.BooleanField(default=False)

    objects = SettlementTransactionQuerySet.as_manager()

    class Meta:
        ordering = ["-settled_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "key"], name="settlement_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-settled_at"], name="settlement_shop_at"),
            models.Index(fields=["settled_at", "id"], name="settlement_at"),
            models.Index(
                fields=["shop", "remote_order_id"], name="settlement_order_id"
            ),
            models.Index(fields=["shop", "subject_id"], name="settlement_subject"),
            models.Index(
                fields=["shop", "remote_order_id"],
                condition=Q(order=None) & ~Q(remote_order_id=""),
                name="settlement_unlinked",
            ),
            models.Index(
                fields=["shop"], condition=Q(is_off=True), name="settlement_off"
            ),
            models.Index(
                fields=["shop", "-settled_at"],
                condition=Q(skus_read_at=None, source="api", type="order"),
                name="settlement_skus_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.subject_id}"

    @property
    def settlement(self) -> Money:
        return Money(self.settlement_amount, self.currency)


class SettlementSku(TimestampedModel):
    """What was settled of one SKU of an order. `components` is {group: {the
    platform's name: amount as text}}, without zeros: to look at, not to sum over."""

    transaction = models.ForeignKey(
        SettlementTransaction, models.CASCADE, related_name="skus"
    )
    key = models.CharField(max_length=64, editable=False)
    remote_sku_id = models.CharField("SKU ID", max_length=32, blank=True)
    product_name = models.CharField(max_length=600, blank=True)
    sku_name = models.CharField(max_length=300, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    settlement_amount = models.DecimalField(max_digits=19, decimal_places=4)
    revenue_amount = amount_field()
    shipping_amount = amount_field()
    fee_tax_amount = amount_field()
    components = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "key"], name="settlement_sku_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["remote_sku_id"], name="settlement_sku_remote_id"),
        ]

    def __str__(self) -> str:
        return self.product_name or self.remote_sku_id


class SettlementComponent(models.Model):
    """A part of a transaction by the platform's own name: a fee, a tax, a discount.
    Names are not a closed list. Zeros are not kept."""

    class Group(models.TextChoices):
        REVENUE = contracts.AmountGroup.REVENUE.value, "Revenue"
        SHIPPING = contracts.AmountGroup.SHIPPING.value, "Shipping"
        FEE = contracts.AmountGroup.FEE.value, "Fees"
        TAX = contracts.AmountGroup.TAX.value, "Taxes"
        SUPPLEMENTARY = (
            contracts.AmountGroup.SUPPLEMENTARY.value,
            "For information",
        )

    transaction = models.ForeignKey(
        SettlementTransaction, models.CASCADE, related_name="components"
    )
    group = models.CharField(max_length=16, choices=Group)
    name = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=19, decimal_places=4)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "group", "name"],
                name="settlement_component_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"
