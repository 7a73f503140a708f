"""What programs sign in with, and what they were answered."""

from datetime import datetime
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from knox.models import AbstractAuthToken

from apps.core.fields import EncryptedTextField
from apps.users.models.people import AnyUser, User
from apps.users.scopes import SCOPES


def validate_scopes(names: Any) -> None:
    if not isinstance(names, list) or not set(names) <= SCOPES.keys():
        raise ValidationError("Some of these scopes do not exist.")


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, user: AnyUser) -> Self:
        """One's own and nobody else's: neither a superuser's nor of somebody whose
        pages one only looks at."""
        if not isinstance(user, User) or user.seen_by is not None:
            return self.none()
        return self.filter(user=user)

    def living(self, now: datetime) -> Self:
        return self.filter(expiry__gt=now)


class ApiToken(AbstractAuthToken):
    """A person's key for programs: it may do what its scopes name and the person may.

    Only a digest is kept; the token itself is told once. `token_key` is its beginning,
    by which the row is found.
    """

    digest = models.CharField(max_length=128, unique=True, editable=False)
    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list, validators=[validate_scopes])
    ends_with = models.CharField(max_length=4, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    # In the place of the library's, whose create() answers with a pair.
    objects = ApiTokenQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        ordering = ["-created", "-pk"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"“{self.name}” of {self.user}"

    @property
    def is_expired(self) -> bool:
        return bool(self.expiry and self.expiry <= timezone.now())


class IdempotencyRecord(models.Model):
    """What a request with an Idempotency-Key was answered, kept for its repetition.

    The row is written in the transaction of the deed: both are there or neither.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    # It may hold a token that is told once.
    body = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotency_key_unique_per_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.key}"
