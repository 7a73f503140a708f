"""Creators who sell for a client's shops, and which people they are."""

import unicodedata
from typing import Self

from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.users.models import AnyUser, Client, User
from apps.users.models.people import places_of
from apps.users.roles import VIEW_COMMISSION, VIEW_CREATOR


def handle_of(username: str) -> str:
    """A creator's name as we keep it: without @, in small letters."""
    plain = unicodedata.normalize("NFC", username).strip().removeprefix("@")
    return plain.strip().lower()[:120]


class CreatorQuerySet(models.QuerySet["Creator"]):
    def visible_to(self, user: AnyUser) -> Self:
        """A client's creators to those who see all its shops, else those who sold for
        the shops one sees; and to creators themselves, they alone."""
        places = places_of(user, VIEW_CREATOR)
        if places.everywhere:
            return self.all()
        found = places.at_whole_clients("client") | own_creators(user)
        if places:
            shops = Shop.objects.visible_to(user, VIEW_CREATOR).order_by()
            sellers = Creator.objects.filter(affiliate_orders__shop__in=shops)
            found |= Q(pk__in=sellers.order_by().values("pk"))
        return self.filter(found)


def own_creators(user: AnyUser, prefix: str = "") -> Q:
    """The creators somebody is, where they may see their own commission. `prefix` leads
    from the row to the creator ("creator__")."""
    if not isinstance(user, User):
        return Q(pk__in=[])
    mine = list(
        CreatorLogin.objects.filter(user=user).values_list("creator", "creator__client")
    )
    places = places_of(user, VIEW_COMMISSION)
    keys = [creator for creator, client in mine if places.reach(client)]
    return Q(**{f"{prefix}pk__in": keys})


class Creator(TimestampedModel):
    """Somebody who sells for a client's shops, as the platform names them.

    A name may be changed, so a creator whose ID the platform told is known by that.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="creators")
    username = models.CharField(
        max_length=120, help_text="Without @, in small letters; see handle_of."
    )
    open_id = models.CharField("creator ID", max_length=128, blank=True)
    nickname = models.CharField(max_length=120, blank=True)

    objects = CreatorQuerySet.as_manager()

    class Meta:
        ordering = ["username"]
        permissions = [("view_commission", "Can see their own commission")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "username"], name="creator_unique_per_client"
            ),
            models.UniqueConstraint(
                fields=["client", "open_id"],
                condition=~Q(open_id=""),
                name="creator_id_unique_per_client",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"


class CreatorLogin(TimestampedModel):
    """A person who signs in here and is that creator: they see what is theirs."""

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="logins")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        ordering = ["creator__username"]
        verbose_name = "creator's login"
        constraints = [
            models.UniqueConstraint(
                fields=["creator", "user"], name="creator_login_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.creator}"
