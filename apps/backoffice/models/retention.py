"""What people decided about how long things are kept."""

from django.db import models

from apps.core.models import TimestampedModel


class RetentionRule(TimestampedModel):
    """How long one kind of data is kept, and when that was last carried out.

    The kinds are a table in retention.py; one without a row here follows its default.
    """

    kind = models.CharField(max_length=32, unique=True)
    is_own = models.BooleanField(
        default=False, help_text="Somebody chose the days; else the default holds."
    )
    days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty: kept for good."
    )
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["kind"]
        verbose_name_plural = "data retention"

    def __str__(self) -> str:
        return self.kind
