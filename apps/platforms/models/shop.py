"""A shop on a platform, and which shops a person may see."""

from typing import Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.regions import REGIONS
from apps.users.models import AnyUser, Client


def validate_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"“{name}” is not an IANA time zone.") from error


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, user: AnyUser) -> Self:
        """The one answer to "which shops may this user see"; all else builds on it."""
        return self.filter(client__in=Client.objects.visible_to(user))

    def connected(self) -> Self:
        """Shops whose data can be pulled now."""
        return self.filter(state=Shop.State.CONNECTED)


class Shop(TimestampedModel):
    """A seller's shop in one region; what everything we sell hangs on."""

    class Platform(models.TextChoices):
        TIKTOK = "tiktok", "TikTok Shop"

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        RECONNECT_NEEDED = "reconnect_needed", "Reconnect needed"
        PAUSED = "paused", "Paused"

    class Environment(models.TextChoices):
        PRODUCTION = "production", "Production"
        SANDBOX = "sandbox", "Sandbox"

    client = models.ForeignKey(Client, models.PROTECT, related_name="shops")
    platform = models.CharField(
        max_length=16, choices=Platform, default=Platform.TIKTOK
    )
    environment = models.CharField(
        max_length=16, choices=Environment, default=Environment.PRODUCTION
    )
    remote_id = models.CharField("shop ID", max_length=32)
    name = models.CharField(max_length=120)
    code = models.CharField("shop code", max_length=40, blank=True)
    region = models.CharField(
        max_length=2, choices=[(row.code, row.name) for row in REGIONS.values()]
    )
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    state = models.CharField(max_length=20, choices=State, default=State.CONNECTED)
    state_reason = models.CharField(max_length=300, blank=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        ordering = ["name", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "remote_id"], name="shop_unique_per_platform"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the shop's own day."""
        return ZoneInfo(self.time_zone)
