"""Bundles: SKUs that consist of SKUs of other products."""

from collections.abc import Iterator
from typing import Any

from apps.simulator.tiktok.products.codes import Problem
from apps.simulator.tiktok.products.draft import Draft
from apps.simulator.tiktok.products.finding import listings_of
from apps.simulator.world.listings import LIVE

Json = dict[str, Any]
_MOST_PIECES = 99


def problems(draft: Draft) -> Iterator[Problem]:
    bundles = [sku.get("combined_skus") or [] for sku in draft.skus]
    known = [sku.get("combined_skus") for sku in draft.known_skus().values()]
    if known and any(known) != any(bundles):
        yield Problem(12052857)
        return
    if not any(bundles):
        return
    if not all(bundles):
        yield Problem(12052863)
    for sku, parts in zip(draft.skus, bundles, strict=True):
        yield from _parts(draft, parts)
        before = draft.known_skus().get(sku.get("id") or "", {}).get("combined_skus")
        if before and _pieces(before) != _pieces(parts):
            yield Problem(12052847)
    primary = draft.body.get("primary_combined_product_id")
    inside = {part["product_id"] for parts in bundles for part in parts}
    if draft.listing is None and primary not in inside:
        yield Problem(12052842, is_gap=not primary)


def _pieces(parts: list[Json]) -> set[tuple[str, int]]:
    return {(part["sku_id"], part["sku_count"]) for part in parts}


def _parts(draft: Draft, parts: list[Json]) -> Iterator[Problem]:
    ids = [part["sku_id"] for part in parts]
    if len(ids) != len(set(ids)):
        yield Problem(12052840)
    if len(parts) == 1 and parts[0]["sku_count"] < 2:
        yield Problem(12052859)
    shelf = listings_of(draft.call)
    for part in parts:
        if not 1 <= part["sku_count"] <= _MOST_PIECES:
            yield Problem(12052832, f"1 to {_MOST_PIECES} are allowed.")
        listing = shelf.by_id.get(part["product_id"])
        if listing is None:
            yield Problem(12052835, part["product_id"])
        elif not any(s["id"] == part["sku_id"] for s in listing.content["skus"]):
            yield Problem(12052844, part["sku_id"])
        elif draft.listing is None and listing.status != LIVE:
            yield Problem(12052845, part["product_id"])
