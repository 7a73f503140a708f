"""Where a shop's orders here and on the platform did not agree, day by day."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.sync.models.runs import SyncRun
from apps.users.models import AnyUser
from apps.users.roles import VIEW_RUN


class SyncGapQuerySet(models.QuerySet["SyncGap"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_RUN))

    def open(self) -> Self:
        return self.filter(state=SyncGap.State.OPEN)


class SyncGap(TimestampedModel):
    """A day of a shop, by its own clock, whose orders a recount found to differ.

    `theirs` and `ours` are as the last recount left them: after what differed was
    pulled again. Orders that changed while they were counted, or whose amount the
    platform does not say, are in both sums or in none. Money is {currency: amount as
    text}. `found` is how many orders differed when it was opened, `pulled` how many of
    them agreed once they were pulled again. One that a person left as it is comes back
    only if another order differs.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Agrees again"
        LEFT = "left", "Left as it is"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sync_gaps")
    day = models.DateField(help_text="By the shop's clock.")
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    run = models.ForeignKey(
        SyncRun,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The recount that looked last.",
    )
    their_orders = models.PositiveIntegerField(default=0)
    our_orders = models.PositiveIntegerField(default=0)
    their_units = models.BigIntegerField(default=0)
    our_units = models.BigIntegerField(default=0)
    their_money = models.JSONField(default=dict, blank=True)
    our_money = models.JSONField(default=dict, blank=True)
    without_amount = models.PositiveIntegerField(
        default=0, help_text="Orders left out of the money: no amount is told."
    )
    found = models.PositiveIntegerField(default=0)
    pulled = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0, help_text="Orders that still differ.")
    found_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SyncGapQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-pk"]
        verbose_name = "gap"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "day"], condition=Q(state="open"), name="sync_gap_open"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "state", "-day"], name="sync_gap_shop_state"),
            models.Index(fields=["closed_at"], name="sync_gap_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d %b %Y} of {self.shop}"


class SyncGapOrder(models.Model):
    """One thing that differs of one order; `theirs` and `ours` are fit to be read."""

    class Kind(models.TextChoices):
        MISSING = "missing", "Not here"
        NOT_THERE = "not_there", "Not at TikTok"
        VERSION = "version", "Newer at TikTok"
        STATUS = "status", "Status"
        UNITS = "units", "Units"
        MONEY = "money", "Total"
        UNREADABLE = "unreadable", "Not readable"

    gap = models.ForeignKey(SyncGap, models.CASCADE, related_name="orders")
    remote_id = models.CharField("order ID", max_length=64)
    kind = models.CharField("what differs", max_length=12, choices=Kind)
    theirs = models.CharField("at TikTok", max_length=200, blank=True)
    ours = models.CharField("here", max_length=200, blank=True)

    class Meta:
        ordering = ["remote_id", "kind"]
        verbose_name = "order that differs"
        verbose_name_plural = "orders that differ"
        constraints = [
            models.UniqueConstraint(
                fields=["gap", "remote_id", "kind"], name="sync_gap_order_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remote_id}: {self.get_kind_display()}"
