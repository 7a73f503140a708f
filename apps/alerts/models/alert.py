"""One row a problem, not one a look; what happened to it; and when we last looked."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ALERT

MOST_EVENTS = 200


class Code(models.TextChoices):
    """What can be wrong. Once published a name stays."""

    ACCESS = "ACCESS_TOKEN_EXPIRING", "Access token runs out"
    REFRESH = "REFRESH_TOKEN_EXPIRING", "Authorization runs out"
    RECONNECT = "RECONNECT_NEEDED", "Reconnect needed"
    SYNC_FAILURES = "SYNC_FAILURES", "Syncs fail"
    ORDER_DELAY = "ORDER_SYNC_DELAY", "Orders are late"
    API_ERRORS = "API_ERROR_RATE", "TikTok answers with errors"
    WEBHOOK_FAILURES = "WEBHOOK_FAILURES", "Webhooks fail"
    WEBHOOKS_SILENT = "WEBHOOKS_SILENT", "Webhooks are silent"
    ORDER_CONFLICTS = "ORDER_CONFLICTS", "Sources contradict each other"
    SYNC_GAPS = "SYNC_GAPS", "Orders are missing"
    MONEY_OFF = "SETTLEMENT_OFF", "Settlements do not add up"
    MONEY_LATE = "PAYOUT_LATE", "Payouts are late"
    STOCK_CRITICAL = "STOCK_CRITICAL", "Stock is critical"
    LIVE_LOW = "LIVE_LOW_VIEWERS", "A live session was seen by few"
    AFFILIATE_LOW = "AFFILIATE_LOW", "Creators sell little"
    CHECKS_STOPPED = "CHECKS_STOPPED", "The checks have stopped"


class Severity(models.TextChoices):
    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Alerts about shops the user sees; the server's own to superusers."""
        return self.filter(at_shops_of(user, VIEW_ALERT))

    def open(self) -> Self:
        return self.filter(state=Alert.State.OPEN)

    def awake(self, now: datetime) -> Self:
        """Open ones that are not snoozed."""
        return self.open().filter(
            Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now),
            is_snoozed_until_worse=False,
        )


class Alert(TimestampedModel):
    """Something that is wrong with a shop, or (without one) with this server.

    One is open for a shop, code and subject. `value` and `threshold` are as the rule
    of that code measures them. `times` counts the looks that found it. Who has taken it
    keeps it when it gets worse, but is told again.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    code = models.CharField("kind", max_length=40, choices=Code)
    subject = models.CharField(
        max_length=60, blank=True, help_text="Which of several, e.g. an API app."
    )
    severity = models.CharField(max_length=10, choices=Severity)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    title = models.CharField(max_length=160)
    message = models.CharField(max_length=500, blank=True)
    value = models.FloatField(null=True, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField("first seen", default=timezone.now)
    last_seen_at = models.DateTimeField("last seen", default=timezone.now)
    times = models.PositiveIntegerField(default=1)
    reopenings = models.PositiveIntegerField(default=0)
    notified_at = models.DateTimeField(null=True, blank=True)
    notified_severity = models.CharField(max_length=10, choices=Severity, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    is_acknowledged = models.BooleanField(
        default=False, help_text="Somebody sees to it as bad as it is now."
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    is_snoozed_until_worse = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "code", "subject"],
                condition=Q(state="open"),
                name="alert_one_open",
            ),
            models.UniqueConstraint(
                fields=["code", "subject"],
                condition=Q(state="open", shop__isnull=True),
                name="alert_one_open_of_the_server",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "state"], name="alert_shop_state"),
            models.Index(fields=["state", "-last_seen_at"], name="alert_state_seen"),
            models.Index(fields=["modified_at", "id"], name="alert_modified"),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.shop or 'this server'}"

    @property
    def is_open(self) -> bool:
        return self.state == Alert.State.OPEN

    @property
    def is_back(self) -> bool:
        """It was over, and began anew within half an hour."""
        return self.is_open and self.reopenings > 0

    @property
    def newest_events(self) -> "models.QuerySet[AlertEvent]":
        return self.events.order_by("-at", "-pk")[:MOST_EVENTS]

    def is_snoozed(self, now: datetime) -> bool:
        until = self.snoozed_until
        is_timed = until is not None and until > now
        return self.is_open and (self.is_snoozed_until_worse or is_timed)


class AlertEvent(models.Model):
    """One thing that happened to an alert; of those that are told, `told_at` says when
    it was worked out whom to tell."""

    class Name(models.TextChoices):
        OPENED = "opened", "Opened"
        ESCALATED = "escalated", "Got worse"
        CALMED = "calmed", "Got better"
        REOPENED = "reopened", "Back again"
        RESOLVED = "resolved", "Resolved"
        NOTIFY = "notify", "People are told"
        TAKEN = "taken", "Taken"
        LET_GO = "let_go", "Let go"
        SNOOZED = "snoozed", "Snoozed"
        WOKEN = "woken", "No longer snoozed"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=10, choices=Name)
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    words = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["alert", "at"], name="alert_event_alert"),
            models.Index(
                fields=["at"],
                condition=Q(told_at__isnull=True),
                name="alert_event_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}, {self.at:%c}"


class AlertWatch(models.Model):
    """Looks in a row that say the same, where it takes several to open or to close."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="+"
    )
    code = models.CharField(max_length=40, choices=Code)
    subject = models.CharField(max_length=60, blank=True)
    firings = models.PositiveSmallIntegerField(default=0)
    clears = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "code", "subject"], name="alert_watch_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.shop}: {self.firings}, {self.clears}"


class AlertCheck(models.Model):
    """When everything was last looked at: one row, whose key is 1. `at` is the begin of
    the last look that came to its end."""

    begun_at = models.DateTimeField()
    at = models.DateTimeField(null=True, blank=True)
    shops = models.PositiveIntegerField(default=0)
    firing = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"Checked {self.at or self.begun_at:%c}"
