"""A shop on a platform, and which shops a person may see."""

from typing import Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.regions import REGIONS, region_of
from apps.users.models import AnyUser, Client, User
from apps.users.models.people import places_of
from apps.users.roles import VIEW_SHOP


def validate_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValidationError(f"“{name}” is not an IANA time zone.") from error


class ShopQuerySet(models.QuerySet["Shop"]):
    def visible_to(self, user: AnyUser, permission: str = VIEW_SHOP) -> Self:
        """The one answer to "which shops may this user see", or do something else
        with; all that hangs on a shop builds on it, with its own permission."""
        places = places_of(user, permission)
        return self.filter(places.at_shops(client="client", shop="pk"))

    def connected(self) -> Self:
        """Shops whose data can be pulled now."""
        return self.filter(state=Shop.State.CONNECTED)

    def of_companies(self) -> Self:
        """Without those that are here for lenders alone: what they sell is nothing of
        ours, and in no sum over shops."""
        return self.filter(client__is_applicant=False)

    def production(self) -> Self:
        """Those that count in sums; test shops stay out unless asked for."""
        return self.filter(environment=Shop.Environment.PRODUCTION)


def at_shops_of(user: AnyUser, permission: str) -> models.Q:
    """Rows whose `shop` is one at which the user holds a permission: what every
    table's `visible_to` filters by.

    The keys are written out, and asked for once a permission and request: with a
    subquery in their place the database reads the whole table to count a few rows.
    """
    if not isinstance(user, User):
        return models.Q(pk__in=[])
    if user.access.everything:
        return models.Q()
    if permission not in user.shop_keys:
        shops = Shop.objects.visible_to(user, permission).order_by()
        user.shop_keys[permission] = list(shops.values_list("pk", flat=True))
    return models.Q(shop__in=user.shop_keys[permission])


class Shop(TimestampedModel):
    """A seller's shop in one region; what everything we sell hangs on."""

    class Platform(models.TextChoices):
        TIKTOK = "tiktok", "TikTok Shop"

    class State(models.TextChoices):
        CONNECTED = "connected", "Connected"
        RECONNECT_NEEDED = "reconnect_needed", "Reconnect needed"
        PAUSED = "paused", "Paused"
        DISCONNECTED = "disconnected", "Disconnected"

    class Environment(models.TextChoices):
        PRODUCTION = "production", "Production"
        STAGING = "staging", "Staging"
        SANDBOX = "sandbox", "Sandbox"

    class SellerType(models.TextChoices):
        """As the platform names it, which decides what the amount of a price means."""

        LOCAL = "local", "Local"
        CROSS_BORDER = "cross_border", "Cross-border"

    client = models.ForeignKey(Client, models.PROTECT, related_name="shops")
    platform = models.CharField(
        max_length=16, choices=Platform, default=Platform.TIKTOK
    )
    environment = models.CharField(
        max_length=16, choices=Environment, default=Environment.PRODUCTION
    )
    remote_id = models.CharField("shop ID", max_length=32)
    name = models.CharField(max_length=120)
    code = models.CharField("shop code", max_length=40, blank=True)
    region = models.CharField(
        max_length=2, choices=[(row.code, row.name) for row in REGIONS.values()]
    )
    seller_type = models.CharField(
        max_length=16,
        choices=SellerType,
        blank=True,
        editable=False,
        help_text="As the platform told; blank where it did not.",
    )
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    state = models.CharField(max_length=20, choices=State, default=State.CONNECTED)
    state_reason = models.CharField(max_length=300, blank=True)
    is_default = models.BooleanField(
        default=False, editable=False, help_text="The client's main shop."
    )
    seller_center_url = models.URLField("Seller Center address", blank=True)

    rating = models.DecimalField(
        max_digits=3,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Stars out of five, as Seller Center shows them.",
    )
    product_count = models.PositiveIntegerField(null=True, blank=True)
    follower_count = models.PositiveIntegerField(null=True, blank=True)
    figures_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The circuit breaker: services.breaker alone writes these.
    failures_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    rested_until = models.DateTimeField(null=True, blank=True, editable=False)
    rest_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = ShopQuerySet.as_manager()

    class Meta:
        ordering = ["name", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "remote_id"], name="shop_unique_per_platform"
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=models.Q(is_default=True),
                name="shop_one_default_per_client",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"

    @property
    def seller_center(self) -> str:
        """Where the seller signs in: the shop's own address, else the region's."""
        return self.seller_center_url or region_of(self.region).seller_center

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the shop's own day."""
        return ZoneInfo(self.time_zone)
