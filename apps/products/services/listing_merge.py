"""How one more piece of news changes what we know of a listing. No database.

Rules: a whole row sets everything; a short one what it names; where the API has
spoken, a file only fills gaps; older news changes nothing. What a source does not say
is unknown and never erases what another said.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from apps.core.storing import clean
from apps.integrations.contracts import (
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
    Source,
)
from apps.products.models import Listing, ListingSku

LISTING_FIELDS = (
    "title",
    "status",
    "status_text",
    "audit",
    "audit_text",
    "rejections",
    "category_remote_id",
    "category_name",
    "brand_name",
    "image_url",
    "quality",
    "has_draft",
    "external_id",
    "source",
    "remote_created_at",
    "remote_updated_at",
    "status_learnt_at",
    "audit_learnt_at",
    "content_learnt_at",
    "deleted_at",
    "details_of",
)
# Not what it is mapped to: that is decided elsewhere, perhaps at this moment.
SKU_FIELDS = (
    "listing",
    "position",
    "seller_sku",
    "variation",
    "barcode",
    "image_url",
    "currency",
    "price_amount",
    "list_price_amount",
    "quantity",
    "is_active",
    "price_learnt_at",
    "quantity_learnt_at",
    "seen_at",
    "removed_at",
)
# What suggestions are made from.
IDENTITY = frozenset(
    {
        "title",
        "brand_name",
        "seller_sku",
        "barcode",
        "variation",
        "price_amount",
        "currency",
    }
)
# Where a short row says something else of these, the details are others, too.
TELLING = frozenset({"title", "status", "audit", "has_draft"})
_SECOND = timedelta(seconds=1)
_BLANK: tuple[Any, ...] = (None, "", [])
# Of a whole row these say "none" where they are blank; others say "unknown".
_CLEARED_BY_WHOLE = frozenset(
    {
        "rejections",
        "category_remote_id",
        "category_name",
        "brand_name",
        "image_url",
        "external_id",
        "seller_sku",
        "variation",
        "barcode",
    }
)
_RANKS = (Listing.Source.ORDER, Listing.Source.FILE, Listing.Source.API)
_LARGEST_AMOUNT = Decimal(10) ** 15 - 1
_EXACT = Decimal("0.0001")
_MOST_UNITS = 2**31 - 1


class Take(Enum):
    """How much of a piece of news is believed."""

    WHOLE = "whole"
    SHORT = "short"
    GAPS = "gaps"
    NOTHING = "nothing"


def unusable(remote: RemoteListing) -> str:
    """Why a listing cannot be stored, in a sentence; "" if it can."""
    if not _is_id(remote.remote_id):
        return "the product ID is missing, too long or not text that can be stored"
    for sku in remote.skus:
        # A draft's SKU may have no ID yet; nothing can refer to it.
        if sku.remote_id and not _is_id(sku.remote_id):
            return f"the SKU ID “{sku.remote_id[:40]}” cannot be stored"
        amounts = [a for a in (sku.price, sku.list_price) if a is not None]
        if not all(a.is_finite() and 0 <= a <= _LARGEST_AMOUNT for a in amounts):
            return f"a price of the SKU {sku.remote_id} is out of range"
        if amounts and len(sku.currency) not in (0, 3):
            return f"“{sku.currency[:40]}” is not a currency code"
        if sku.quantity is not None and abs(sku.quantity) > _MOST_UNITS:
            return f"the stock of the SKU {sku.remote_id} is out of range"
    return ""


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 32 and clean(text) == text and text == text.strip()


def how_to_take(listing: Listing, remote: RemoteListing, source: Source) -> Take:
    """What a row of this source may change of the listing as it is stored."""
    if source is Source.FILE:
        is_told = listing.source == Listing.Source.API
        return Take.GAPS if is_told else Take.SHORT
    known = listing.remote_updated_at
    if (
        known is not None
        and remote.updated_at is not None
        and remote.updated_at < known
    ):
        # Late details are better than none; they stay due.
        has_none = listing.details_of is None
        return Take.GAPS if remote.is_whole and has_none else Take.NOTHING
    return Take.WHOLE if remote.is_whole else Take.SHORT


def take_listing(
    listing: Listing, remote: RemoteListing, source: Source, take: Take, now: datetime
) -> tuple[set[str], set[str]]:
    """Write the news into `listing` (not saved).

    Gives the names of fields that changed, and the instants of learning that are now:
    those are written in the row, but alone are no change.
    """
    told = _listing_values(remote)
    learnt = set()
    for name, facts in _FACTS.items():
        if all(told[fact] in _BLANK for fact in facts):
            for fact in facts:  # both unknown: not a status that we do not understand
                del told[fact]
        elif take is not Take.GAPS or all(
            getattr(listing, fact) in _BLANK for fact in facts
        ):
            learnt.add(name)
        else:
            for fact in facts:
                del told[fact]
    if take is Take.WHOLE:
        learnt.add("content_learnt_at")
    changed = _write(listing, told, take, kept_together=_KEPT_TOGETHER)
    if "status" in told and _note_deletion(listing, now):
        changed.add("deleted_at")
    if take is Take.WHOLE:
        version = remote.updated_at or listing.remote_updated_at or now
        if listing.details_of != version:
            listing.details_of = version
            changed.add("details_of")
    if _RANKS.index(Listing.Source(source.value)) > _RANKS.index(
        Listing.Source(listing.source)
    ):
        listing.source = Listing.Source(source.value)
        changed.add("source")
    for name in learnt:
        setattr(listing, name, now)
    return changed, learnt


def doubt_details(listing: Listing) -> None:
    """Have details that are taken to be of the latest version asked for once more.

    Update times are whole seconds, so a second change within one shows in what is said
    and not in when.
    """
    if listing.details_of and listing.details_of == listing.remote_updated_at:
        listing.details_of -= _SECOND


# What is learnt at the same instant because it is said together.
_FACTS = {
    "status_learnt_at": ("status", "status_text"),
    "audit_learnt_at": ("audit", "audit_text"),
}
_KEPT_TOGETHER = frozenset(name for facts in _FACTS.values() for name in facts)


def _listing_values(remote: RemoteListing) -> dict[str, Any]:
    path = [clean(name).strip() for name in remote.category_path]
    return {
        "title": _cut(Listing, "title", remote.title),
        "status": remote.status.value,
        "status_text": _cut(Listing, "status_text", remote.status_text),
        "audit": remote.audit.value,
        "audit_text": _cut(Listing, "audit_text", remote.audit_text),
        "rejections": [
            {
                "position": clean(row.position),
                "reasons": [clean(text) for text in row.reasons],
                "suggestions": [clean(text) for text in row.suggestions],
                "listing_platform": clean(row.listing_platform),
            }
            for row in remote.rejections
        ],
        "category_remote_id": _cut(Listing, "category_remote_id", remote.category_id),
        "category_name": _cut(Listing, "category_name", path[-1] if path else ""),
        "brand_name": _cut(Listing, "brand_name", remote.brand_name),
        "image_url": _cut(
            Listing, "image_url", remote.image_urls[0] if remote.image_urls else ""
        ),
        "quality": _cut(Listing, "quality", remote.quality),
        "has_draft": remote.has_draft,
        "external_id": _cut(Listing, "external_id", remote.external_id),
        "remote_created_at": remote.created_at,
        "remote_updated_at": remote.updated_at,
    }


def _note_deletion(listing: Listing, now: datetime) -> bool:
    is_gone = listing.status == ListingStatus.DELETED.value
    if is_gone is (listing.deleted_at is not None):
        return False
    listing.deleted_at = now if is_gone else None
    return True


def take_sku(
    sku: ListingSku, remote: RemoteListingSku, position: int, take: Take, now: datetime
) -> tuple[set[str], set[str]]:
    """As take_listing, of one SKU. A new one takes everything."""
    is_new = sku.pk is None and sku.seen_at is None
    if is_new and take is Take.GAPS:
        take = Take.SHORT
    told = _sku_values(remote)
    if take is Take.WHOLE or is_new:
        told["position"] = min(position, 32_767)
    if told["price_amount"] is None:
        # A strike-through price alone is not understood without the price.
        for name in ("price_amount", "list_price_amount", "currency"):
            del told[name]
    learnt = {"seen_at"} if take is not Take.GAPS else set()
    if "price_amount" in told and (take is not Take.GAPS or sku.price_amount is None):
        learnt.add("price_learnt_at")
    if told["quantity"] is not None and (take is not Take.GAPS or sku.quantity is None):
        learnt.add("quantity_learnt_at")
    changed = _write(sku, told, take)
    is_no_longer_reduced = (
        take is Take.WHOLE and "price_amount" in told and remote.list_price is None
    )
    if is_no_longer_reduced and sku.list_price_amount is not None:
        sku.list_price_amount = None
        changed.add("list_price_amount")
    if take is not Take.GAPS and sku.removed_at is not None:
        sku.removed_at = None
        changed.add("removed_at")
    for name in learnt:
        setattr(sku, name, now)
    return changed, learnt


def _sku_values(remote: RemoteListingSku) -> dict[str, Any]:
    return {
        "seller_sku": _cut(ListingSku, "seller_sku", remote.seller_sku.strip()),
        "variation": _cut(ListingSku, "variation", remote.variation),
        "barcode": _cut(ListingSku, "barcode", remote.barcode.strip()),
        "image_url": _cut(ListingSku, "image_url", remote.image_url),
        "currency": remote.currency,
        "price_amount": _exact(remote.price),
        "list_price_amount": _exact(remote.list_price),
        "quantity": remote.quantity,
        "is_active": remote.is_active,
    }


def _exact(amount: Decimal | None) -> Decimal | None:
    """As the column keeps it, so that the same again is found to be the same."""
    return None if amount is None else amount.quantize(_EXACT)


def _write(
    row: Any,
    told: dict[str, Any],
    take: Take,
    *,
    kept_together: frozenset[str] = frozenset(),
) -> set[str]:
    """Names of what changed. A new signature of the same picture is none: it is kept
    when the row is written for something else."""
    changed = set()
    for name, value in told.items():
        known = getattr(row, name)
        if take is Take.GAPS and known not in _BLANK:
            continue
        clears = take is Take.WHOLE and name in _CLEARED_BY_WHOLE
        if value in _BLANK and not (clears or name in kept_together):
            continue
        if known == value:
            continue
        setattr(row, name, value)
        if name != "image_url" or _picture(known) != _picture(value):
            changed.add(name)
    return changed


def _picture(address: str) -> str:
    """What stays of a picture's address while host and signature come and go."""
    try:
        return urlsplit(address).path
    except ValueError:
        return address


_LENGTHS = {
    (model, field.name): field.max_length
    for model in (Listing, ListingSku)
    for field in model._meta.concrete_fields
    if field.max_length
}


def _cut(model: type[Any], name: str, text: str) -> str:
    return clean(text)[: _LENGTHS[model, name]]
