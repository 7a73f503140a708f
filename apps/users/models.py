"""People, and the clients they work for."""

from typing import Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models

from apps.core.models import TimestampedModel


class User(AbstractUser):
    """Somebody who signs in."""


AnyUser = User | AnonymousUser


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Superusers see all clients, others those they are a member of."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        return self.filter(memberships__user_id=user.pk)


class Client(TimestampedModel):
    """A company whose shops we run: an agency's customer, or our own company."""

    name = models.CharField(max_length=120, unique=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(TimestampedModel):
    """A person working for a client; what opens the client's shops to them."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, models.CASCADE, related_name="memberships")

    class Meta:
        ordering = ["client__name", "user__username"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client"], name="membership_unique_per_client"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.client}"
