"""Stored listings with their SKUs as plain JSON, and the way back to them.

    {"columns": {column: value}, or null where the listing was not known,
     "skus": [{"key": the SKU's, "below": {"remote_id": …, column: value},
               "columns": {column: value}}]}

`below` is the listing that a SKU belonged to, which may have been another one. What
SKUs are mapped to is no part of it: that is decided elsewhere.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.core import bulk, plain_rows
from apps.platforms.models import Shop
from apps.products.models import Listing, ListingSku
from apps.products.services.listing_merge import LISTING_FIELDS, SKU_FIELDS
from apps.products.services.sold_skus import PLACEHOLDER
from apps.products.services.staleness import mark_stale

Snapshot = dict[str, Any]
_SKU_COLUMNS = tuple(name for name in SKU_FIELDS if name != "listing")


def snapshots_of_listings(
    shop: Shop, named: Mapping[str, Collection[str]]
) -> dict[str, tuple[int | None, Snapshot]]:
    """{product ID: its key, null where it is not known, and its snapshot} of products
    named with some SKU IDs; also of unknown ones of which a SKU is known."""
    listings = {
        row.remote_id: row
        for row in Listing.objects.filter(shop=shop, remote_id__among=named).order_by()
    }
    sku_ids = {sku_id for ids in named.values() for sku_id in ids}
    keys = [row.pk for row in listings.values()]
    found = ListingSku.objects.filter(
        Q(shop=shop, remote_id__among=sku_ids) | Q(listing__among=keys)
    )
    rows = list(found.select_related("listing").order_by("pk"))
    by_id = {row.remote_id: row for row in rows}
    snapshots: dict[str, tuple[int | None, Snapshot]] = {}
    for remote_id, ids in named.items():
        listing = listings.get(remote_id)
        key = None if listing is None else listing.pk
        skus = {row.pk: row for row in rows if key and row.listing_id == key}
        skus |= {row.pk: row for each in ids if (row := by_id.get(each))}
        columns = (
            None if listing is None else plain_rows.plain_row(listing, LISTING_FIELDS)
        )
        if listing is not None or skus:
            told = [_sku(skus[each]) for each in sorted(skus)]
            snapshots[remote_id] = key, {"columns": columns, "skus": told}
    return snapshots


def print_of(snapshot: Snapshot) -> str:
    """64 hex digits: others where anything else is, or was told again."""
    text = json.dumps(snapshot, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def skus_added(snapshots: Mapping[int, Snapshot | None]) -> "list[int]":
    """Keys of SKUs of these listings, {key: snapshot}, that were not known then."""
    known = {sku["key"] for each in snapshots.values() if each for sku in each["skus"]}
    rows = ListingSku.objects.filter(listing__in=list(snapshots))
    return [key for key in rows.values_list("pk", flat=True) if key not in known]


@transaction.atomic
def restore_listings(shop: Shop, snapshots: Mapping[int, Snapshot | None]) -> None:
    """Let stored listings of a shop, {key: snapshot, or null}, be as they were then:
    those that were not known go, and so do SKUs. Whoever calls this has made sure that
    nothing depends on what goes."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    now = timezone.now()
    listings = Listing.objects.filter(shop=shop, pk__in=list(snapshots)).order_by("pk")
    rows = {row.pk: row for row in listings.select_for_update(of=("self",))}
    then = {
        sku["key"]: sku
        for key in rows
        for sku in (snapshots[key] or {}).get("skus", ())
    }
    added = skus_added({key: snapshots[key] for key in rows})
    skus = ListingSku.objects.filter(shop=shop, pk__in=then).order_by("pk")
    stored = list(skus.select_for_update(no_key=True))
    places = _places(shop, list(then.values()))
    for sku in stored:
        told = then[sku.pk]
        sku.__dict__.update(
            plain_rows.columns(ListingSku, _SKU_COLUMNS, told["columns"])
        )
        sku.listing_id, sku.modified_at = places[told["below"]["remote_id"]], now
    bulk.update(stored, [*SKU_FIELDS, "modified_at"])
    ListingSku.objects.filter(pk__in=added).delete()
    known = []
    for key, row in rows.items():
        columns = (snapshots[key] or {}).get("columns")
        if columns is not None:
            row.__dict__.update(plain_rows.columns(Listing, LISTING_FIELDS, columns))
            row.modified_at = now
            known.append(row)
    bulk.update(known, [*LISTING_FIELDS, "modified_at"])
    stay = {row.pk for row in known}
    Listing.objects.filter(pk__in=rows.keys() - stay).delete()
    mark_stale(shop.client_id)


def _sku(row: ListingSku) -> dict[str, Any]:
    below = {"remote_id": row.listing.remote_id}
    if row.listing.remote_id.startswith(PLACEHOLDER):
        # It goes once its SKU has another place.
        below |= plain_rows.plain_row(row.listing, LISTING_FIELDS)
    return {
        "key": row.pk,
        "below": below,
        "columns": plain_rows.plain_row(row, _SKU_COLUMNS),
    }


def _places(shop: Shop, skus: Collection[Mapping[str, Any]]) -> dict[str, int]:
    """{product ID: key} of the listings that SKUs belonged to, made anew where they are
    gone."""
    below = {sku["below"]["remote_id"]: sku["below"] for sku in skus}
    found = Listing.objects.filter(shop=shop, remote_id__in=below)
    keys = dict(found.values_list("remote_id", "pk"))
    new = [
        bulk.new_row(
            Listing,
            shop_id=shop.pk,
            remote_id=remote_id,
            **plain_rows.columns(Listing, LISTING_FIELDS, told),
        )
        for remote_id, told in below.items()
        if remote_id not in keys
    ]
    bulk.insert(new)
    return keys | {row.remote_id: row.pk for row in new}
