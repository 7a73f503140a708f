"""Files read: the log, what was wrong in each, and what each changed."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.content.models import AffiliateOrder
from apps.finance.models import SettlementTransaction
from apps.orders.models import Order, Return
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models import Listing
from apps.users.models import AnyUser, Client, User
from apps.users.models.people import places_of
from apps.users.roles import VIEW_IMPORT, VIEW_STOCK


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: AnyUser) -> Self:
        of_shop = Q(shop__isnull=False) & at_shops_of(user, VIEW_IMPORT)
        of_client = places_of(user, VIEW_STOCK).at_clients("client")
        return self.filter(of_shop | (Q(shop__isnull=True) & of_client))


class ImportRun(models.Model):
    """One file, read once into a shop, or (stock) into a client; counts are orders,
    `rows` are the file's data rows. Of stock, `file_hash` tells how it was read, too.

    What is uploaded on the page is kept as `file` and worked on by a task: `options`
    are what a person chose, `report` what the check found, `done` of `total` items are
    through, `heard_at` is the worker's last sign of life.
    """

    class Kind(models.TextChoices):
        ORDERS = "orders", "Orders"
        PRODUCTS = "products", "Products"
        MAPPING = "mapping", "Mapping"
        STOCK = "stock", "Stock"
        RETURNS = "returns", "Returns"
        SETTLEMENT = "settlement", "Settlement"
        AFFILIATE = "affiliate", "Affiliate"
        CREATORS = "creators", "Creators"
        LIVE = "live", "LIVE analysis"
        VIDEO = "video", "Video analysis"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        WAITING = "waiting", "Waiting to start"
        STOPPED = "stopped", "Stopped"
        KEPT = "kept", "Kept for later"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTLY = "partly", "Done with refused rows"
        FAILED = "failed", "Failed"

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="import_runs"
    )
    client = models.ForeignKey(
        Client, models.CASCADE, null=True, blank=True, related_name="import_runs"
    )
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64, db_index=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    first_error = models.CharField(max_length=500, blank=True)
    file = models.FileField(max_length=200, blank=True, editable=False)
    options = models.JSONField(default=dict, editable=False)
    report = models.JSONField(default=dict, editable=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    is_stop_asked = models.BooleanField(default=False, editable=False)
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shop__isnull=False) | Q(client__isnull=False),
                name="import_run_into_something",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.shop or self.client}"


class ImportProblem(models.Model):
    """One refused cell or row of a file, or (`is_error` False) a note on an accepted
    one; `line` is where it stands in the file, 0 speaks of the whole."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="problems")
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=1000)
    item = models.CharField(
        max_length=64, blank=True, help_text="ID of the order or product it is in."
    )
    is_error = models.BooleanField(default=True)

    class Meta:
        ordering = ["-is_error", "line", "pk"]
        indexes = [
            models.Index(fields=["run", "-is_error", "line"], name="import_problem_run")
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class ImportChange(models.Model):
    """What a file changed in one order, return or listing, so that it can be undone:
    `before` is it as it was (see the snapshots of orders and products), null where the
    file brought it, `after` the print of what it became, by which later changes are
    seen."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="changes")
    order = models.ForeignKey(
        Order, models.CASCADE, null=True, blank=True, related_name="+"
    )
    order_return = models.ForeignKey(
        Return, models.CASCADE, null=True, blank=True, related_name="+"
    )
    listing = models.ForeignKey(
        Listing, models.CASCADE, null=True, blank=True, related_name="+"
    )
    affiliate_order = models.ForeignKey(
        AffiliateOrder, models.CASCADE, null=True, blank=True, related_name="+"
    )
    settlement = models.ForeignKey(
        SettlementTransaction,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    before = models.JSONField(null=True)
    after = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "order"], name="import_change_once_per_order"
            ),
            models.UniqueConstraint(
                fields=["run", "order_return"], name="import_change_once_per_return"
            ),
            models.UniqueConstraint(
                fields=["run", "listing"], name="import_change_once_per_listing"
            ),
            models.UniqueConstraint(
                fields=["run", "affiliate_order"],
                name="import_change_once_per_affiliate_order",
            ),
            models.UniqueConstraint(
                fields=["run", "settlement"],
                name="import_change_once_per_settlement",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False)
                | Q(order_return__isnull=False)
                | Q(listing__isnull=False)
                | Q(affiliate_order__isnull=False)
                | Q(settlement__isnull=False),
                name="import_change_of_something",
            ),
        ]

    def __str__(self) -> str:
        what = (
            self.order
            or self.order_return
            or self.listing
            or self.affiliate_order
            or self.settlement
        )
        return f"{what} by {self.run}"


class ColumnAliasQuerySet(models.QuerySet["ColumnAlias"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those for every shop, and those of one's own."""
        return self.filter(Q(shop__isnull=True) | at_shops_of(user, VIEW_IMPORT))


class ColumnAlias(models.Model):
    """Another heading of one of our columns, as staff have said once: of one shop's
    files of a kind or, without a shop, of everybody's. Both names are normalised."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=ImportRun.Kind)
    heading = models.CharField(max_length=200)
    column = models.CharField(max_length=80)

    objects = ColumnAliasQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "heading"]
        verbose_name_plural = "column aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "heading"], name="column_alias_once_per_shop"
            ),
            models.UniqueConstraint(
                fields=["kind", "heading"],
                condition=Q(shop__isnull=True),
                name="column_alias_once_for_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.heading} → {self.column}"


class SeenColumnQuerySet(models.QuerySet["SeenColumn"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_IMPORT))


class SeenColumn(models.Model):
    """A column of a shop's files that means nothing to us, since when, and in how many
    files."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=ImportRun.Kind)
    heading = models.CharField(max_length=200)
    files = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects = SeenColumnQuerySet.as_manager()

    class Meta:
        ordering = ["-last_seen_at", "heading"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "heading"], name="seen_column_once"
            )
        ]

    def __str__(self) -> str:
        return self.heading
