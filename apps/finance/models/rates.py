"""What one euro is worth in other currencies, day by day."""

from django.core.validators import RegexValidator
from django.db import models

from apps.core.models import TimestampedModel
from apps.users.models import User


class ExchangeRate(TimestampedModel):
    """Units of a currency per one euro on a day, as the ECB publishes them.

    Belongs to nobody: all clients' sums use the same table. What was typed by hand is
    not replaced by what a file or the job brings; see services.rate_loading.
    """

    class Source(models.TextChoices):
        ECB = "ecb", "European Central Bank"
        OTHER = "other", "Second source"
        FILE = "file", "File"
        TYPED = "typed", "Typed by hand"

    on = models.DateField("date")
    currency = models.CharField(
        max_length=3, validators=[RegexValidator(r"\A[A-Z]{3}\Z")]
    )
    per_euro = models.DecimalField(
        "per 1 EUR",
        max_digits=24,
        decimal_places=10,
        help_text="How many units of the currency one euro buys.",
    )
    source = models.CharField(max_length=8, choices=Source)
    source_text = models.CharField(
        max_length=200, blank=True, help_text="The file's name, or who publishes it."
    )
    reason = models.CharField(
        max_length=300, blank=True, help_text="Why somebody typed it."
    )
    typed_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-on", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "on"], name="exchange_rate_unique_per_day"
            ),
            models.CheckConstraint(
                condition=models.Q(per_euro__gt=0), name="exchange_rate_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(source="typed") | ~models.Q(reason=""),
                name="exchange_rate_typed_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["on"], name="exchange_rate_on")]

    def __str__(self) -> str:
        return f"1 EUR = {self.per_euro.normalize():f} {self.currency} on {self.on}"
