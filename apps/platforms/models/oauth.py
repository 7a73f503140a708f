"""The one-use ticket of a consent under way."""

from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models.credential import ApiApp
from apps.users.models import Client, User


class ConnectAttempt(TimestampedModel):
    """A started consent: who, for which client, through which app.

    Only the hash of the state is kept; the state itself travels through the
    platform's consent page. `used_at` is set once, by a conditional update.
    """

    state_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="connect_attempts")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    api_app = models.ForeignKey(ApiApp, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.user} connects {self.api_app} for {self.client}"
