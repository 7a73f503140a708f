"""Signs of life."""

from django.db import models


class Heartbeat(models.Model):
    """When something that has to run all the time was last seen to: see
    services.heartbeat."""

    name = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.at:%c}"
