"""Who wants to hear of what, when; and the mails that wait."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.alerts.models.alert import AlertEvent, Code
from apps.core.models import TimestampedModel
from apps.platforms.models.shop import validate_time_zone
from apps.users.models import AnyUser, User


class Delivery(models.TextChoices):
    PAGE = "page", "On the page only"
    NOW = "now", "E-mail at once"
    DIGEST = "digest", "In the daily digest"


class OwnQuerySet(models.QuerySet["AlertPreference"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(user=user) if isinstance(user, User) else self.none()


class AlertPreference(TimestampedModel):
    """How one person hears of one kind. No row: as is usual for the kind."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    code = models.CharField(max_length=40, choices=Code)
    delivery = models.CharField(max_length=8, choices=Delivery)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "code"], name="alert_preference_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.code} {self.delivery}"


class AlertHours(TimestampedModel):
    """When one person wants no mail, by their own clock. From 22:00 until 07:00 is a
    night; equal ends, or none, are no quiet hours."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[validate_time_zone]
    )
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.quiet_from} to {self.quiet_until} {self.time_zone}"


class AlertMailQuerySet(models.QuerySet["AlertMail"]):
    def due(self, now: datetime) -> Self:
        """Waiting, and in nobody's hands."""
        return self.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
            state=AlertMail.State.WAITING,
            due_at__lte=now,
        )


class AlertMail(models.Model):
    """That one person is to be told of one event. Several that are due go in one mail.

    The row is the queue: what waits and is due is sent, whatever becomes of processes.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Not sent"

    event = models.ForeignKey(AlertEvent, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    objects = AlertMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"], name="alert_mail_once_a_person"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state="waiting"),
                name="alert_mail_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.user}: {self.get_state_display()}"
