"""Listing SKUs that orders name, made where no source has told of them yet.

So they can be matched to variants before, or without, a pull; the next one fills them.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from django.db.models import F

from apps.core.storing import clean, portions
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.products.services.staleness import mark_stale

# Files of most regions name no product: its SKU waits below a listing called after it,
# until a pull tells where it belongs.
PLACEHOLDER = "sku:"


class SoldLine(Protocol):
    """What an order says of a SKU it sold."""

    @property
    def remote_sku_id(self) -> str: ...

    @property
    def remote_product_id(self) -> str: ...

    @property
    def seller_sku(self) -> str: ...

    @property
    def product_name(self) -> str: ...

    @property
    def variation(self) -> str: ...

    @property
    def image_url(self) -> str: ...


def note_sold_skus(shop: Shop, lines: Iterable[SoldLine]) -> dict[str, ListingSku]:
    """{SKU ID: its row} for all SKU IDs of these lines; rows are made where missing.

    Call it in the transaction that holds the shop's lock. The rows stay locked, so that
    what they are mapped to cannot change before the lines are written.
    """
    told = {line.remote_sku_id: line for line in lines if _is_id(line.remote_sku_id)}
    skus: dict[str, ListingSku] = {}
    for ids in portions(sorted(told)):
        rows = (
            ListingSku.objects.filter(shop=shop, remote_id__among=ids)
            .only("remote_id", "variant")
            .select_for_update(no_key=True)
            .order_by("pk")
        )
        skus |= {row.remote_id: row for row in rows}
    if missing := [line for key, line in sorted(told.items()) if key not in skus]:
        skus |= {row.remote_id: row for row in _make(shop, missing)}
        mark_stale(shop.client_id)
    return skus


def _make(shop: Shop, lines: Sequence[SoldLine]) -> list[ListingSku]:
    listings = _listings_of(shop, lines)
    return ListingSku.objects.bulk_create(
        ListingSku(
            shop=shop,
            listing=listings[_listing_id(line)],
            remote_id=line.remote_sku_id,
            seller_sku=clean(line.seller_sku)[:120].strip(),
            variation=clean(line.variation)[:300],
            image_url=clean(line.image_url)[:1000],
        )
        for line in lines
    )


def _listings_of(shop: Shop, lines: Sequence[SoldLine]) -> dict[str, Listing]:
    told = {_listing_id(line): line for line in lines}
    rows = Listing.objects.filter(shop=shop, remote_id__among=told)
    listings = {row.remote_id: row for row in rows}
    if any(row.details_of for row in listings.values()):
        # Their details did not name these SKUs: the next tell whether they are gone.
        rows.filter(details_of=F("remote_updated_at")).update(
            details_of=F("details_of") - timedelta(seconds=1)
        )
    new = Listing.objects.bulk_create(
        Listing(
            shop=shop,
            remote_id=remote_id,
            title=clean(line.product_name)[:600],
            image_url=clean(line.image_url)[:1000],
            source=Listing.Source.ORDER,
        )
        for remote_id, line in sorted(told.items())
        if remote_id not in listings
    )
    return listings | {row.remote_id: row for row in new}


def _listing_id(line: SoldLine) -> str:
    if _is_id(line.remote_product_id):
        return line.remote_product_id
    return f"{PLACEHOLDER}{line.remote_sku_id}"[:32]


def _is_id(text: str) -> bool:
    return 0 < len(text) <= 32 and clean(text) == text
