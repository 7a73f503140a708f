"""What Seller Center shows of a shop and no call tells: noted down by a person."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.users.models import User


class ShopStanding(TimestampedModel):
    """A shop's standing with the platform. What is empty is not known, and counts for
    less than what is usual."""

    class SellerType(models.TextChoices):
        BUSINESS = "business", "Business"
        INDIVIDUAL = "individual", "Individual"

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="standing")
    seller_type = models.CharField(
        "registered as", max_length=12, choices=SellerType, blank=True
    )
    reviews = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many reviews the rating is made of."
    )
    sps = models.DecimalField(
        "shop performance score",
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(5)],
        help_text="From 0 to 5.",
    )
    violation_points = models.PositiveIntegerField(null=True, blank=True)
    warnings = models.PositiveIntegerField(null=True, blank=True)
    noted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"Standing of {self.shop}"
