"""Our own warehouses, and those the platform knows of."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser, Client
from apps.users.models.people import places_of
from apps.users.roles import VIEW_STOCK


class StockQuerySet(models.QuerySet[Any]):
    """Rows of a client's stock, which is one for all of its shops."""

    def visible_to(self, user: AnyUser) -> Self:
        """Who sees stock at one of a client's shops sees the client's."""
        return self.filter(places_of(user, VIEW_STOCK).at_clients("client"))


class Warehouse(TimestampedModel):
    """Where a client's goods lie. What names no other place is in the default one."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="warehouses")
    name = models.CharField(max_length=120)
    is_default = models.BooleanField("default", default=False)
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="One that is closed keeps its history and takes nothing in.",
    )
    note = models.TextField(blank=True)

    objects = StockQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                "client",
                Lower("name"),
                name="warehouse_unique_per_client",
                violation_error_message="There is such a warehouse already.",
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(is_default=True),
                name="warehouse_one_default",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(is_active=True),
                name="warehouse_default_is_active",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ShopWarehouseQuerySet(models.QuerySet["ShopWarehouse"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_STOCK))

    def selling(self) -> Self:
        """Those that orders leave from, and that are told how much there is."""
        return self.filter(kind=ShopWarehouse.Kind.SALES, is_active=True)


class ShopWarehouse(TimestampedModel):
    """A warehouse as a shop's platform knows it, and which of ours that is."""

    class Kind(models.TextChoices):
        SALES = "sales", "Sales"
        RETURNS = "returns", "Returns"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shop_warehouses")
    remote_id = models.CharField("warehouse ID", max_length=32)
    name = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SALES)
    is_active = models.BooleanField("active", default=True)
    is_default = models.BooleanField("default", default=False)
    warehouse = models.ForeignKey(
        Warehouse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="shop_warehouses",
    )
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShopWarehouseQuerySet.as_manager()

    class Meta:
        ordering = ["shop", "-is_default", "name", "pk"]
        verbose_name = "shop warehouse"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="shop_warehouse_unique_per_shop"
            ),
            # Two places of a shop that are told the same pieces sell them twice.
            models.UniqueConstraint(
                fields=["shop", "warehouse"],
                condition=Q(kind="sales", warehouse__isnull=False),
                name="shop_warehouse_one_of_ours",
                violation_error_message="Another warehouse of this shop is that one.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.remote_id
