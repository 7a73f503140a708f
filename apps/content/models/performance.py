"""What a file says of a creator over a span of days."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from apps.content.models.affiliate import amount_field
from apps.content.models.creator import Creator
from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_CREATOR


class CreatorPerformanceQuerySet(models.QuerySet["CreatorPerformance"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_CREATOR))


class CreatorPerformance(TimestampedModel):
    """A creator's totals in a shop over whole days, both ends included.

    Totals of spans that overlap would count days twice, so each span stands by itself
    and is never added to another.
    """

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="creator_performances")
    creator = models.ForeignKey(Creator, models.PROTECT, related_name="performances")
    first_on = models.DateField()
    last_on = models.DateField()
    currency = models.CharField(max_length=3, blank=True)
    sales_amount = amount_field()
    live_sales_amount = amount_field()
    video_sales_amount = amount_field()
    card_sales_amount = amount_field()
    refunds_amount = amount_field()
    commission_amount = amount_field(help_text="Estimated.")
    orders = models.PositiveIntegerField(null=True, blank=True)
    items_sold = models.PositiveIntegerField(null=True, blank=True)
    items_refunded = models.PositiveIntegerField(null=True, blank=True)
    lives = models.PositiveIntegerField(null=True, blank=True)
    videos = models.PositiveIntegerField(null=True, blank=True)
    samples_shipped = models.PositiveIntegerField(null=True, blank=True)
    impressions = models.PositiveBigIntegerField(null=True, blank=True)
    views = models.PositiveBigIntegerField(null=True, blank=True)
    customers = models.PositiveIntegerField(null=True, blank=True)

    objects = CreatorPerformanceQuerySet.as_manager()

    class Meta:
        ordering = ["-last_on", "creator__username"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_on__lte=F("last_on")),
                name="creator_performance_span",
            ),
            models.UniqueConstraint(
                fields=["shop", "creator", "first_on", "last_on"],
                name="creator_performance_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} in {self.shop}, {self.first_on} to {self.last_on}"
