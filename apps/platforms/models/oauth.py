"""Consents under way: the one-use ticket, and links that let others give consent."""

from datetime import datetime
from typing import Self

from django.db import models

from apps.core.fields import EncryptedTextField
from apps.core.models import TimestampedModel
from apps.platforms.models.creator import CreatorAccount
from apps.platforms.models.credential import ApiApp, Authorization
from apps.platforms.models.shop import Shop
from apps.users.models import AnyUser, Client, User
from apps.users.roles import MANAGE_CREDENTIALS


class ConnectLinkQuerySet(models.QuerySet["ConnectLink"]):
    def visible_to(self, user: AnyUser) -> Self:
        clients = Client.objects.permitting(user, MANAGE_CREDENTIALS)
        return self.filter(client__in=clients)

    def open(self, now: datetime) -> Self:
        """Those that still lead somewhere."""
        return self.filter(
            used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        )


class ConnectLink(TimestampedModel):
    """A one-time address with which a client's shop owner grants access.

    They need no account with us. Only the hash of the token is kept.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, models.CASCADE, related_name="connect_links")
    api_app = models.ForeignKey(ApiApp, models.CASCADE, related_name="+")
    created_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    is_us = models.BooleanField("US market", default=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Connect link for {self.client}"


class ConnectAttempt(TimestampedModel):
    """A started consent: who, for which client, through which app, and how far.

    Only the hash of the state is kept; the state itself travels through the
    platform's consent page. `used_at` is set once, by a conditional update, when the
    seller comes back. A code that could not be exchanged yet is kept, encrypted, until
    the ticket ends. After the exchange `authorization` holds the tokens and `offered`
    the shops to pick from (encrypted JSON, because ciphers are secrets); after the
    linking `shops` and `finished_at`.
    """

    class Problem(models.TextChoices):
        SCOPE = "scope", "A permission package is missing"
        CREDENTIALS = "credentials", "App secret or clock"
        NO_ANSWER = "no_answer", "TikTok did not answer"
        CONSENT = "consent", "The consent is used up"
        NO_SHOP = "no_shop", "No active shop"
        REFUSED = "refused", "TikTok refused"

    class AccountKind(models.TextChoices):
        SELLER = "seller", "A seller's shops"
        CREATOR = "creator", "A creator's account"

    account_kind = models.CharField(
        max_length=8, choices=AccountKind, default=AccountKind.SELLER
    )
    creator_account = models.ForeignKey(
        CreatorAccount,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="What came of it, where a creator was asked.",
    )
    state_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        User,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="connect_attempts",
        help_text="Nobody, where a connect link was used.",
    )
    link = models.ForeignKey(
        ConnectLink, models.CASCADE, null=True, blank=True, related_name="attempts"
    )
    client = models.ForeignKey(
        Client,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Not known yet, where a consent began in TikTok's App Store.",
    )
    api_app = models.ForeignKey(ApiApp, models.CASCADE, related_name="+")
    region = models.CharField(
        max_length=2, blank=True, help_text="Expected; the platform's word counts."
    )
    environment = models.CharField(
        max_length=16,
        choices=Shop.Environment,
        default=Shop.Environment.PRODUCTION,
    )
    name = models.CharField(
        max_length=120, blank=True, help_text="The name wanted for a single shop."
    )
    reconnects = models.ForeignKey(
        Shop, models.CASCADE, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    code = EncryptedTextField(blank=True, default="")
    busy_until = models.DateTimeField(
        null=True, blank=True, help_text="The lease of the one exchange under way."
    )
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    problem_text = models.CharField(max_length=600, blank=True)
    authorization = models.ForeignKey(
        Authorization, models.CASCADE, null=True, blank=True, related_name="attempts"
    )
    has_odd_expiry = models.BooleanField(
        default=False, help_text="The platform named an expiry nobody can believe."
    )
    offered = EncryptedTextField(blank=True, default="")
    shops = models.ManyToManyField(Shop, blank=True, related_name="connect_attempts")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return (
            f"{self.user or 'A shop owner'} connects {self.api_app} for {self.client}"
        )
