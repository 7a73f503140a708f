"""Deliveries as they came, and each attempt to act on one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.platforms.models import ApiApp, Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_WEBHOOK


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Events of shops the user sees; those of no shop of ours to superusers."""
        return self.filter(at_shops_of(user, VIEW_WEBHOOK))

    def named(self, ids: Iterable[str]) -> Self:
        """Events with these IDs of the platform's; what came again is linked to them.
        By `identity`, which has an index."""
        ids = list(ids)
        apps = ApiApp.objects.order_by().values_list("pk", flat=True)
        known = [f"{app}:{one}" for app in apps for one in ids]
        return self.filter(platform=Shop.Platform.TIKTOK, identity__in=known)

    def due(self, now: datetime) -> Self:
        """What is to be acted on, and nobody is at it."""
        return self.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
            state__in=WebhookEvent.OPEN,
            next_try_at__lte=now,
        )


class WebhookEvent(models.Model):
    """One delivery. The row is the queue: what is open and due is acted on, whatever
    becomes of messages and processes. Only what is open has a `next_try_at`.

    `identity` is what a delivery that comes again has in common with the first (its
    app and the platform's notification ID); only the first has one. `body` is what
    came, word for word, and never shown unmasked.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PROCESSED = "processed", "Processed"
        RETRY = "retry", "Retry scheduled"
        FAILED = "failed", "Failed"
        DEAD = "dead", "Dead letter"
        DUPLICATE = "duplicate", "Duplicate"
        KEPT = "kept", "Kept"
        UNKNOWN_TYPE = "unknown_type", "Unknown type"
        UNKNOWN_SHOP = "unknown_shop", "Unknown shop"
        STALE = "stale", "Too old"
        MALFORMED = "malformed", "Not readable"
        BAD_SIGNATURE = "bad_signature", "Bad signature"

    OPEN = (State.WAITING, State.RETRY)

    platform = models.CharField(
        max_length=16, choices=Shop.Platform, default=Shop.Platform.TIKTOK
    )
    # Each index is paid for with each delivery: none of its own for these, and none of
    # event IDs, which are found by `identity`.
    api_app = models.ForeignKey(
        ApiApp,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    shop = models.ForeignKey(
        Shop,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="webhook_events",
        db_index=False,
    )
    identity = models.CharField(max_length=160, blank=True, editable=False)
    first = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="repeats",
        db_index=False,
    )
    type_number = models.PositiveIntegerField("type")
    topic = models.CharField("event", max_length=60, blank=True)
    notification_id = models.CharField("event ID", max_length=80, blank=True)
    owner_id = models.CharField(
        max_length=80, blank=True, help_text="The shop, seller or creator it names."
    )
    object_id = models.CharField("object", max_length=64, blank=True)
    body = models.TextField(blank=True, editable=False)
    headers = models.JSONField(default=dict, blank=True, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField("received", default=timezone.now)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField("next try", null=True, blank=True)
    claimed_by = models.CharField(max_length=160, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    processed_at = models.DateTimeField(null=True, blank=True)
    milliseconds = models.PositiveIntegerField("took ms", null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=500, blank=True)

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = "webhook"
        permissions = [("replay_webhook", "Can act on a webhook again")]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "identity"],
                condition=~Q(identity=""),
                name="webhook_event_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "next_try_at"],
                # Not by state: SQLite takes no index of some rows for a parameter.
                condition=Q(next_try_at__isnull=False),
                name="webhook_event_due",
            ),
            models.Index(
                fields=["claimed_until"],
                condition=Q(claimed_until__isnull=False),
                name="webhook_event_claimed",
            ),
            models.Index(
                fields=["shop", "state"],
                condition=Q(state__in=("failed", "retry", "dead")),
                name="webhook_event_trouble",
            ),
            models.Index(fields=["shop", "-received_at"], name="webhook_event_shop"),
            models.Index(fields=["-received_at"], name="webhook_event_received"),
            models.Index(fields=["object_id"], name="webhook_event_object"),
            models.Index(
                fields=["first"],
                condition=Q(first__isnull=False),
                name="webhook_event_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic or self.type_number}, {self.received_at:%c}"


class WebhookAttempt(models.Model):
    """One try to act on an event, with what came of it."""

    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField("took ms")
    is_ok = models.BooleanField("succeeded")
    message = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%c}: {'done' if self.is_ok else self.message}"
