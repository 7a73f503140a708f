"""Which parts of the platform a shop uses."""

from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models.shop import Shop


class ShopFeature(TimestampedModel):
    """One switch of one shop. No row means on: what is not switched off is used."""

    class Feature(models.TextChoices):
        CATALOGUE = "catalogue", "Catalogue"
        FULFILMENT = "fulfilment", "Fulfilment"
        INVENTORY = "inventory", "Inventory"
        LOGISTICS = "logistics", "Logistics"
        PROMOTIONS = "promotions", "Promotions"
        RETURNS = "returns", "Returns"
        LIVE = "live", "Live"
        AFFILIATE = "affiliate", "Affiliate"
        ANALYTICS = "analytics", "Analytics"

    class State(models.TextChoices):
        ON = "on", "On"
        OFF = "off", "Off"
        UNAVAILABLE = "unavailable", "Not available in this region"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="features")
    feature = models.CharField(max_length=16, choices=Feature)
    state = models.CharField(max_length=12, choices=State, default=State.ON)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "feature"], name="shop_feature_unique"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_feature_display()} of {self.shop}: {self.get_state_display()}"
        )
