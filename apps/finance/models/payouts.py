"""What the platform pays, and what it still owes as far as it says."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.finance.models.amounts import (
    FinanceQuerySet,
    SettlementType,
    Source,
    amount_field,
)
from apps.integrations import contracts
from apps.orders.models import Order
from apps.platforms.models import Shop


class PaymentQuerySet(FinanceQuerySet):
    def off(self) -> Self:
        """Those that do not add up."""
        return self.filter(is_off=True)


class Payment(TimestampedModel):
    """Money sent to the seller's bank for one or more statements.

    `amount` is what arrives, in `currency`; the settled money, the reserve and what is
    paid before the exchange are in `settlement_currency`. The bank account is kept by
    its last four characters.
    """

    class Status(models.TextChoices):
        PAID = contracts.PayoutStatus.PAID.value, "Paid"
        PROCESSING = contracts.PayoutStatus.PROCESSING.value, "Being paid"
        FAILED = contracts.PayoutStatus.FAILED.value, "Failed"
        UNKNOWN = contracts.PayoutStatus.UNKNOWN.value, "Not known"

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="payments")
    remote_id = models.CharField("payment ID", max_length=40)
    status = models.CharField(max_length=12, choices=Status)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    settlement_currency = models.CharField(max_length=3, blank=True)
    settlement_amount = amount_field()
    reserve_amount = amount_field()
    before_exchange_amount = amount_field()
    exchange_rate = models.DecimalField(
        max_digits=24, decimal_places=10, null=True, blank=True
    )
    bank_account_ends = models.CharField(max_length=4, blank=True)
    remote_created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    difference_amount = amount_field(
        help_text="What its parts come to beyond what was paid.",
    )
    statements_difference_amount = amount_field(
        help_text="What its statements come to beyond what it says was settled.",
    )
    is_off = models.BooleanField(default=False)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="payment_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-remote_created_at"], name="payment_shop_at"),
            models.Index(fields=["remote_created_at", "id"], name="payment_at"),
            models.Index(fields=["shop"], condition=Q(is_off=True), name="payment_off"),
        ]

    def __str__(self) -> str:
        return self.remote_id


class WithdrawalQuerySet(FinanceQuerySet):
    """Nothing is asked of them but who sees them."""


class Withdrawal(TimestampedModel):
    """A movement of the seller's balance at the platform; type and status in its
    words, as their lists grow."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="withdrawals")
    remote_id = models.CharField("withdrawal ID", max_length=40)
    type = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=20, blank=True)
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    currency = models.CharField(max_length=3)
    remote_created_at = models.DateTimeField()

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="withdrawal_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "-remote_created_at"], name="withdrawal_shop_at"
            ),
        ]

    def __str__(self) -> str:
        return self.remote_id


class UnsettledQuerySet(FinanceQuerySet):
    def open(self) -> Self:
        """What the platform still lists as to come."""
        return self.filter(closed_at=None)


class UnsettledTransaction(TimestampedModel):
    """What the platform expects to settle. All amounts are its estimates. Kept when it
    leaves the platform's list (`closed_at`), to compare with what came."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="unsettled")
    order = models.ForeignKey(
        Order, models.SET_NULL, null=True, blank=True, related_name="unsettled"
    )
    key = models.CharField(max_length=100, editable=False)
    remote_id = models.CharField("transaction ID", max_length=40, blank=True)
    remote_order_id = models.CharField("order ID", max_length=32, blank=True)
    subject_id = models.CharField(max_length=40)
    type = models.CharField(
        max_length=12,
        choices=SettlementType,
    )
    type_text = models.CharField(max_length=80, blank=True)
    currency = models.CharField(max_length=3)
    settlement_amount = models.DecimalField(max_digits=19, decimal_places=4)
    revenue_amount = amount_field()
    shipping_amount = amount_field()
    fee_tax_amount = amount_field()
    adjustment_amount = amount_field()
    expected_at = models.DateTimeField(null=True, blank=True)
    expected_text = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    order_placed_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(
        max_length=8,
        choices=Source,
    )
    seen_at = models.DateTimeField(help_text="When a source last listed it.")
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it is no longer to come."
    )

    objects = UnsettledQuerySet.as_manager()

    class Meta:
        ordering = ["order_placed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "key"], name="unsettled_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop"], condition=Q(closed_at=None), name="unsettled_open"
            ),
            models.Index(fields=["shop", "remote_order_id"], name="unsettled_order"),
            models.Index(fields=["modified_at", "id"], name="unsettled_modified"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.subject_id}"


class ShopFinanceSettings(TimestampedModel):
    """From when on money counts as late at a shop. No row: as the defaults say."""

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="finance_settings")
    holding_days = models.PositiveSmallIntegerField(
        default=15,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="After delivery, until an order should be settled.",
    )
    payout_days = models.PositiveSmallIntegerField(
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="After a statement, until it should be paid.",
    )
    covered_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Since when settlements are here; what is older is not called late.",
    )

    def __str__(self) -> str:
        return f"Finance settings of {self.shop}"
