"""Who bought, by the only stable handles: the platform's user id and the username."""

from typing import Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.users.models import AnyUser
from apps.users.roles import PROCESS_ORDERS


class BuyerQuerySet(models.QuerySet["Buyer"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, PROCESS_ORDERS))


class Buyer(TimestampedModel):
    """A buyer in one shop. Never matched by name or phone: those come masked."""

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="buyers")
    remote_id = models.CharField(max_length=64, blank=True)
    username = models.CharField(max_length=120, blank=True)

    objects = BuyerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"],
                condition=~Q(remote_id=""),
                name="buyer_unique_remote_id",
            ),
            models.UniqueConstraint(
                fields=["shop", "username"],
                condition=~Q(username=""),
                name="buyer_unique_username",
            ),
            models.CheckConstraint(
                condition=~Q(remote_id="") | ~Q(username=""), name="buyer_has_a_handle"
            ),
        ]

    def __str__(self) -> str:
        return self.username or self.remote_id

    @property
    def is_erased(self) -> bool:
        """Nobody any more: the row keeps their orders together, and says nothing."""
        return self.remote_id == f"erased-{self.pk}"
