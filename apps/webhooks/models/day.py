"""How well a day's events were acted on, so that a page need not read them all."""

from typing import Self

from django.db import models

from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_WEBHOOK


class WebhookDayQuerySet(models.QuerySet["WebhookDay"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_WEBHOOK))


class WebhookDay(models.Model):
    """What became of the events that a shop received on a day (UTC). Of a day that no
    shop has a row of, the events themselves are counted.

    `done` and `failed` have ended, `trying` not yet; `again_…` are those of them that
    took more than one try. `milliseconds` is what acting took, `waited_seconds` the
    time from receipt to done, each of all `done` together.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    day = models.DateField()
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    trying = models.PositiveIntegerField(default=0)
    again_done = models.PositiveIntegerField(default=0)
    again_failed = models.PositiveIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    waited_seconds = models.FloatField(default=0)

    objects = WebhookDayQuerySet.as_manager()

    class Meta:
        ordering = ["day", "shop"]
        constraints = [
            models.UniqueConstraint(fields=["day", "shop"], name="webhook_day_once"),
        ]

    def __str__(self) -> str:
        return f"Webhooks of {self.shop} on {self.day:%d %b %Y}"
