"""What happened to an order, and what people wrote beside it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.orders.models.order import Order, instant_field
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


class OrderEvent(models.Model):
    """One thing that happened, for good. What the order's own instants, packages,
    requests and stock tell is not written down again: the timeline joins both.

    `happened_at` is when it was true, `recorded_at` when we knew. `text` is in words
    for staff and holds nothing of the buyer.
    """

    class Kind(models.TextChoices):
        STATUS = "status", "Status"
        CHANGED = "changed", "Changed"
        PULLED = "pulled", "Pulled"
        EDITED = "edited", "Edited by hand"
        SETTLED = "settled", "Conflict settled"
        PRIORITY = "priority", "Priority set"
        ACTION = "action", "Sent to TikTok"
        REFUSED = "refused", "Refused by TikTok"
        PRINTED = "printed", "Printed"
        INSPECTED = "inspected", "Goods inspected"
        NOT_UNDERSTOOD = "not_understood", "Not understood"

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=8, choices=Order.Source, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    process = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        indexes = [
            models.Index(fields=["order", "-recorded_at"], name="order_event_order")
        ]

    def __str__(self) -> str:
        return self.text or self.get_kind_display()


class OrderNote(TimestampedModel):
    """What people who work on an order tell one another. It never goes to TikTok; as it
    may speak of the buyer, it goes when the buyer is erased."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="notes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.TextField(max_length=2_000)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Note of {self.created_at:%d %b %H:%M}"


class UnknownWordQuerySet(models.QuerySet["UnknownWord"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))

    def open(self) -> Self:
        return self.filter(seen_at__isnull=True)


class UnknownWord(models.Model):
    """A value of the platform's that nobody here understands: one notice a shop and
    word, however often it comes."""

    class Kind(models.TextChoices):
        ORDER_STATUS = "order_status", "Order status"
        PACKAGE_STATUS = "package_status", "Package status"
        CANCELLATION_STATUS = "cancellation_status", "Cancellation status"
        RETURN_STATUS = "return_status", "Return status"
        RETURN_KIND = "return_kind", "Return type"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="unknown_words")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.CharField(max_length=120)
    example_id = models.CharField("first seen at", max_length=32)
    first_at = models.DateTimeField(default=timezone.now)
    seen_at = instant_field(help_text="When somebody said they know.")
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = UnknownWordQuerySet.as_manager()

    class Meta:
        ordering = ["-first_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "text"], name="unknown_word_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} “{self.text}”"
