"""The log of what was pulled of creators' accounts, which belong to no shop."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.platforms.models import CreatorAccount
from apps.sync.models.runs import SyncRun
from apps.users.models import AnyUser
from apps.users.roles import VIEW_RUN


class CreatorRunQuerySet(models.QuerySet["CreatorRun"]):
    def visible_to(self, user: AnyUser) -> Self:
        accounts = CreatorAccount.objects.visible_to(user, VIEW_RUN).order_by()
        return self.filter(account__in=accounts)

    def running(self) -> Self:
        return self.filter(state=SyncRun.State.RUNNING)


class CreatorRun(models.Model):
    """One pull of what a creator sold in [since, until). `issues` are the first that
    could not be taken, as [ID, why]; `failed` counts all."""

    account = models.ForeignKey(
        CreatorAccount, models.CASCADE, related_name="sync_runs"
    )
    trigger = models.CharField(max_length=12, choices=SyncRun.Trigger)
    state = models.CharField(
        max_length=12, choices=SyncRun.State, default=SyncRun.State.RUNNING
    )
    since = models.DateTimeField()
    until = models.DateTimeField()
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    process = models.CharField(max_length=160, blank=True)
    pages = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    issues = models.JSONField(default=list, blank=True)
    first_error = models.CharField(max_length=500, blank=True)
    needs_person = models.BooleanField(default=False)

    objects = CreatorRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state="running"),
                name="creator_run_one_running",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-started_at"], name="creator_run_latest"),
            models.Index(fields=["started_at"], name="creator_run_started"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.started_at:%c}"

    @property
    def seconds(self) -> float:
        return ((self.ended_at or timezone.now()) - self.started_at).total_seconds()
