"""What brands are called: the platform tells names by search and in listings alone."""

from collections.abc import Iterable

from django.core.cache import cache

from apps.integrations.contracts import RemoteBrand
from apps.integrations.tiktok.reading import identifier, text
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingDraft, ListingPayload

_KEPT_SECONDS = 7 * 24 * 3600


def remember_brands(shop: Shop, brands: Iterable[RemoteBrand]) -> None:
    """Keep the names a search has told."""
    cache.set_many(
        {_key(shop, brand.remote_id): brand.name for brand in brands if brand.name},
        _KEPT_SECONDS,
    )


def brand_name(draft: ListingDraft, brand_id: str) -> str:
    """As the listing itself has it, else as a search told; empty if nobody said."""
    told = [draft.base.get("brand")]
    listing = draft.listing or draft.copied_from
    if not draft.base and listing is not None:
        told.append(_brand_of(listing))
    for brand in told:
        if isinstance(brand, dict) and identifier(brand, "id") == brand_id:
            return text(brand, "name")
    return str(cache.get(_key(draft.shop, brand_id)) or "")


def _brand_of(listing: Listing) -> object:
    rows = ListingPayload.objects.filter(listing=listing)
    return rows.values_list("body__brand", flat=True).first()


def _key(shop: Shop, brand_id: str) -> str:
    return f"products.brand.{shop.pk}.{brand_id}"
