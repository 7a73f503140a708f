"""What shops list: the platform's own picture of a product and its SKUs."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.models import TimestampedModel
from apps.core.money import Money
from apps.integrations import contracts
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models.catalogue import Variant
from apps.users.models import AnyUser
from apps.users.roles import VIEW_LISTING


def learnt_field() -> "models.DateTimeField[Any, Any]":
    """When a source last told us, be it the same as before."""
    return models.DateTimeField(null=True, blank=True, editable=False)


class ListingQuerySet(models.QuerySet["Listing"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_LISTING))

    def present(self) -> Self:
        """Those the platform still has."""
        return self.exclude(status=Listing.Status.DELETED)


class Listing(TimestampedModel):
    """A product in one shop, as the platform last told; the platform owns it.

    One that only an order or a file named has no status yet: the next pull fills it.
    """

    class Status(models.TextChoices):
        DRAFT = contracts.ListingStatus.DRAFT.value, "Draft"
        PENDING = contracts.ListingStatus.PENDING.value, "In review"
        FAILED = contracts.ListingStatus.FAILED.value, "Rejected"
        LIVE = contracts.ListingStatus.LIVE.value, "Live"
        SELLER_DEACTIVATED = (
            contracts.ListingStatus.SELLER_DEACTIVATED.value,
            "Deactivated by seller",
        )
        PLATFORM_DEACTIVATED = (
            contracts.ListingStatus.PLATFORM_DEACTIVATED.value,
            "Deactivated by TikTok",
        )
        FROZEN = contracts.ListingStatus.FROZEN.value, "Frozen"
        SCHEDULED = contracts.ListingStatus.SCHEDULED.value, "Scheduled"
        DELETED = contracts.ListingStatus.DELETED.value, "Deleted"

    class Audit(models.TextChoices):
        NONE = contracts.AuditStatus.NONE.value, "Not reviewed"
        AUDITING = contracts.AuditStatus.AUDITING.value, "In review"
        FAILED = contracts.AuditStatus.FAILED.value, "Rejected"
        PRE_APPROVED = contracts.AuditStatus.PRE_APPROVED.value, "Approved for now"
        APPROVED = contracts.AuditStatus.APPROVED.value, "Approved"

    class Source(models.TextChoices):
        API = contracts.Source.API.value, "API"
        FILE = contracts.Source.FILE.value, "File"
        ORDER = "order", "Order"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="listings")
    remote_id = models.CharField("product ID", max_length=32)
    title = models.CharField(max_length=600, blank=True)
    status = models.CharField(max_length=24, choices=Status, blank=True)
    status_text = models.CharField(
        max_length=60, blank=True, help_text="In the platform's own words."
    )
    audit = models.CharField(max_length=16, choices=Audit, blank=True)
    audit_text = models.CharField(max_length=60, blank=True)
    rejections = models.JSONField(
        default=list,
        blank=True,
        help_text="[{position, reasons, suggestions, listing_platform}], verbatim.",
    )
    category_remote_id = models.CharField("category ID", max_length=32, blank=True)
    category_name = models.CharField(max_length=300, blank=True)
    brand_name = models.CharField(max_length=160, blank=True)
    image_url = models.CharField(max_length=1000, blank=True)
    quality = models.CharField(max_length=16, blank=True)
    has_draft = models.BooleanField(null=True)
    external_id = models.CharField(max_length=999, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.API)

    remote_created_at = models.DateTimeField(null=True, blank=True)
    remote_updated_at = models.DateTimeField(null=True, blank=True)
    status_learnt_at = learnt_field()
    audit_learnt_at = learnt_field()
    content_learnt_at = learnt_field()
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="When we learnt that it is gone."
    )
    # Of the version whose details are stored; details are due while they differ.
    details_of = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ListingQuerySet.as_manager()

    class Meta:
        ordering = ["-remote_updated_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="listing_unique_per_shop"
            )
        ]
        indexes = [
            models.Index(fields=["shop", "status"], name="listing_shop_status"),
            models.Index(fields=["remote_id"], name="listing_remote_id"),
            models.Index(fields=["modified_at", "id"], name="listing_modified"),
        ]

    def __str__(self) -> str:
        return self.title or self.remote_id


class ListingPayload(TimestampedModel):
    """A listing whole, as a detail call gave it: what an edit starts from."""

    listing = models.OneToOneField(Listing, models.CASCADE, related_name="payload")
    body = models.JSONField()
    content_hash = models.CharField(max_length=64)
    fingerprint = models.CharField(
        max_length=64, help_text="Of what only an edit changes, not a sale or a review."
    )
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Payload of {self.listing_id}"


class ListingSkuQuerySet(models.QuerySet["ListingSku"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_LISTING))

    def present(self) -> Self:
        """Those the platform still has."""
        return self.filter(removed_at__isnull=True)

    def listed(self) -> Self:
        """Those the platform still has, in listings that are not deleted."""
        return self.present().exclude(listing__status=Listing.Status.DELETED)

    def open(self) -> Self:
        """Those somebody has to look at."""
        return self.present().exclude(
            mapping__in=[ListingSku.Mapping.MATCHED, ListingSku.Mapping.IGNORED]
        )


class ListingSku(TimestampedModel):
    """One SKU of a listing, and the variant of ours it stands for."""

    class Mapping(models.TextChoices):
        UNMATCHED = "unmatched", "Unmatched"
        SUGGESTED = "suggested", "Suggested"
        CONFLICT = "conflict", "Conflict"
        MATCHED = "matched", "Matched"
        IGNORED = "ignored", "Ignored"

    class Reason(models.TextChoices):
        SAME_SKU = "same_sku", "Same SKU"
        SAME_BARCODE = "same_barcode", "Same barcode"
        MATCHED_ELSEWHERE = "matched_elsewhere", "Matched in another shop"
        TITLE = "title", "Title alike"
        CHOSEN = "chosen", "Chosen by hand"
        CREATED = "created", "Created from it"
        FILE = "file", "From a file"

    # The listing's, here once more: a SKU ID is one within a shop.
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="listing_skus")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="skus")
    remote_id = models.CharField("SKU ID", max_length=32)
    position = models.PositiveSmallIntegerField(default=0)
    seller_sku = models.CharField("seller SKU", max_length=120, blank=True)
    variation = models.CharField(max_length=300, blank=True)
    barcode = models.CharField(max_length=40, blank=True)
    image_url = models.CharField(max_length=1000, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    price_amount = models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True
    )
    list_price_amount = models.DecimalField(
        max_digits=19, decimal_places=4, null=True, blank=True
    )
    quantity = models.IntegerField(null=True, blank=True)
    is_active = models.BooleanField(null=True)
    price_learnt_at = learnt_field()
    quantity_learnt_at = learnt_field()
    seen_at = learnt_field()
    removed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the listing no longer had it."
    )

    mapping = models.CharField(
        max_length=12, choices=Mapping, default=Mapping.UNMATCHED
    )
    variant = models.ForeignKey(
        Variant, models.PROTECT, null=True, blank=True, related_name="listing_skus"
    )
    mapped_reason = models.CharField(max_length=20, choices=Reason, blank=True)
    mapped_confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    mapped_at = models.DateTimeField(null=True, blank=True)
    mapped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ListingSkuQuerySet.as_manager()

    class Meta:
        ordering = ["listing", "position", "pk"]
        verbose_name = "listing SKU"
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "remote_id"], name="listing_sku_unique_per_shop"
            ),
            models.CheckConstraint(
                condition=Q(mapping="matched", variant__isnull=False)
                | (~Q(mapping="matched") & Q(variant__isnull=True)),
                name="listing_sku_matched_has_variant",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "mapping"], name="listing_sku_shop_mapping"),
            models.Index(fields=["seller_sku"], name="listing_sku_seller_sku"),
            models.Index(fields=["remote_id"], name="listing_sku_remote_id"),
        ]

    def __str__(self) -> str:
        return self.seller_sku or self.remote_id

    @property
    def price(self) -> Money | None:
        if self.price_amount is None or not self.currency:
            return None
        return Money(self.price_amount, self.currency)
