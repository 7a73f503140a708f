"""API apps and the tokens sellers granted them.

A seller consents once for all their shops, so one pair of tokens serves several
shops; what differs per shop is the cipher that names it in a call. Hence: an ApiApp
has Authorizations (a seller's consent, with its tokens), and each shop has one
Credential per app, pointing at the authorization that opens it.
"""

from datetime import datetime, timedelta
from typing import Self

from django.db import models

from apps.core.fields import EncryptedTextField
from apps.core.models import TimestampedModel
from apps.platforms.models.shop import Shop
from apps.users.models import AnyUser, Client, User
from apps.users.models.people import places_of
from apps.users.roles import MANAGE_CREDENTIALS


class ApiAppQuerySet(models.QuerySet["ApiApp"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Our own apps, and those registered for a client whose shops one connects."""
        places = places_of(user, MANAGE_CREDENTIALS)
        if not places:
            return self.none()
        if places.everywhere:
            return self.all()
        return self.filter(models.Q(client__isnull=True) | places.at_clients("client"))

    def serving(self, client: Client | None) -> Self:
        """Those a client's shops can be connected through."""
        return self.filter(models.Q(client__isnull=True) | models.Q(client=client))


class ApiApp(TimestampedModel):
    """An app registered in Partner Center: key, secret and what it may ask for."""

    class Scope(models.TextChoices):
        MULTI_CHANNEL = "multi_channel", "Multi-channel management"
        ANALYTICS = "analytics", "Analytics and reporting"
        AFFILIATE = "affiliate", "Affiliate"
        CUSTOMER_SERVICE = "customer_service", "Customer service"

    platform = models.CharField(
        max_length=16, choices=Shop.Platform, default=Shop.Platform.TIKTOK
    )
    environment = models.CharField(
        max_length=16,
        choices=Shop.Environment,
        default=Shop.Environment.PRODUCTION,
        help_text="Shops connected through a sandbox app stay out of all sums.",
    )
    client = models.ForeignKey(
        Client,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="api_apps",
        help_text="Whose shops alone are connected through it. Empty: everybody's.",
    )
    name = models.CharField(max_length=80, unique=True)
    app_key = models.CharField(max_length=64)
    app_secret = EncryptedTextField()
    service_id = models.CharField(
        max_length=64, help_text="Partner Center shows it; it is not the app key."
    )
    scope_category = models.CharField(
        max_length=20, choices=Scope, default=Scope.MULTI_CHANNEL
    )

    objects = ApiAppQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = "API app"
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "app_key"], name="api_app_unique_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AuthorizationQuerySet(models.QuerySet["Authorization"]):
    def due_for_refresh(self, now: datetime) -> Self:
        """Active ones whose refresh instant has come; a failure moves it on."""
        return self.filter(state=Authorization.State.ACTIVE, refresh_due_at__lte=now)


class Authorization(TimestampedModel):
    """One seller's consent to one app: the tokens, encrypted, and their ends.

    Only services.token_store writes the tokens. `refreshing_by` and `refreshing_until`
    are the lease (services.token_lease) that lets one process at a time refresh them.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        CONSENT_NEEDED = "consent_needed", "Consent needed"
        REVOKED = "revoked", "Disconnected"

    api_app = models.ForeignKey(ApiApp, models.PROTECT, related_name="authorizations")
    open_id = models.CharField(max_length=128)
    seller_name = models.CharField(max_length=120, blank=True)
    seller_region = models.CharField(max_length=8, blank=True)
    user_type = models.PositiveSmallIntegerField(default=0)
    scopes = models.JSONField(default=list, blank=True)
    access_token = EncryptedTextField()
    refresh_token = EncryptedTextField()
    # The pair before this one: tried once where the platform rotated and we died
    # before storing its answer.
    previous_refresh_token = EncryptedTextField(blank=True, default="")
    access_expires_at = models.DateTimeField()
    refresh_expires_at = models.DateTimeField()
    refresh_due_at = models.DateTimeField(db_index=True)
    connected_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    connected_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # Set before the platform is asked, cleared with its answer: still there later, it
    # tells that the answer was lost.
    refresh_begun_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=20, choices=State, default=State.ACTIVE)
    last_error = models.CharField(max_length=300, blank=True)
    generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts the pairs stored so far."
    )
    refreshing_by = models.CharField(max_length=64, blank=True, editable=False)
    refreshing_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AuthorizationQuerySet.as_manager()

    class Meta:
        ordering = ["seller_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["api_app", "open_id"], name="authorization_unique_per_app"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_name or self.open_id} for {self.api_app}"

    def access_is_over(self, now: datetime, margin: timedelta) -> bool:
        """Whether the access token ends within `margin` of `now`."""
        return self.access_expires_at <= now + margin


class Credential(TimestampedModel):
    """What opens a shop through an app; exactly one per shop and app."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="credentials")
    api_app = models.ForeignKey(ApiApp, models.PROTECT, related_name="credentials")
    authorization = models.ForeignKey(
        Authorization, models.CASCADE, related_name="credentials"
    )
    shop_cipher = EncryptedTextField()

    class Meta:
        ordering = ["shop__name", "api_app__name"]
        permissions = [("manage_credentials", "Can connect and reconnect shops")]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "api_app"], name="credential_unique_per_shop_and_app"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} through {self.api_app}"
