"""What shops are told: all that is available, or less, by rule."""

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from apps.core.models import TimestampedModel
from apps.inventory.models.warehouses import StockQuerySet, Warehouse
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models import Variant
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_STOCK


def pieces(words: str, help_text: str) -> "models.PositiveIntegerField[Any, Any]":
    return models.PositiveIntegerField(
        words, null=True, blank=True, help_text=help_text
    )


def _or_none(name: str) -> Coalesce:
    return Coalesce(name, Value(0))


class RuleQuerySet(StockQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """A rule that names a shop is for those who see the shop's stock."""
        shops = Shop.objects.visible_to(user, VIEW_STOCK)
        seen = Q(shop__isnull=True) | Q(shop__in=shops)
        seen &= Q(last_pieces_shop__isnull=True) | Q(last_pieces_shop__in=shops)
        return super().visible_to(user).filter(seen)


class StockRule(TimestampedModel):
    """What is not told, for a client or more narrowly: a shop, a SKU, a warehouse.

    Each figure comes from the narrowest rule that names it; what none names does not
    hold. `last_pieces` are told to `last_pieces_shop` alone.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="stock_rules")
    shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="stock_rules"
    )
    variant = models.ForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="stock_rules"
    )
    warehouse = models.ForeignKey(
        Warehouse, models.CASCADE, null=True, blank=True, related_name="stock_rules"
    )
    buffer = pieces("buffer", "Pieces kept back from what is available.")
    share_percent = models.PositiveSmallIntegerField(
        "share",
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Percent of the rest that the shop is told, rounded down.",
    )
    cap = pieces("at most", "Pieces that the shop is told.")
    last_pieces = pieces("last pieces", "The last so many are for one shop alone.")
    last_pieces_shop = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ["client", "pk"]
        verbose_name = "stock rule"
        constraints = [
            models.UniqueConstraint(
                "client",
                _or_none("shop"),
                _or_none("variant"),
                _or_none("warehouse"),
                name="stock_rule_one_per_place",
                violation_error_message="There is a rule for exactly that already.",
            ),
            models.CheckConstraint(
                condition=Q(share_percent__isnull=True) | Q(share_percent__lte=100),
                name="stock_rule_share",
            ),
            models.CheckConstraint(
                condition=Q(last_pieces__isnull=True, last_pieces_shop__isnull=True)
                | Q(last_pieces__isnull=False, last_pieces_shop__isnull=False),
                name="stock_rule_last_pieces_shop",
            ),
        ]

    def __str__(self) -> str:
        places = [self.shop, self.variant, self.warehouse]
        named = " · ".join(str(place) for place in places if place is not None)
        return named or str(self.client)


class SettingsQuerySet(models.QuerySet["ShopStockSettings"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_STOCK))


class ShopStockSettings(TimestampedModel):
    """Whether a shop is told our stock, and what is done where it shows another."""

    class Drift(models.TextChoices):
        ASK = "ask", "Ask a person"
        REPAIR = "repair", "Tell it ours again"

    class Zero(models.TextChoices):
        OFF_SALE = "off_sale", "Take the listing off sale"
        KEEP_ONE = "keep_one", "Leave one piece"

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="stock_settings")
    is_pushed = models.BooleanField("tell this shop our stock", default=False)
    drift = models.CharField(
        "where the shop shows another number",
        max_length=8,
        choices=Drift,
        default=Drift.ASK,
    )
    zero = models.CharField(
        "where TikTok takes no 0",
        max_length=8,
        choices=Zero,
        default=Zero.OFF_SALE,
    )
    # Learnt from a refusal; asked again after a while.
    refused_zero_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SettingsQuerySet.as_manager()

    class Meta:
        verbose_name = "stock settings"
        verbose_name_plural = "stock settings"

    def __str__(self) -> str:
        return f"Stock of {self.shop}"
