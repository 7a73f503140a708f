"""Who lends, who applies, and which shops an applicant has shown."""

from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.fields import EncryptedTextField
from apps.core.models import TimestampedModel
from apps.platforms.models import ApiApp, ConnectAttempt, CreatorAccount, Shop
from apps.users.models import AnyUser, Client, User
from apps.users.models.people import places_of
from apps.users.roles import VIEW_CREDIT


class LenderQuerySet(models.QuerySet["Lender"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(places_of(user, VIEW_CREDIT).at_whole_clients("client"))


class Lender(TimestampedModel):
    """What a client that lends has set: where applicants come back to, and what of
    theirs is kept for how long.

    `slug` names it in the address applicants begin at; `hook_address` is told of each
    score, signed with `hook_secret`.
    """

    client = models.OneToOneField(Client, models.CASCADE, related_name="lender")
    slug = models.SlugField(max_length=40, unique=True)
    is_open = models.BooleanField(
        "takes applicants",
        default=True,
        help_text="Off: nobody can begin; who has begun can finish.",
    )
    api_app = models.ForeignKey(
        ApiApp,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The app that applicants consent to. Empty: ours.",
    )
    return_url = models.URLField(
        "lender's page",
        help_text="Applicants come back to it, with ?tiktokshop_connected=true.",
    )
    hook_address = models.URLField("webhook address", blank=True)
    hook_secret = EncryptedTextField("webhook secret", blank=True, default="")
    keep_days = models.PositiveIntegerField(
        "keep applicants for (days)",
        default=365,
        validators=[MinValueValidator(30), MaxValueValidator(3650)],
        help_text="After the last score. Then their rows go; issued reports stay.",
    )

    objects = LenderQuerySet.as_manager()

    class Meta:
        ordering = ["client__name"]

    def __str__(self) -> str:
        return f"{self.client}"


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    def visible_to(self, user: AnyUser) -> Self:
        """Those of clients at whose whole one may see credit: what an applicant earns
        is not told shop by shop."""
        return self.filter(places_of(user, VIEW_CREDIT).at_whole_clients("client"))


class Applicant(TimestampedModel):
    """Whose income is looked at: a reference or a wallet address, their shops and
    creator accounts. They need no login.

    `client` asks (a lender, or an agency for a customer of its own). Shops that come
    by an applicant's own consent lie with `home`, a client made for them alone, so that
    nobody of the lender sees their orders.
    """

    client = models.ForeignKey(Client, models.PROTECT, related_name="applicants")
    reference = models.CharField(
        max_length=80, blank=True, help_text="How the lender calls them."
    )
    wallet_address = models.CharField(max_length=128, blank=True)
    wallet_key = models.CharField(
        max_length=128,
        blank=True,
        editable=False,
        help_text="The address as it is compared.",
    )
    home = models.OneToOneField(
        Client,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applicant_at_home",
        editable=False,
    )
    shops = models.ManyToManyField(
        Shop, through="ApplicantShop", related_name="applicants"
    )
    # Their own accounts as buyers: what they buy from themselves is no income.
    buyer_ids = models.JSONField(default=list, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        permissions = [("score_applicant", "Can score applicants and issue reports")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "wallet_key"],
                condition=~Q(wallet_key=""),
                name="applicant_unique_wallet",
            ),
            models.UniqueConstraint(
                fields=["client", "reference"],
                condition=~Q(reference=""),
                name="applicant_unique_reference",
            ),
            models.CheckConstraint(
                condition=~Q(reference="") | ~Q(wallet_key=""),
                name="applicant_has_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or self.wallet_address


class ApplicantShop(TimestampedModel):
    """A shop that an applicant has shown, from their consent to its end."""

    applicant = models.ForeignKey(Applicant, models.CASCADE, related_name="shown")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="shown_by")
    shown_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["shown_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "shop"], name="applicant_shop_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} of {self.applicant}"


class ApplicantCreator(TimestampedModel):
    """A creator account that an applicant has shown, from their consent to its end."""

    applicant = models.ForeignKey(
        Applicant, models.CASCADE, related_name="shown_accounts"
    )
    account = models.ForeignKey(CreatorAccount, models.PROTECT, related_name="shown_by")
    shown_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["shown_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "account"], name="applicant_creator_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} of {self.applicant}"


class ApplicantConsent(TimestampedModel):
    """An applicant's way from the lender's page to TikTok and back.

    The one-use state is the attempt's; a signed cookie binds what follows to the
    browser that brought it back.
    """

    class Account(models.TextChoices):
        SELLER = "seller", "TikTok Shop"
        CREATOR = "creator", "Creator account"

    class Step(models.TextChoices):
        AWAY = "away", "At TikTok's consent page"
        READING = "reading", "Reading the last 90 days"
        SCORED = "scored", "Scored"
        FAILED = "failed", "Failed"

    applicant = models.ForeignKey(Applicant, models.CASCADE, related_name="consents")
    attempt = models.OneToOneField(
        ConnectAttempt,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="applicant_consent",
    )
    account = models.CharField(max_length=8, choices=Account, default=Account.SELLER)
    return_url = models.URLField(max_length=500, blank=True)
    step = models.CharField(max_length=8, choices=Step, default=Step.AWAY)
    problem = models.CharField(max_length=600, blank=True)
    granted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Consent of {self.applicant}"
