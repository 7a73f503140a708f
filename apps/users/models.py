"""People, and the clients they work for."""

from typing import Any, Self

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db import models
from django.utils import timezone

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


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Entries about clients the user sees; those about none to superusers."""
        about = models.Q(client__in=Client.objects.visible_to(user))
        if user.is_active and user.is_superuser:
            about |= models.Q(client__isnull=True)
        return self.filter(about)


class AuditEntry(models.Model):
    """Who did what to which object, when and from where. Written once, kept.

    `details` never holds a secret or a buyer's data; a changed secret is said to have
    changed.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_text = models.CharField(
        max_length=150, help_text="The actor's name then, or the process."
    )
    verb = models.CharField(max_length=60)
    client = models.ForeignKey(
        Client, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_text = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(
                fields=["target_type", "target_id", "-at"], name="audit_target"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_text} {self.verb} {self.target_text}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Only ever once: history is added to, never rewritten."""
        if self.pk is not None:
            raise TypeError("An audit entry cannot be changed.")
        super().save(*args, **kwargs)
