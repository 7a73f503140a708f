"""The log of runs, how far each shop's pull has come, and the items that failed."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_RUN


class Resource(models.TextChoices):
    """What is kept in step."""

    ORDERS = "orders", "Orders"
    PRODUCTS = "products", "Products"
    STOCK = "stock", "Stock"
    PACKAGES = "packages", "Packages"
    CANCELLATIONS = "cancellations", "Cancellations"
    RETURNS = "returns", "Returns"
    FINANCE = "finance", "Settlements"
    AFFILIATE = "affiliate", "Affiliate orders"
    GAPS = "gaps", "Recount"

    @property
    def default_minutes(self) -> int:
        """Between two pulls where nobody chose: what has deadlines, more often."""
        if self in (Resource.GAPS, Resource.AFFILIATE):
            return 24 * 60
        if self is Resource.FINANCE:
            return 12 * 60  # a statement a day, cut at midnight UTC
        is_slow = self in (Resource.PRODUCTS, Resource.STOCK)
        return 60 if is_slow else 15


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_RUN))

    def running(self) -> Self:
        return self.filter(state=SyncRun.State.RUNNING)


class SyncRun(models.Model):
    """One pull of one resource for one shop; counts are orders (or other items).

    `process` names the host, process and its start, to tell a living run from one
    whose process died. The period (`since`, `until`) is about what changed in it or,
    of orders alone, about what was placed in it; a pull of the latter kind takes long,
    so that the news need not wait for it.
    """

    class Basis(models.TextChoices):
        CHANGED = "changed", "Changed in the period"
        PLACED = "placed", "Placed in the period"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTLY = "partly", "Done with failures"
        FAILED = "failed", "Failed"
        INTERRUPTED = "interrupted", "Interrupted"

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", "Schedule"
        USER = "user", "User"
        COMMAND = "command", "Command"
        CONNECT = "connect", "First pull"
        WEBHOOK = "webhook", "Webhook"
        ACTION = "action", "After an action"
        UNANNOUNCED = "unannounced", "Not announced"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sync_runs")
    resource = models.CharField(max_length=20, choices=Resource)
    trigger = models.CharField(max_length=12, choices=Trigger)
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    basis = models.CharField(
        max_length=8, choices=Basis, default=Basis.CHANGED, db_default="changed"
    )
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    reached_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Orders placed before it are stored; the same period, asked for "
        "again, goes on there.",
    )
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    stop_asked_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When somebody asked it to stop; it does after the page at hand.",
    )
    process = models.CharField(max_length=160, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    first_error = models.CharField(max_length=500, blank=True)
    needs_person = models.BooleanField(default=False)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        permissions = [("start_sync", "Can pull a shop's data now")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource", "basis"],
                condition=Q(state="running"),
                name="sync_run_one_running",
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "resource", "-started_at"], name="sync_run_latest"
            ),
            models.Index(fields=["-started_at"], name="sync_run_started"),
        ]

    def __str__(self) -> str:
        return f"{self.get_resource_display()} of {self.shop}, {self.started_at:%c}"

    @property
    def seconds(self) -> float:
        """How long it took, or has been going."""
        return ((self.ended_at or timezone.now()) - self.started_at).total_seconds()


class SyncDashboard(SyncRun):
    """The runs seen as a whole: gives that page an address of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "sync dashboard"
        verbose_name_plural = "sync dashboard"


class SyncSchedule(TimestampedModel):
    """How often a shop's resource is pulled. No row: on, as often as is usual."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sync_schedules")
    resource = models.CharField(max_length=20, choices=Resource)
    is_on = models.BooleanField("on", default=True)
    minutes = models.PositiveIntegerField(
        default=15, validators=[MinValueValidator(1), MaxValueValidator(10_080)]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource"], name="sync_schedule_unique"
            ),
        ]

    def __str__(self) -> str:
        how = f"every {self.minutes} min" if self.is_on else "off"
        return f"{self.get_resource_display()} of {self.shop}: {how}"


class SyncCursor(TimestampedModel):
    """Everything updated before `position` is stored here; never ahead of the rows."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sync_cursors")
    resource = models.CharField(max_length=20, choices=Resource)
    position = models.DateTimeField()
    compared_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When all we have was last compared with all there is.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "resource"], name="sync_cursor_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_resource_display()} of {self.shop} up to {self.position:%c}"


class SyncIssue(models.Model):
    """One item a run could not take, and why."""

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="issues")
    remote_id = models.CharField(max_length=64, blank=True)
    message = models.CharField(max_length=500)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.remote_id}: {self.message}"
