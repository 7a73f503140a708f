"""Where a shop's events are posted to, as the platform said when last asked."""

from typing import Self

from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models import ApiApp, Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_WEBHOOK


class WebhookSubscriptionQuerySet(models.QuerySet["WebhookSubscription"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_WEBHOOK))


class WebhookSubscription(TimestampedModel):
    """One subject of one shop through one app. `address` is what the platform says,
    empty where it has none; `problem` why it could not be set or asked for."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="webhook_subscriptions")
    api_app = models.ForeignKey(ApiApp, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=60)
    address = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    objects = WebhookSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["shop", "topic"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "api_app", "topic"], name="webhook_subscription_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} of {self.shop}"
