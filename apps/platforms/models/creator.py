"""Creators who let us read what they earn: accounts beside shops."""

from typing import Self
from zoneinfo import ZoneInfo

from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models.credential import ApiApp, Authorization
from apps.platforms.models.shop import Shop, validate_time_zone
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_CREATOR


class CreatorAccountQuerySet(models.QuerySet["CreatorAccount"]):
    def visible_to(self, user: AnyUser, permission: str = VIEW_CREATOR) -> Self:
        """Those of clients at all whose shops the permission is held: an account
        belongs to no shop."""
        places = places_of(user, permission)
        return self.filter(places.at_whole_clients("client"))

    def connected(self) -> Self:
        """Those whose orders can be pulled now."""
        return self.filter(state=CreatorAccount.State.CONNECTED)


class CreatorAccount(TimestampedModel):
    """A creator who consented: what they sell for whichever shops, told by themselves.

    The platform knows them by an ID of its own for each app (`open_id`), so that the
    same person through another app is another account.
    """

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        RECONNECT_NEEDED = "reconnect_needed", "Reconnect needed"
        DISCONNECTED = "disconnected", "Disconnected"

    client = models.ForeignKey(Client, models.PROTECT, related_name="creator_accounts")
    platform = models.CharField(
        max_length=16, choices=Shop.Platform, default=Shop.Platform.TIKTOK
    )
    api_app = models.ForeignKey(
        ApiApp, models.PROTECT, null=True, blank=True, related_name="+"
    )
    authorization = models.ForeignKey(
        Authorization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="creator_accounts",
    )
    open_id = models.CharField("creator ID", max_length=128)
    username = models.CharField(max_length=120, blank=True)
    nickname = models.CharField(max_length=120, blank=True)
    region = models.CharField(max_length=8, blank=True)
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[validate_time_zone]
    )
    state = models.CharField(max_length=20, choices=State, default=State.CONNECTED)
    state_reason = models.CharField(max_length=300, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)

    objects = CreatorAccountQuerySet.as_manager()

    class Meta:
        ordering = ["username", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "open_id"], name="creator_account_unique"
            ),
        ]

    def __str__(self) -> str:
        if self.username:
            return f"@{self.username}"
        return self.nickname or f"Creator {self.open_id[:12]}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def is_connected(self) -> bool:
        return self.state == self.State.CONNECTED
