"""How long what changed on a platform takes to be here."""

from django.db import models

from apps.platforms.models import Shop


class SyncLatency(models.Model):
    """How many versions of a shop's orders came in during an hour within so many
    seconds of the platform's own update time.

    A row per hour, door and step of time, so what is kept does not grow with the
    orders. The steps are those of `services.latency`; each order is in one of them.
    """

    class Door(models.TextChoices):
        API = "api", "Asked for"
        WEBHOOK = "webhook", "Webhook"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    door = models.CharField(max_length=8, choices=Door)
    hour = models.DateTimeField(help_text="The hour in which they were stored.")
    within_seconds = models.PositiveIntegerField()
    orders = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-hour", "shop", "door", "within_seconds"]
        verbose_name = "order latency"
        verbose_name_plural = "order latencies"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "hour", "door", "within_seconds"],
                name="sync_latency_unique",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="sync_latency_hour")]

    def __str__(self) -> str:
        return f"{self.orders} of {self.shop} within {self.within_seconds} s"
