"""What each shop was told of our stock, and where it shows another number."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.inventory.models import ShopWarehouse
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models import ListingSku
from apps.users.models import AnyUser
from apps.users.roles import VIEW_STOCK


class PushQuerySet(models.QuerySet["StockPush"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_STOCK))


class StockPush(TimestampedModel):
    """What one SKU of a shop is to be told, was told, and shows.

    The maps are {warehouse ID of the platform: pieces}, the totals their sums. `wanted`
    is the newest figure, `sent` what is under way or was never heard of again,
    `accepted` what the platform took last, `found` what it showed when we last looked.
    """

    class State(models.TextChoices):
        # Nobody may say a number yet: not counted, warehouse not mapped, switched off.
        UNKNOWN = "unknown", "Not told"
        DUE = "due", "To be sent"
        SENDING = "sending", "Sending"
        IN_STEP = "in_step", "In step"
        FAILED = "failed", "Retry scheduled"
        BLOCKED = "blocked", "Needs a person"

    listing_sku = models.OneToOneField(
        ListingSku, models.CASCADE, related_name="stock_push"
    )
    # The SKU's, here once more: pushes go shop by shop.
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="stock_pushes")
    state = models.CharField(max_length=8, choices=State, default=State.UNKNOWN)
    wanted = models.JSONField(default=dict, blank=True)
    wanted_total = models.BigIntegerField(null=True, blank=True)
    due_since = models.DateTimeField(null=True, blank=True)
    is_forced = models.BooleanField(
        default=False, help_text="To be sent though it was accepted before."
    )
    sent = models.JSONField(default=dict, blank=True)
    sending_since = models.DateTimeField(null=True, blank=True)
    process = models.CharField(max_length=160, blank=True, editable=False)
    accepted = models.JSONField(default=dict, blank=True)
    accepted_total = models.BigIntegerField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    found = models.JSONField(default=dict, blank=True)
    found_total = models.BigIntegerField(null=True, blank=True)
    found_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=20, blank=True)
    fault_code = models.BigIntegerField(null=True, blank=True)
    message = models.CharField(
        max_length=500, blank=True, help_text="Why it is not in step."
    )
    # The listing was taken off sale by us, because the platform takes no 0.
    is_taken_off_sale = models.BooleanField(default=False)

    objects = PushQuerySet.as_manager()

    class Meta:
        ordering = ["shop", "pk"]
        verbose_name = "shop stock"
        verbose_name_plural = "shop stock"
        indexes = [
            models.Index(fields=["shop", "state"], name="stock_push_shop_state"),
            models.Index(
                fields=["shop", "due_since"],
                condition=Q(state__in=["due", "sending", "failed"]),
                name="stock_push_due",
            ),
            models.Index(fields=["modified_at", "id"], name="stock_push_modified"),
        ]

    def __str__(self) -> str:
        return f"Stock of {self.listing_sku}"


class DriftQuerySet(models.QuerySet["StockDrift"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_STOCK))

    def open(self) -> Self:
        return self.filter(state=StockDrift.State.OPEN)


class StockDrift(TimestampedModel):
    """A shop shows another number than it was told, and who moved it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        REPAIRED = "repaired", "Told ours again"
        TAKEN_OVER = "taken_over", "Their figure taken over"
        LEFT = "left", "Left as it is"
        GONE = "gone", "No longer so"

    class Mover(models.TextChoices):
        SALES = "sales", "Sales on the platform"
        PROMOTION = "promotion", "Reserved for a campaign or creator"
        LOST_PUSH = "lost_push", "Our own push, unheard of"
        SOMEBODY = "somebody", "Somebody in Seller Center, or another tool"
        NEVER_TOLD = "never_told", "Nobody: it was never told ours"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="stock_drifts")
    listing_sku = models.ForeignKey(
        ListingSku, models.CASCADE, related_name="stock_drifts"
    )
    shop_warehouse = models.ForeignKey(
        ShopWarehouse, models.CASCADE, related_name="stock_drifts"
    )
    wanted = models.BigIntegerField(help_text="What it is to show.")
    told = models.BigIntegerField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    found = models.BigIntegerField()
    mover = models.CharField(max_length=12, choices=Mover)
    evidence = models.CharField(
        max_length=500, blank=True, help_text="What makes us say so."
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = DriftQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at", "-pk"]
        verbose_name = "stock difference"
        constraints = [
            models.UniqueConstraint(
                fields=["listing_sku", "shop_warehouse"],
                condition=Q(state="open"),
                name="stock_drift_one_open",
            )
        ]
        indexes = [
            models.Index(fields=["shop", "state"], name="stock_drift_shop_state"),
            models.Index(fields=["-found_at"], name="stock_drift_found"),
        ]

    def __str__(self) -> str:
        return f"{self.found} instead of {self.wanted} of {self.listing_sku}"
