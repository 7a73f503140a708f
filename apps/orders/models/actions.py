"""What people, settings and programs ask the platform to do with orders."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.orders.models.aftersales import Cancellation, Return
from apps.orders.models.order import Order, instant_field
from apps.orders.models.packages import Package
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


class ActionRunQuerySet(models.QuerySet["ActionRun"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))


class ActionRun(TimestampedModel):
    """Many actions asked for at once, in one shop, and done in the background.

    What was asked for over several shops is a run each, with the same `group`. Of
    `total` rows, `refused_rows` never became actions: [row, order ID, reason] each.
    What needs no platform has no actions: `details` say what is done, and `left` of
    them to which orders still.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTLY = "partly", "Done with failures"
        STOPPED = "stopped", "Stopped"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="action_runs")
    group = models.CharField(max_length=36, blank=True, editable=False)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    source = models.CharField(max_length=8, blank=True)  # page, api, file, rule
    key = models.CharField(max_length=80, blank=True, editable=False)
    total = models.PositiveIntegerField(default=0)
    refused_rows = models.JSONField(default=list)
    details = models.JSONField(default=dict, editable=False)
    is_stop_asked = models.BooleanField(default=False)
    started_at = instant_field()
    heartbeat_at = instant_field()
    ended_at = instant_field()
    process = models.CharField(max_length=160, blank=True)

    objects = ActionRunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "key"],
                condition=~Q(key=""),
                name="action_run_once",
            ),
        ]
        indexes = [models.Index(fields=["group"], name="action_run_group")]

    def __str__(self) -> str:
        return self.title


class OrderActionQuerySet(models.QuerySet["OrderAction"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))

    def open(self) -> Self:
        """Those not over yet."""
        return self.filter(state__in=OrderAction.OPEN)

    def failed(self) -> Self:
        """Those a person has to look at."""
        return self.filter(state=OrderAction.State.REFUSED, dismissed_at__isnull=True)


class OrderAction(TimestampedModel):
    """One thing the platform is asked to do. Written before it is sent, so that a crash
    loses none; whether it was done is read from the platform before it is sent again.

    `details` are its parameters, plain JSON, by kind: see services.actions.
    `code` and `message` are the platform's own words for a refusal.
    """

    class Kind(models.TextChoices):
        PULL = "pull", "Pull again"
        LABEL = "label", "Fetch a label"
        SHIP = "ship", "Arrange shipping"
        MARK_SHIPPED = "mark_shipped", "Mark as shipped"
        UPDATE_TRACKING = "update_tracking", "Correct tracking"
        BUY_LABEL = "buy_label", "Buy a label"
        SPLIT = "split", "Split"
        COMBINE = "combine", "Combine"
        UNCOMBINE = "uncombine", "Take apart"
        DELIVER = "deliver", "Report delivery"
        CANCEL = "cancel", "Cancel"
        APPROVE_CANCELLATION = "approve_cancel", "Agree to cancel"
        REJECT_CANCELLATION = "reject_cancel", "Refuse to cancel"
        CREATE_RETURN = "create_return", "Refund"
        APPROVE_RETURN = "approve_return", "Agree to a return"
        REJECT_RETURN = "reject_return", "Refuse a return"

    class State(models.TextChoices):
        HELD = "held", "Held back"
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    OPEN = (State.HELD, State.WAITING, State.SENDING)

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="order_actions")
    order = models.ForeignKey(Order, models.CASCADE, related_name="actions")
    package = models.ForeignKey(
        Package, models.SET_NULL, null=True, blank=True, related_name="actions"
    )
    cancellation = models.ForeignKey(
        Cancellation, models.SET_NULL, null=True, blank=True, related_name="actions"
    )
    order_return = models.ForeignKey(
        Return, models.SET_NULL, null=True, blank=True, related_name="actions"
    )
    run = models.ForeignKey(
        ActionRun, models.SET_NULL, null=True, blank=True, related_name="actions"
    )
    row = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind)
    details = models.JSONField(default=dict)
    # Of what is still open, there is one of a kind and target.
    target = models.CharField(max_length=80, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    process = models.CharField(max_length=40, blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = instant_field()
    ended_at = instant_field()
    worker = models.CharField(max_length=160, blank=True, editable=False)
    code = models.BigIntegerField(null=True, blank=True)
    message = models.CharField(max_length=500, blank=True)
    outcome = models.JSONField(default=dict)
    dismissed_at = instant_field()

    objects = OrderActionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "target"],
                condition=Q(state__in=["held", "waiting", "sending"]),
                name="order_action_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "due_at"],
                condition=Q(state="waiting"),
                name="order_action_due",
            ),
            models.Index(
                fields=["order"],
                condition=Q(state="refused", dismissed_at__isnull=True),
                name="order_action_failed",
            ),
            models.Index(fields=["run", "row"], name="order_action_run"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.target}"
