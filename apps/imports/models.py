"""The log of files read."""

from typing import Self

from django.db import models
from django.utils import timezone

from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser, User
from apps.users.roles import VIEW_IMPORT


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_IMPORT))


class ImportRun(models.Model):
    """One file, read once; counts are orders, `rows` are the file's data rows."""

    class Kind(models.TextChoices):
        ORDERS = "orders", "Orders"
        PRODUCTS = "products", "Products"
        MAPPING = "mapping", "Mapping"

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTLY = "partly", "Done with refused rows"
        FAILED = "failed", "Failed"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="import_runs")
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

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} into {self.shop}"
