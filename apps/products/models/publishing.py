"""What we want shops to list, and how each attempt to tell them went."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.models import TimestampedModel
from apps.platforms.models import ApiApp, Shop
from apps.platforms.models.shop import at_shops_of
from apps.products.models.catalogue import Product
from apps.products.models.listing import Listing
from apps.users.models import AnyUser
from apps.users.roles import VIEW_LISTING


def _by_whom() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )


class AtShopQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(at_shops_of(user, VIEW_LISTING))


class ListingDraft(TimestampedModel):
    """A listing being written: a new one, or changes to one there is.

    `content` has the fields of the platform's create call; of an edit only those to
    change. Pictures not yet sent stand in it as {"image": key of ProductImage} or
    {"from_url": address} in the place of {"uri": …}, and a SKU names the variant it was
    made from as {"variant": key}; neither is sent.
    """

    class State(models.TextChoices):
        OPEN = "open", "Being written"
        SENT = "sent", "Sent"
        DISCARDED = "discarded", "Discarded"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="listing_drafts")
    listing = models.ForeignKey(
        Listing, models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    product = models.ForeignKey(
        Product, models.SET_NULL, null=True, blank=True, related_name="drafts"
    )
    copied_from = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    content = models.JSONField(default=dict)
    removed_sku_ids = models.JSONField(default=list, blank=True)
    base = models.JSONField(
        default=dict, blank=True, help_text="The listing as it was when this began."
    )
    base_fingerprint = models.CharField(max_length=64, blank=True)
    notes = models.JSONField(
        default=list,
        blank=True,
        help_text="[{field, text, needs_person}]: what was adapted, what is left.",
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    user = _by_whom()

    objects = AtShopQuerySet.as_manager()

    class Meta:
        ordering = ["-modified_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(state="open"),
                name="listing_draft_one_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.content.get("title") or self.listing or "New listing")


class PublishRun(models.Model):
    """One deed on many listings of a shop, done in the background, item by item."""

    class Kind(models.TextChoices):
        CREATE = "create", "Create"
        EDIT = "edit", "Edit"
        PRICE = "price", "Change prices"
        ACTIVATE = "activate", "Activate"
        DEACTIVATE = "deactivate", "Deactivate"
        DELETE = "delete", "Delete"
        RECOVER = "recover", "Recover"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTLY = "partly", "Done with failures"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="publish_runs")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    user = _by_whom()
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_stop_asked = models.BooleanField(default=False)
    process = models.CharField(max_length=160, blank=True)
    error = models.CharField(max_length=500, blank=True)
    retry_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="retries"
    )

    objects = AtShopQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop"],
                condition=Q(state="running"),
                name="publish_run_one_running",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in {self.shop}"


class PublishItem(models.Model):
    """One listing of a run. `request` is what was or will be sent, `failure` the
    platform's answer in its own words, `differences` what it changes there."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Sending"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        STALE = "stale", "Changed meanwhile"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    run = models.ForeignKey(PublishRun, models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    listing = models.ForeignKey(
        Listing, models.CASCADE, null=True, blank=True, related_name="publish_items"
    )
    draft = models.ForeignKey(
        ListingDraft, models.SET_NULL, null=True, blank=True, related_name="items"
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    request = models.JSONField(default=dict, blank=True)
    differences = models.JSONField(default=list, blank=True)
    code = models.BigIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=1000, blank=True)
    details = models.JSONField(default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"], name="publish_item_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}"


class ChannelImage(models.Model):
    """A picture the platform keeps for an app: what was sent once is not sent again."""

    api_app = models.ForeignKey(ApiApp, models.CASCADE, related_name="channel_images")
    sha256 = models.CharField(max_length=64)
    use_case = models.CharField(max_length=24)
    uri = models.CharField(max_length=300)
    url = models.CharField(max_length=1000, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["api_app", "sha256", "use_case"], name="channel_image_unique"
            )
        ]

    def __str__(self) -> str:
        return self.uri
