"""What came out of looking at an applicant's income, and what it was reckoned from."""

from typing import Any, Self

from django.db import models

from apps.core.models import TimestampedModel
from apps.credit.errors import ScoreIsFinal
from apps.credit.models.applicant import Applicant
from apps.users.models import AnyUser, User


class ScoreInput(TimestampedModel):
    """The rows a score was reckoned from, packed, with hashes in place of buyers.

    `body` is zlib of JSON, the input of rules.snapshot with its rates; `digest` its
    SHA-256 before packing. Erasing an applicant empties it.
    """

    digest = models.CharField(max_length=64)
    body = models.BinaryField(blank=True)
    orders = models.PositiveIntegerField(default=0)
    commissions = models.PositiveIntegerField(default=0)
    emptied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.orders} orders, {self.commissions} commissions"


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(applicant__in=Applicant.objects.visible_to(user))


class Score(TimestampedModel):
    """A score as it was made. A new look makes a new row; none is ever changed.

    `features` and `result` are what rules.score took and gave, whole; the columns
    repeat what lists sort and filter by. `rates_used` is {date: {currency: per euro}}.
    """

    class Status(models.TextChoices):
        SCORED = "scored", "Scored"
        UNSCORABLE = "unscorable", "Too little data"

    class Confidence(models.TextChoices):
        HIGH = "HIGH", "High"
        MEDIUM = "MEDIUM", "Medium"
        LOW = "LOW", "Low"
        INSUFFICIENT = "INSUFFICIENT", "Insufficient"

    applicant = models.ForeignKey(Applicant, models.CASCADE, related_name="scores")
    number = models.PositiveIntegerField(help_text="Counts an applicant's scores.")
    as_of = models.DateField()
    model_version = models.CharField(max_length=32)
    status = models.CharField(max_length=12, choices=Status)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    score_100 = models.FloatField(null=True, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    confidence_level = models.CharField(max_length=12, choices=Confidence)
    impact = models.CharField(max_length=12, blank=True)
    monthly_usd = models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True
    )
    needs_review = models.BooleanField(default=False)
    features = models.JSONField()
    result = models.JSONField()
    facts = models.JSONField(
        default=dict, help_text="What the report shows beside: see services.facts."
    )
    rates_used = models.JSONField(default=dict)
    input = models.ForeignKey(
        ScoreInput, models.PROTECT, null=True, related_name="scores"
    )
    made_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "number"], name="score_unique_number"
            ),
        ]

    def __str__(self) -> str:
        return f"Score {self.number} of {self.applicant}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ScoreIsFinal for a row that is there already."""
        if not self._state.adding:
            raise ScoreIsFinal(f"{self} is made; make a new one instead.")
        super().save(*args, **kwargs)
