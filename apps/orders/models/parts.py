"""What an order consists of."""

from django.db import models

from apps.core.models import TimestampedModel
from apps.orders.models.order import Order
from apps.products.models import ListingSku, Variant


class OrderLine(TimestampedModel):
    """Units of one SKU at one kind of price; amounts are totals of the line.

    `key` tells lines of one order apart, the same whichever source spoke.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    remote_sku_id = models.CharField("SKU ID", max_length=32, blank=True)
    remote_product_id = models.CharField("product ID", max_length=32, blank=True)
    seller_sku = models.CharField("seller SKU", max_length=120, blank=True)
    # What the shop lists it as, and what of ours that is: see services.relink.
    listing_sku = models.ForeignKey(
        ListingSku,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="order_lines",
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="order_lines"
    )
    bundle_seller_sku = models.CharField(max_length=120, blank=True)
    product_name = models.CharField(max_length=600, blank=True)
    variation = models.CharField(max_length=300, blank=True)
    image_url = models.CharField(max_length=600, blank=True)
    is_gift = models.BooleanField(default=False)
    quantity = models.PositiveIntegerField()
    returned_quantity = models.PositiveIntegerField(null=True, blank=True)
    cancelled_quantity = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Units called off while the rest of the order goes on; part of the "
        "quantity.",
    )
    shipped_quantity = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Units that have left the warehouse, where the platform tells units "
        "apart.",
    )
    units = models.JSONField(
        default=list,
        editable=False,
        help_text="Its single items: [platform's ID, status, package ID] each.",
    )
    unit_price = models.DecimalField(max_digits=19, decimal_places=4)
    original_amount = models.DecimalField(max_digits=19, decimal_places=4)
    platform_discount_amount = models.DecimalField(max_digits=19, decimal_places=4)
    seller_discount_amount = models.DecimalField(max_digits=19, decimal_places=4)
    amount = models.DecimalField(max_digits=19, decimal_places=4)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "key"], name="order_line_unique_key"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1), name="order_line_has_units"
            ),
        ]
        indexes = [
            models.Index(fields=["seller_sku"], name="order_line_seller_sku"),
            models.Index(fields=["remote_sku_id"], name="order_line_sku"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}x {self.seller_sku or self.remote_sku_id}"
