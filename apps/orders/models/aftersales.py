"""Requests after the sale: to cancel, to return, to be paid back."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.integrations import contracts
from apps.orders.models.order import Order, amount_field, instant_field
from apps.orders.models.parts import OrderLine
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


class _RequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))


class CancellationQuerySet(_RequestQuerySet):
    def waiting(self) -> Self:
        """Those a person must answer."""
        return self.filter(status=Cancellation.Status.PENDING, needs_answer=True)


class ReturnQuerySet(_RequestQuerySet):
    def waiting(self) -> Self:
        """Those a person must answer."""
        return self.exclude(next_action="")


class Request(TimestampedModel):
    """What cancellations and returns have in common. `order` is empty until its order
    is known here. Amounts are in major units of `currency`."""

    order_remote_id = models.CharField("order ID", max_length=32)
    remote_id = models.CharField("request ID", max_length=32)
    status_text = models.CharField(max_length=80, blank=True)
    is_status_understood = models.BooleanField(default=True)
    role = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    reason_text = models.CharField(max_length=300, blank=True)
    next_action = models.CharField(
        max_length=60, blank=True, help_text="What the platform waits for us to do."
    )
    respond_by_at = instant_field()
    currency = models.CharField(max_length=3, blank=True)
    refund_amount = amount_field()
    refund_subtotal_amount = amount_field()
    refund_shipping_amount = amount_field()
    refund_tax_amount = amount_field()
    refund_fees_amount = amount_field()
    source = models.CharField(max_length=8, choices=Order.Source)
    remote_created_at = instant_field()
    remote_updated_at = instant_field()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.remote_id


class RequestLine(models.Model):
    """One item, or so many units of a SKU, that a request is about."""

    order_line = models.ForeignKey(
        OrderLine, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    remote_id = models.CharField(max_length=64)
    unit_id = models.CharField("order line item ID", max_length=32, blank=True)
    remote_sku_id = models.CharField("SKU ID", max_length=32, blank=True)
    seller_sku = models.CharField("seller SKU", max_length=120, blank=True)
    product_name = models.CharField(max_length=600, blank=True)
    variation = models.CharField(max_length=300, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    refund_amount = amount_field()
    refund_subtotal_amount = amount_field()
    refund_shipping_amount = amount_field()
    refund_tax_amount = amount_field()
    refund_fees_amount = amount_field()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.quantity}x {self.seller_sku or self.remote_sku_id}"


class Cancellation(Request):
    """A wish to cancel an order, or some of it."""

    class Status(models.TextChoices):
        PENDING = contracts.CancellationStatus.PENDING.value, "Requested"
        SUCCESS = contracts.CancellationStatus.SUCCESS.value, "Agreed"
        COMPLETE = contracts.CancellationStatus.COMPLETE.value, "Complete"
        CANCELLED = contracts.CancellationStatus.CANCELLED.value, "Withdrawn"
        NOT_UNDERSTOOD = (
            contracts.CancellationStatus.NOT_UNDERSTOOD.value,
            "Not understood",
        )

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="cancellations")
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, blank=True, related_name="cancellations"
    )
    status = models.CharField(max_length=16, choices=Status)
    needs_answer = models.BooleanField(default=False)

    objects = CancellationQuerySet.as_manager()

    class Meta:
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="cancellation_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "respond_by_at"],
                condition=Q(needs_answer=True, status="pending"),
                name="cancellation_waiting",
            ),
            models.Index(fields=["shop", "order_remote_id"], name="cancellation_order"),
            models.Index(fields=["modified_at", "id"], name="cancellation_modified"),
        ]


class CancellationLine(RequestLine):
    """What a cancellation is about."""

    request = models.ForeignKey(Cancellation, models.CASCADE, related_name="lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "remote_id"], name="cancellation_line_unique"
            ),
        ]


class Return(Request):
    """A return, refund, replacement or exchange: each with goods and money of its own.

    `keeps_goods`: the buyer need not send anything back.
    """

    class Kind(models.TextChoices):
        REFUND = contracts.ReturnKind.REFUND.value, "Refund only"
        RETURN_AND_REFUND = (
            contracts.ReturnKind.RETURN_AND_REFUND.value,
            "Return and refund",
        )
        REPLACEMENT = contracts.ReturnKind.REPLACEMENT.value, "Replacement"
        EXCHANGE = contracts.ReturnKind.EXCHANGE.value, "Exchange"
        NOT_UNDERSTOOD = contracts.ReturnKind.NOT_UNDERSTOOD.value, "Not understood"

    class Status(models.TextChoices):
        PENDING = contracts.ReturnStatus.PENDING.value, "Requested"
        REJECTED = contracts.ReturnStatus.REJECTED.value, "Refused"
        AWAITING_BUYER_RESPONSE = (
            contracts.ReturnStatus.AWAITING_BUYER_RESPONSE.value,
            "Partial refund offered",
        )
        AWAITING_BUYER_SHIP = (
            contracts.ReturnStatus.AWAITING_BUYER_SHIP.value,
            "Buyer is to send it",
        )
        BUYER_SHIPPED = contracts.ReturnStatus.BUYER_SHIPPED.value, "On its way back"
        RECEIVE_REJECTED = (
            contracts.ReturnStatus.RECEIVE_REJECTED.value,
            "Goods refused",
        )
        SUCCESS = contracts.ReturnStatus.SUCCESS.value, "Accepted"
        COMPLETE = contracts.ReturnStatus.COMPLETE.value, "Complete"
        REFUNDED_INSTEAD = (
            contracts.ReturnStatus.REFUNDED_INSTEAD.value,
            "Refunded instead",
        )
        CANCELLED = contracts.ReturnStatus.CANCELLED.value, "Closed"
        NOT_UNDERSTOOD = contracts.ReturnStatus.NOT_UNDERSTOOD.value, "Not understood"

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="returns")
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, blank=True, related_name="returns"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    kind_text = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=24, choices=Status)
    arbitration = models.CharField(max_length=40, blank=True)
    shipment_type = models.CharField(max_length=20, blank=True)
    handover_method = models.CharField(max_length=20, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    keeps_goods = models.BooleanField(null=True)
    is_quick_refund = models.BooleanField(null=True)
    offered_amount = amount_field()
    refunded_at = instant_field()
    previous_id = models.CharField(max_length=32, blank=True)
    next_id = models.CharField(max_length=32, blank=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="return_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "respond_by_at"],
                condition=~Q(next_action=""),
                name="return_waiting",
            ),
            models.Index(fields=["shop", "order_remote_id"], name="return_order"),
            models.Index(fields=["tracking_number"], name="return_tracking_number"),
            models.Index(fields=["modified_at", "id"], name="return_modified"),
        ]


class ReturnLine(RequestLine):
    """What a return is about."""

    request = models.ForeignKey(Return, models.CASCADE, related_name="lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "remote_id"], name="return_line_unique"
            ),
        ]
