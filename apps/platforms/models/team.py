"""Who works on which shop, and who was asked to."""

import secrets
from datetime import datetime
from typing import Self

from django.core import signing
from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models.shop import Shop
from apps.users.models import AnyUser, Client, Membership, User
from apps.users.models.people import RoleFields, places_of
from apps.users.roles import VIEW_TEAM

_SALT = "invitation"


class ShopRole(TimestampedModel, RoleFields):
    """A member's role at one shop, in the place of the client-wide one; without a
    role or a permission it closes the shop to them."""

    membership = models.ForeignKey(
        Membership, models.CASCADE, related_name="shop_roles"
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shop_roles")

    class Meta:
        ordering = ["shop__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "shop"], name="shop_role_unique_per_member"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership.user} at {self.shop}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those to clients whose team one may see; of one shop's team, those that
        speak of this shop."""
        places = places_of(user, VIEW_TEAM)
        if places.everywhere:
            return self.all()
        whole = places.at_whole_clients("client")
        named = Invitation.shops.through.objects.filter(
            shop__in=Shop.objects.visible_to(user, VIEW_TEAM)
        )
        return self.filter(whole | models.Q(pk__in=named.values("invitation")))

    def open(self, now: datetime) -> Self:
        """Those that still lead somewhere."""
        return self.filter(
            accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        )


def _nonce() -> str:
    return secrets.token_urlsafe(16)


class Invitation(TimestampedModel, RoleFields):
    """Somebody is asked by mail to work for a client, in a role.

    The link in the mail is signed, not stored: it is worked out from this row, so
    neither the database nor the queue holds anything that opens a door.
    """

    class Mail(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    client = models.ForeignKey(Client, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    shops = models.ManyToManyField(
        Shop,
        blank=True,
        related_name="invitations",
        help_text="Where the role holds. None: at all shops, also those to come.",
    )
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    nonce = models.CharField(max_length=32, default=_nonce, editable=False)
    expires_at = models.DateTimeField()
    mail_state = models.CharField(max_length=8, choices=Mail, default=Mail.QUEUED)
    mail_error = models.CharField(max_length=300, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open_per_client",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.email} to {self.client}"

    @property
    def token(self) -> str:
        """What the link carries; worth something to whoever has it."""
        return signing.Signer(salt=_SALT).sign_object([self.pk, self.nonce])

    @classmethod
    def named_by(cls, token: str) -> "Invitation | None":
        """The invitation of a link, open or not; None for anything we did not sign."""
        try:
            pk, nonce = signing.Signer(salt=_SALT).unsign_object(token)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        rows = cls.objects.select_related("client", "invited_by")
        return rows.filter(pk=pk, nonce=nonce).first()
