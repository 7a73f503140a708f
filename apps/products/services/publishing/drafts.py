"""Listings being written: begun, continued, saved, given up."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone

from apps.core.storing import clean, storable
from apps.integrations.errors import NotFound
from apps.integrations.tiktok.products import bodies
from apps.platforms.models import Shop
from apps.products.errors import DraftChanged, DraftRefuses
from apps.products.models import (
    Listing,
    ListingDraft,
    Product,
    PublishItem,
    PublishRun,
)
from apps.products.services.publishing.attributes import rules_for
from apps.products.services.publishing.channel import Channel
from apps.products.services.publishing.new_content import content_of
from apps.products.services.publishing.notes import Notes
from apps.products.services.publishing.own_rows import refuse_foreign
from apps.products.services.publishing.rebasing import rebased
from apps.products.services.publishing.surroundings import (
    brand_id,
    facts_or_none,
    linked_category,
    recommended_category,
    warehouse_id,
)
from apps.users.models import User

Json = Mapping[str, Any]


def start_new(shop: Shop, product: Product, user: User | None) -> ListingDraft:
    """A draft of a new listing, filled from the product as far as it goes.

    The category is the one linked to ours, else the one the platform recommends; the
    draft's notes say what was found how, and what is left to a person. An outage
    leaves gaps, no error. Raises DraftRefuses for another client's product.
    """
    if product.client_id != shop.client_id:
        raise DraftRefuses("There is no such product.")
    variants = list(product.variants.filter(is_active=True).order_by("position", "pk"))
    if not variants:
        raise DraftRefuses(f"{product} has no active variant. Add one, then list it.")
    notes, channel = Notes(), Channel(shop, urgent=True)
    category_id = _category(channel, product, notes)
    facts = facts_or_none(channel, category_id, notes)
    content = content_of(
        shop,
        product,
        variants,
        facts,
        rules_for(shop.client_id, shop.region, category_id),
        warehouse_id(channel, notes),
        notes,
    )
    if category_id:
        content["category_id"] = category_id
    if brand := brand_id(channel, product.brand.strip(), category_id, notes):
        content["brand_id"] = brand
    return ListingDraft.objects.create(
        shop=shop, product=product, content=content, notes=notes.as_json(), user=user
    )


def start_edit(listing: Listing, user: User | None) -> ListingDraft:
    """A draft of changes to a listing, on top of its newest version at the platform.

    An open draft is continued, whoever began it. Raises DraftRefuses where the
    platform does not have the listing any more, PlatformError.
    """
    if draft := _open_draft(listing):
        return draft
    base = _newest(listing)
    try:
        with transaction.atomic():
            return ListingDraft.objects.create(
                shop=listing.shop,
                listing=listing,
                base=base,
                base_fingerprint=bodies.fingerprint(base),
                user=user,
            )
    except IntegrityError:  # somebody began one at the same moment
        if draft := _open_draft(listing):
            return draft
        raise


def save(
    draft: ListingDraft,
    changes: Json,
    *,
    drop: Collection[str] = (),
    removed_sku_ids: Collection[str] | None = None,
    seen_at: datetime | None = None,
) -> ListingDraft:
    """Put `changes`, {field of the content: new value}, into an open draft.

    None takes a field out of a new listing, and clears it when an edit is sent; `drop`
    takes changes back. SKUs are given as a whole list. `seen_at` is the `modified_at`
    of the version the person saw, by default the draft's own: raises DraftChanged if
    it has changed since, DraftRefuses for what no draft may have.
    """
    refuse_foreign(draft.shop, changes)
    refuse_unanswered(draft)
    content = {**draft.content, **storable(changes)}
    content = {
        name: value
        for name, value in content.items()
        if name not in drop and (value is not None or draft.listing_id is not None)
    }
    removed = draft.removed_sku_ids
    if removed_sku_ids is not None:
        removed = sorted({clean(str(each)) for each in removed_sku_ids})
    _change(
        draft,
        seen_at or draft.modified_at,
        {"content": content, "removed_sku_ids": removed},
    )
    return draft


def discard(draft: ListingDraft, *, seen_at: datetime | None = None) -> ListingDraft:
    """Give an open draft up; it is kept, and a new one may begin."""
    refuse_unanswered(draft)
    _change(
        draft,
        seen_at or draft.modified_at,
        {"state": ListingDraft.State.DISCARDED},
    )
    return draft


def take_present(draft: ListingDraft) -> ListingDraft:
    """Keep the changes, on top of what the platform has now instead of what it had:
    the answer to "changed meanwhile". Raises DraftRefuses, PlatformError."""
    if draft.listing is None:
        raise DraftRefuses("This listing is new; there is nothing to compare it with.")
    base = _newest(draft.listing)
    present = {str(sku.get("id") or "") for sku in base.get("skus") or ()}
    _change(
        draft,
        draft.modified_at,
        {
            "base": base,
            "base_fingerprint": bodies.fingerprint(base),
            "content": rebased(draft.content, draft.base, base),
            "removed_sku_ids": [key for key in draft.removed_sku_ids if key in present],
        },
    )
    return draft


def refuse_unanswered(draft: ListingDraft) -> None:
    """Raise DraftRefuses while nobody knows whether the listing was made.

    Until the same attempt is repeated and answered, a changed draft might be listed a
    second time, or be taken for what was listed as it was.
    """
    tried = PublishItem.objects.filter(
        draft=draft,
        run__kind=PublishRun.Kind.CREATE,
        sent_at__isnull=False,
        request__idempotency_key=str(draft.idempotency_key),
    )
    if draft.state == ListingDraft.State.OPEN and tried.exists():
        raise DraftRefuses(
            "TikTok has not answered the last attempt to list this. Send it again as "
            "it is; then it can be changed."
        )


def renew_key(draft: ListingDraft) -> None:
    """The platform has refused for certain: what is sent next is another attempt."""
    draft.idempotency_key = uuid.uuid4()
    draft.save(update_fields=["idempotency_key", "modified_at"])


def _change(draft: ListingDraft, seen_at: datetime, values: dict[str, Any]) -> None:
    """Write if the draft is open, as it was seen and not being sent: in one
    statement."""
    now = timezone.now()
    under_way = _being_sent(draft)
    open_as_seen = ListingDraft.objects.filter(
        ~Exists(under_way),
        pk=draft.pk,
        state=ListingDraft.State.OPEN,
        modified_at=seen_at,
    )
    if not open_as_seen.update(**values, modified_at=now):
        if under_way.exists():
            raise DraftRefuses("This draft is being sent. Wait for the outcome.")
        current = ListingDraft.objects.get(pk=draft.pk)
        if current.state != ListingDraft.State.OPEN:
            words = current.get_state_display().lower()
            raise DraftRefuses(f"This draft is {words}. Begin a new one.")
        raise DraftChanged(
            "Somebody changed this draft after you opened it. Reload it and decide "
            "anew; nothing was saved."
        )
    for name, value in values.items():
        setattr(draft, name, value)
    draft.modified_at = now


def _being_sent(draft: ListingDraft) -> QuerySet[PublishItem]:
    return PublishItem.objects.filter(
        draft=draft,
        state__in=[PublishItem.State.WAITING, PublishItem.State.SENDING],
        run__state__in=[PublishRun.State.WAITING, PublishRun.State.RUNNING],
    )


def _open_draft(listing: Listing) -> ListingDraft | None:
    return ListingDraft.objects.filter(
        listing=listing, state=ListingDraft.State.OPEN
    ).first()


def _newest(listing: Listing) -> dict[str, Any]:
    """The whole product as the platform shows it now."""
    try:
        found = Channel(listing.shop, urgent=True).newest(listing.remote_id)
    except NotFound as error:
        raise DraftRefuses(f"TikTok does not have “{listing}” any more.") from error
    return dict(found.raw)


def _category(channel: Channel, product: Product, notes: Notes) -> str:
    if link := linked_category(product.category, channel.shop.region):
        notes.adapted(
            "category_id", f"Our category is linked to {link.path or 'it'} here."
        )
        return link.category_remote_id
    return recommended_category(channel, product.name, product.description, notes)
