"""An order, its deadlines and its money, and the payloads it came from."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum

from apps.core.models import TimestampedModel
from apps.core.money import Money
from apps.integrations import contracts
from apps.orders.models.buyer import Buyer
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


def amount_field(**options: Any) -> "models.DecimalField[Any, Any]":
    """Major units of the order's currency; empty where no source said."""
    return models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True, **options
    )


def instant_field(**options: Any) -> "models.DateTimeField[Any, Any]":
    return models.DateTimeField(null=True, blank=True, **options)


class OrderQuerySet(models.QuerySet["Order"]):
    """Chainable answers; the questions of the desk stand in questions.py."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))

    def with_units(self) -> Self:
        """Annotate `units`, the number of items over all lines."""
        return self.annotate(units=Sum("lines__quantity", default=0))

    def with_sources(self) -> Self:
        """Annotate `from_api` and `from_file`: which sources spoke of the order."""
        payloads = OrderPayload.objects.filter(order=OuterRef("pk"))
        return self.annotate(
            from_api=Exists(payloads.filter(source=Order.Source.API)),
            from_file=Exists(payloads.filter(source=Order.Source.FILE)),
        )


class Order(TimestampedModel):
    """A buyer's order, folded from every source that spoke of it.

    `status_text` keeps the source's own words; where they were not understood,
    `is_status_understood` is False and the status stays what it was.
    """

    class Status(models.TextChoices):
        UNPAID = contracts.OrderStatus.UNPAID.value, "Unpaid"
        ON_HOLD = contracts.OrderStatus.ON_HOLD.value, "On hold"
        TO_SHIP = contracts.OrderStatus.TO_SHIP.value, "Awaiting shipment"
        AWAITING_COLLECTION = (
            contracts.OrderStatus.AWAITING_COLLECTION.value,
            "Awaiting collection",
        )
        PARTLY_SHIPPED = contracts.OrderStatus.PARTLY_SHIPPED.value, "Partly shipped"
        IN_TRANSIT = contracts.OrderStatus.IN_TRANSIT.value, "In transit"
        DELIVERED = contracts.OrderStatus.DELIVERED.value, "Delivered"
        COMPLETED = contracts.OrderStatus.COMPLETED.value, "Completed"
        CANCELLED = contracts.OrderStatus.CANCELLED.value, "Cancelled"
        NOT_UNDERSTOOD = contracts.OrderStatus.NOT_UNDERSTOOD.value, "Not understood"

    class Stage(models.TextChoices):
        BEFORE_PAYMENT = (
            contracts.CancellationStage.BEFORE_PAYMENT.value,
            "Before payment",
        )
        BEFORE_SHIPPING = (
            contracts.CancellationStage.BEFORE_SHIPPING.value,
            "Before shipping",
        )
        FAILED_DELIVERY = (
            contracts.CancellationStage.FAILED_DELIVERY.value,
            "Failed delivery",
        )

    class Source(models.TextChoices):
        API = contracts.Source.API.value, "API"
        WEBHOOK = contracts.Source.WEBHOOK.value, "Webhook"
        FILE = contracts.Source.FILE.value, "File"

    class ReturnState(models.TextChoices):
        """What became of goods and money after the sale: see services.aftersales."""

        REPORTED = "reported", "Return reported by a file"
        REQUESTED = "requested", "Return or refund requested"
        RETURNING = "returning", "Coming back"
        ACCEPTED = "accepted", "Refund on its way"
        REFUNDED = "refunded", "Refunded"
        REPLACED = "replaced", "Replaced"
        REJECTED = "rejected", "Return refused"
        CLOSED = "closed", "Return closed"

    class Priority(models.TextChoices):
        VIRAL = "viral", "Viral"
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        AUTO = "auto", "Auto"

    class ShippingType(models.TextChoices):
        PLATFORM = contracts.ShippingType.PLATFORM.value, "TikTok's carrier"
        SELLER = contracts.ShippingType.SELLER.value, "Own carrier"

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="orders")
    remote_id = models.CharField("order ID", max_length=32)
    buyer = models.ForeignKey(
        Buyer, models.PROTECT, null=True, blank=True, related_name="orders"
    )

    status = models.CharField(max_length=24, choices=Status)
    status_text = models.CharField(max_length=120, blank=True)
    is_status_understood = models.BooleanField(default=True)
    cancellation_stage = models.CharField(max_length=20, choices=Stage, blank=True)
    cancelled_by = models.CharField(max_length=12, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    return_state = models.CharField(max_length=12, choices=ReturnState, blank=True)
    reported_return = models.CharField(
        max_length=40, blank=True, help_text="An order file's word for a return."
    )
    priority = models.CharField(
        max_length=8, choices=Priority, default=Priority.AUTO, db_default="auto"
    )

    currency = models.CharField(max_length=3)
    original_amount = amount_field()
    platform_discount_amount = amount_field()
    seller_discount_amount = amount_field()
    subtotal_amount = amount_field()
    shipping_amount = amount_field()
    original_shipping_amount = amount_field()
    shipping_platform_discount_amount = amount_field()
    shipping_seller_discount_amount = amount_field()
    payment_discount_amount = amount_field()
    buyer_fees_amount = amount_field()
    tax_amount = amount_field()
    total_amount = amount_field()
    refund_amount = amount_field()

    placed_at = models.DateTimeField()
    paid_at = instant_field()
    ready_to_ship_at = instant_field()
    shipped_at = instant_field()
    delivered_at = instant_field()
    cancelled_at = instant_field()
    cancel_requested_at = instant_field()
    ship_by_at = instant_field()
    auto_cancel_at = instant_field()
    collect_by_at = instant_field()
    deliver_by_at = instant_field()
    release_at = instant_field()

    fulfilment = models.CharField(max_length=12, blank=True)
    warehouse = models.CharField(max_length=120, blank=True)
    shipping_type = models.CharField(max_length=8, choices=ShippingType, blank=True)
    delivery_option = models.CharField(max_length=120, blank=True)
    delivery_option_id = models.CharField(max_length=32, blank=True)
    carrier = models.CharField(max_length=120, blank=True)
    carrier_id = models.CharField(max_length=32, blank=True)
    split_or_combine = models.CharField(max_length=8, blank=True)
    tracking_number = models.CharField(max_length=80, blank=True)
    payment_method = models.CharField(max_length=120, blank=True)
    is_cod = models.BooleanField("cash on delivery", null=True)
    is_pre_order = models.BooleanField(null=True)
    is_sample = models.BooleanField(null=True)
    is_replacement = models.BooleanField(null=True)
    replaced_order_id = models.CharField(max_length=32, blank=True)
    sales_channel = models.CharField(max_length=60, blank=True)
    creator_handle = models.CharField(max_length=120, blank=True)
    buyer_message = models.TextField(blank=True)
    seller_note = models.TextField(blank=True)

    recipient_name = models.CharField(max_length=200, blank=True)
    recipient_phone = models.CharField(max_length=60, blank=True)
    recipient_address = models.TextField(blank=True)
    recipient_postal_code = models.CharField(max_length=20, blank=True)
    recipient_region = models.CharField(max_length=60, blank=True)

    remote_updated_at = instant_field(help_text="When the platform last changed it.")
    lines_source = models.CharField(max_length=8, choices=Source)
    # What each source and person said of each field, and when: see services.testimony.
    testimony = models.JSONField(default=dict, editable=False)
    has_conflict = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="Sources differ on a field that nobody has decided.",
    )
    is_stock_due = models.BooleanField(
        default=True,
        editable=False,
        help_text="What the ledger has booked for it may be outdated.",
    )
    buyer_erased_at = instant_field(
        help_text="Since then nothing is kept that tells who bought; news adds none."
    )

    units: int  # only after with_units()
    from_api: bool  # only after with_sources()
    from_file: bool

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        permissions = [("process_orders", "Can process orders and see buyers")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="order_unique_per_shop"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-placed_at"], name="order_shop_placed"),
            models.Index(
                fields=["ship_by_at"],
                condition=Q(status__in=["to_ship", "partly_shipped"]),
                name="order_ship_by",
            ),
            models.Index(
                fields=["auto_cancel_at"],
                condition=Q(status__in=["to_ship", "partly_shipped"]),
                name="order_auto_cancel",
            ),
            models.Index(fields=["status", "-placed_at"], name="order_status_placed"),
            models.Index(fields=["remote_id"], name="order_remote_id"),
            models.Index(
                fields=["shop", "-placed_at"],
                condition=Q(is_stock_due=True),
                name="order_stock_due",
            ),
            # Pages of the API over all shops begin in the middle of these.
            models.Index(fields=["placed_at", "id"], name="order_placed"),
            models.Index(fields=["modified_at", "id"], name="order_modified"),
            models.Index(fields=["tracking_number"], name="order_tracking_number"),
            models.Index(
                fields=["shop", "return_state"],
                condition=~Q(return_state=""),
                name="order_return_state",
            ),
            models.Index(
                fields=["shop"],
                condition=Q(is_cancel_requested=True),
                name="order_cancel_asked",
            ),
            models.Index(
                fields=["shop"],
                condition=Q(has_conflict=True),
                name="order_conflict",
            ),
            models.Index(
                fields=["shop"],
                condition=Q(priority="viral"),
                name="order_viral",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} #{self.remote_id}"

    @property
    def total(self) -> Money | None:
        """What the buyer pays, if a source said."""
        if self.total_amount is None:
            return None
        return Money(self.total_amount, self.currency)


class OrderPayload(TimestampedModel):
    """What a source sent, whole: for the record, and to see that nothing is new."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payloads")
    source = models.CharField(max_length=8, choices=Order.Source)
    body = models.JSONField()
    content_hash = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    emptied_at = instant_field(
        help_text="The body is gone; what the source sent is still known by its hash."
    )

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "source"], name="payload_unique_per_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} from {self.get_source_display()}"
