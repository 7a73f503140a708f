"""Which listing SKU may stand for which variant, and who decided what."""

from typing import Self

from django.conf import settings
from django.db import models

from apps.core.models import TimestampedModel
from apps.platforms.models import Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models.catalogue import Variant
from apps.products.models.listing import ListingSku
from apps.users.models import AnyUser, Client
from apps.users.roles import VIEW_LISTING


class MappingSuggestion(models.Model):
    """A variant that a listing SKU may be, how sure that is, and why."""

    listing_sku = models.ForeignKey(
        ListingSku, models.CASCADE, related_name="suggestions"
    )
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="suggestions")
    reason = models.CharField(max_length=20, choices=ListingSku.Reason)
    confidence = models.PositiveSmallIntegerField(help_text="0 to 100.")
    explanation = models.CharField(max_length=300)

    class Meta:
        ordering = ["-confidence", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["listing_sku", "variant"], name="mapping_suggestion_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__lte=100),
                name="mapping_suggestion_confidence",
            ),
        ]
        indexes = [
            models.Index(fields=["confidence"], name="mapping_suggestion_sureness"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_sku_id} may be {self.variant_id}"


class MappingBatchQuerySet(models.QuerySet["MappingBatch"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_LISTING))


class MappingBatch(models.Model):
    """What one decision changed in one shop; the whole of it can be undone."""

    class Deed(models.TextChoices):
        ACCEPT = "accept", "Accepted suggestions"
        CHOOSE = "choose", "Chose a variant"
        CREATE = "create", "Created a product"
        IGNORE = "ignore", "Ignored"
        UNLINK = "unlink", "Unlinked"
        FILE = "file", "Imported a file"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="mapping_batches")
    deed = models.CharField(max_length=8, choices=Deed)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    lines_relinked = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(
        default=0, help_text="How many SKUs it is about, be they changed yet or not."
    )
    # What is accepted in the background is taken from here piece by piece, in the
    # transaction that changes it: whoever goes on after a crash goes on here.
    is_running = models.BooleanField(default=False)
    pending = models.JSONField(
        default=list, blank=True, help_text="[[listing SKU, variant]] still to come."
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MappingBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "decision"
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(is_running=True),
                name="mapping_batch_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} in {self.shop}"


class MappingChange(models.Model):
    """One listing SKU in a batch: what it was, and what it became."""

    batch = models.ForeignKey(MappingBatch, models.CASCADE, related_name="changes")
    listing_sku = models.ForeignKey(
        ListingSku, models.CASCADE, related_name="mapping_changes"
    )
    mapping_before = models.CharField(max_length=12, choices=ListingSku.Mapping)
    mapping_after = models.CharField(max_length=12, choices=ListingSku.Mapping)
    variant_before = models.ForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="+"
    )
    variant_after = models.ForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="+"
    )
    reason_before = models.CharField(
        max_length=20, choices=ListingSku.Reason, blank=True
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "listing_sku"], name="mapping_change_once_a_batch"
            )
        ]

    def __str__(self) -> str:
        return f"{self.listing_sku_id}: {self.mapping_before} to {self.mapping_after}"


class MappingState(TimestampedModel):
    """Of each client: when suggestions were last worked out, and whether what they
    hang on has changed since."""

    client = models.OneToOneField(Client, models.CASCADE, related_name="mapping_state")
    stale_since = models.DateTimeField(null=True, blank=True)
    suggested_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Suggestions for {self.client_id}"
