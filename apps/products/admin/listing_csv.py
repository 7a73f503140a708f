"""The listings one sees as a file, a row per SKU."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from apps.core.exports import csv_response
from apps.products.admin.selection import chosen
from apps.products.models import Listing, ListingSku

HEADER = (
    "shop",
    "region",
    "product_id",
    "title",
    "status",
    "review",
    "category",
    "quality",
    "sku_id",
    "seller_sku",
    "variation",
    "barcode",
    "currency",
    "price",
    "list_price",
    "quantity",
    "active",
    "matching",
    "our_sku",
    "updated_at",
    "status_learnt_at",
    "price_learnt_at",
    "quantity_learnt_at",
)
_CHUNK = 500


def export(request: HttpRequest) -> StreamingHttpResponse:
    """Of those ticked; of all that match, if none is."""
    listings = chosen(request, all_if_none=True)
    keys = list(listings.order_by("shop", "pk").values_list("pk", flat=True))
    name = f"listings-{timezone.now():%Y%m%d-%H%M}.csv"
    return csv_response(name, HEADER, _rows(keys))


def _rows(keys: list[int]) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(keys), _CHUNK):
        some = Listing.objects.filter(pk__in=keys[start : start + _CHUNK])
        skus: dict[int, list[ListingSku]] = {}
        for sku in (
            ListingSku.objects.present()
            .filter(listing__in=some.values("pk"))
            .select_related("variant")
        ):
            skus.setdefault(sku.listing_id, []).append(sku)
        for listing in some.select_related("shop").order_by("shop", "pk"):
            rows: list[ListingSku | None] = [*skus.get(listing.pk, [])]
            for each in rows or [None]:
                yield (*_of_listing(listing), *_of_sku(each), *_learnt(listing, each))


def _of_listing(listing: Listing) -> tuple[Any, ...]:
    return (
        listing.shop.name,
        listing.shop.region,
        listing.remote_id,
        listing.title,
        listing.status or listing.status_text,
        listing.audit,
        listing.category_name,
        listing.quality,
    )


def _of_sku(sku: ListingSku | None) -> tuple[Any, ...]:
    if sku is None:
        return ("",) * 11
    active = {True: "yes", False: "no", None: ""}[sku.is_active]
    return (
        sku.remote_id,
        sku.seller_sku,
        sku.variation,
        sku.barcode,
        sku.currency,
        _plain(sku.price_amount),
        _plain(sku.list_price_amount),
        sku.quantity,
        active,
        sku.mapping,
        sku.variant.sku if sku.variant else "",
    )


def _learnt(listing: Listing, sku: ListingSku | None) -> tuple[str, ...]:
    moments = (
        listing.remote_updated_at,
        listing.status_learnt_at,
        sku and sku.price_learnt_at,
        sku and sku.quantity_learnt_at,
    )
    return tuple(f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else "" for at in moments)


def _plain(amount: Any) -> str:
    """Without idle zeros beyond two decimals; empty where nobody told."""
    if amount is None:
        return ""
    text = f"{amount:f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"
