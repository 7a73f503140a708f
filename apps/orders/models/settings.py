"""What a shop's people have decided about its orders, and views people keep."""

from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from apps.core.models import TimestampedModel
from apps.integrations import contracts
from apps.orders.models.order import instant_field
from apps.orders.models.packages import ShippingDocument
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import VIEW_ORDER


class ShopOrderSettings(TimestampedModel):
    """How a shop's orders are kept and shipped. No row: as the defaults say.

    `pushes_…` decide whether what is recorded here, by a file or a program, goes to
    TikTok by itself; what a person sends by a button always goes.
    """

    class Preferred(models.TextChoices):
        API = contracts.Source.API.value, "TikTok's API"
        FILE = contracts.Source.FILE.value, "Seller Center's files"

    class Handover(models.TextChoices):
        PICK_UP = "PICKUP", "Picked up"
        DROP_OFF = "DROP_OFF", "Dropped off"

    shop = models.OneToOneField(Shop, models.CASCADE, related_name="order_settings")
    preferred_source = models.CharField(
        max_length=8,
        choices=Preferred,
        default=Preferred.API,
        help_text="Whose word counts where sources differ.",
    )
    # Since when the orders wait to be shown as that says by now.
    reshow_asked_at = instant_field(editable=False)
    pushes_shipped = models.BooleanField(default=True)
    pushes_delivered = models.BooleanField(default=False)
    pushes_cancelled = models.BooleanField(default=False)
    handover_method = models.CharField(max_length=8, choices=Handover, blank=True)
    document_kind = models.CharField(
        max_length=40,
        choices=ShippingDocument.Kind,
        default=ShippingDocument.Kind.LABEL,
    )
    document_size = models.CharField(
        max_length=4,
        choices=ShippingDocument.Size,
        default=ShippingDocument.Size.A6,
    )
    document_format = models.CharField(
        max_length=4,
        choices=ShippingDocument.Format,
        default=ShippingDocument.Format.PDF,
    )
    document_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1)]
    )

    def __str__(self) -> str:
        return f"Order settings of {self.shop}"


class DeliveryOption(TimestampedModel):
    """A way in which goods of a warehouse can be sent, as the platform listed it."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="delivery_options")
    warehouse_remote_id = models.CharField("warehouse ID", max_length=32)
    remote_id = models.CharField("delivery option ID", max_length=32)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "warehouse_remote_id", "remote_id"],
                name="delivery_option_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShippingProviderQuerySet(models.QuerySet["ShippingProvider"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_ORDER))


class ShippingProvider(TimestampedModel):
    """A carrier that a delivery option of a shop takes."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shipping_providers")
    delivery_option_id = models.CharField("delivery option ID", max_length=32)
    remote_id = models.CharField("shipping provider ID", max_length=32)
    name = models.CharField(max_length=120)
    read_at = models.DateTimeField()

    objects = ShippingProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "delivery_option_id", "remote_id"],
                name="shipping_provider_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedView(TimestampedModel):
    """A person's own name for a list's filters: their query, as in the address."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2_000)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], name="saved_view_unique_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
