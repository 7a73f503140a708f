"""Other tools that want to hear of a client's alerts."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.alerts.models.alert import AlertEvent
from apps.core.fields import EncryptedTextField
from apps.core.models import TimestampedModel
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import CHANGE_SHOP


class HookQuerySet(models.QuerySet["AlertHook"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those of clients all of whose shops one may change the settings of."""
        return self.filter(places_of(user, CHANGE_SHOP).at_whole_clients("client"))


class AlertHook(TimestampedModel):
    """An address that a client's alerts are posted to, signed with `secret`.

    `codes` are the kinds it is told of; none is all.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="alert_hooks")
    name = models.CharField(max_length=80)
    address = models.URLField(max_length=500)
    secret = EncryptedTextField(editable=False)
    codes = models.JSONField("kinds", default=list, blank=True)
    is_on = models.BooleanField("on", default=True)

    objects = HookQuerySet.as_manager()

    class Meta:
        ordering = ["client__name", "name", "pk"]
        verbose_name = "alert hook"

    def __str__(self) -> str:
        return f"{self.name} of {self.client}"

    def wants(self, code: str) -> bool:
        return not self.codes or code in self.codes


class DeliveryQuerySet(models.QuerySet["AlertHookDelivery"]):
    def due(self, now: datetime) -> Self:
        """Waiting, and in nobody's hands."""
        return self.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
            state=AlertHookDelivery.State.WAITING,
            next_try_at__lte=now,
        )


class AlertHookDelivery(models.Model):
    """One event on its way to one hook; without an event it is a test."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Delivered"
        FAILED = "failed", "Given up"

    hook = models.ForeignKey(AlertHook, models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(
        AlertEvent, models.CASCADE, null=True, blank=True, related_name="+"
    )
    body = models.TextField(editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    http_status = models.PositiveSmallIntegerField("answer", null=True, blank=True)
    milliseconds = models.PositiveIntegerField("took ms", null=True, blank=True)
    message = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["hook", "event"], name="alert_hook_delivery_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state="waiting"),
                name="alert_hook_delivery_due",
            ),
            models.Index(fields=["-made_at"], name="alert_hook_delivery_made"),
        ]

    def __str__(self) -> str:
        return f"{self.hook}, {self.made_at:%c}: {self.get_state_display()}"
