"""Issued reports: frozen, shared, looked at, argued with."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.credit.models.applicant import Applicant, Lender
from apps.credit.models.score import Score
from apps.users.models import AnyUser, User


class CreditReportQuerySet(models.QuerySet["CreditReport"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those of applicants one sees, and those shared with oneself."""
        if not isinstance(user, User):
            return self.none()
        own = Q(score__applicant__in=Applicant.objects.visible_to(user))
        return self.filter(own | Q(pk__in=shared_with(user)))


class CreditReport(TimestampedModel):
    """A score as it was given out: `content` is all that the page and the PDF show,
    and does not change when rates, orders or names do."""

    score = models.OneToOneField(Score, models.PROTECT, related_name="report")
    number = models.CharField(max_length=20, unique=True)
    content = models.JSONField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CreditReportQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-pk"]
        verbose_name = "credit report"

    def __str__(self) -> str:
        return self.number


class ReportShareQuerySet(models.QuerySet["ReportShare"]):
    def open(self, now: datetime) -> Self:
        """Those that still show something."""
        not_over = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(
            not_over, revoked_at__isnull=True, report__withdrawn_at__isnull=True
        )


class ReportShare(TimestampedModel):
    """Who else may read a report: a person, or whoever has an address until it ends.
    Only the hash of the address's token is kept."""

    report = models.ForeignKey(CreditReport, models.CASCADE, related_name="shares")
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="+"
    )
    token_hash = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ReportShareQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "user"],
                condition=Q(user__isnull=False, revoked_at__isnull=True),
                name="report_share_unique_per_person",
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~Q(token_hash=""),
                name="report_share_unique_token",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, token_hash="")
                | (Q(user__isnull=True, expires_at__isnull=False) & ~Q(token_hash="")),
                name="report_share_person_or_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} for {self.user or 'whoever has the address'}"


def shared_with(user: User) -> models.QuerySet[ReportShare, int]:
    """Keys of reports that somebody may read because they were shared."""
    rows = ReportShare.objects.open(timezone.now()).filter(user=user)
    return rows.values_list("report", flat=True)


class ReportView(models.Model):
    """Somebody looked. Kept with the report."""

    class Way(models.TextChoices):
        PAGE = "page", "Page"
        PDF = "pdf", "PDF"
        API = "api", "API"

    report = models.ForeignKey(CreditReport, models.CASCADE, related_name="views")
    share = models.ForeignKey(
        ReportShare, models.SET_NULL, null=True, blank=True, related_name="views"
    )
    user = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    way = models.CharField(max_length=4, choices=Way)
    at = models.DateTimeField(auto_now_add=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.report} seen by {self.user or 'whoever had the address'}"


class Dispute(TimestampedModel):
    """What somebody holds against a figure of a report, and what came of it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        UPHELD = "upheld", "Upheld: scored anew"
        DISMISSED = "dismissed", "Dismissed"

    report = models.ForeignKey(CreditReport, models.CASCADE, related_name="disputes")
    component = models.CharField(
        max_length=24, blank=True, help_text="The code it is about, if one."
    )
    text = models.TextField(max_length=2000)
    raised_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.TextField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Dispute of {self.report}"


class LenderDelivery(TimestampedModel):
    """A message to a lender's webhook, until it has arrived or is given up."""

    class State(models.TextChoices):
        DUE = "due", "Waiting"
        DONE = "done", "Delivered"
        GIVEN_UP = "given_up", "Given up"

    lender = models.ForeignKey(Lender, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    key = models.CharField(max_length=80, unique=True)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(state="due"),
                name="lender_delivery_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.lender}"
