"""What shops sold, summed up: tables that follow from the orders, and can be thrown
away and counted anew at any time. See services.analytics.

Amounts are in the shop's own currency and exact. What they are worth in another is
worked out when somebody asks, by the UTC date of payment (`rate_on`), so a rate that
comes late or is corrected makes no row here stale. Items are named as the shop names
them and looked up when asked, so a later match makes none stale either.
"""

from typing import Any, Self

from django.db import models

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ANALYTICS


class OfShops(models.QuerySet[Any]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ANALYTICS))


def sum_field() -> "models.DecimalField[Any, Any]":
    """Major units of the row's currency, without shipping and tax."""
    return models.DecimalField(max_digits=19, decimal_places=4)


class Sales(models.Model):
    """Sums of paid orders of a shop, by its own clock.

    `gmv` counts what was cancelled and paid back, too; `cancelled` and `refunds` are
    parts of it. `units` are those that were not cancelled.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    day = models.DateField(help_text="The shop's own.")
    rate_on = models.DateField(help_text="The UTC date of payment: whose rate counts.")
    currency = models.CharField(max_length=3)
    gmv = sum_field()
    cancelled = sum_field()
    refunds = sum_field()
    orders = models.PositiveIntegerField()
    units = models.PositiveIntegerField()

    objects = OfShops.as_manager()

    class Meta:
        abstract = True


class SalesDay(Sales):
    """A shop's day, whole or split. Each split adds up to the whole, but for orders:
    one with two items counts with both."""

    class Split(models.TextChoices):
        WHOLE = "whole", "Whole"
        CHANNEL = "channel", "Channel"
        CREATOR = "creator", "Creator"
        ITEM = "item", "Item"

    split = models.CharField(max_length=8, choices=Split)
    key = models.CharField(
        max_length=140,
        blank=True,
        help_text="A channel; a creator's key, blank without one; the platform's SKU "
        "ID, or the seller's SKU behind “seller:”.",
    )

    class Meta:
        ordering = ["day", "shop", "split", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["split", "shop", "day", "key", "rate_on", "currency"],
                name="sales_day_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop} on {self.day}, {self.split} {self.key}".strip()


class SalesHour(Sales):
    """An hour of a shop's day."""

    hour = models.PositiveSmallIntegerField(help_text="0 to 23, the shop's own.")

    class Meta:
        ordering = ["day", "hour", "shop"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "day", "hour", "rate_on", "currency"],
                name="sales_hour_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop} on {self.day} at {self.hour}"


class SettledDay(models.Model):
    """What a platform settled with a shop on a UTC day, fees and commissions taken off:
    the sum of finance's transactions."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    day = models.DateField(help_text="UTC, as statements are cut.")
    currency = models.CharField(max_length=3)
    amount = sum_field()
    transactions = models.PositiveIntegerField()

    objects = OfShops.as_manager()

    class Meta:
        ordering = ["day", "shop"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "day", "currency"], name="settled_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop} on {self.day}: {self.amount} {self.currency}"


class CountedOrder(models.Model):
    """On which day of its shop an order is counted: where to take it from when it
    moves. The row outlives its order, so that one that is gone is missed there."""

    order = models.OneToOneField(
        Order, models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    day = models.DateField()

    objects = OfShops.as_manager()

    class Meta:
        indexes = [models.Index(fields=["shop", "day"], name="counted_order_day")]

    def __str__(self) -> str:
        return f"order {self.order_id} on {self.day}"


class SalesDue(models.Model):
    """A shop's day that is to be counted anew. Marking it again makes a new row: who
    has begun to count before finds the old one gone, and leaves the day to others."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    day = models.DateField()
    marked_at = models.DateTimeField(auto_now_add=True)

    objects = OfShops.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "day"], name="sales_due_once")
        ]

    def __str__(self) -> str:
        return f"{self.shop} on {self.day}"


class SalesMark(models.Model):
    """How far a shop's changes are counted. Nothing yet, or another clock than the
    shop's: all is to be counted. Who marks or counts days of the shop locks it."""

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="+")
    time_zone = models.CharField(max_length=64)
    changes_until = models.DateTimeField(
        null=True, help_text="What was changed before it is counted, or marked as due."
    )

    objects = OfShops.as_manager()

    def __str__(self) -> str:
        return f"{self.shop} until {self.changes_until}"


class Analytics(SalesDay):
    """The figures seen as a whole: gives that page an address of its own."""

    class Meta:
        proxy = True
        default_permissions = ("view",)
        verbose_name = "analytics"
        verbose_name_plural = "analytics"
