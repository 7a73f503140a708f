"""A draft as a form shows it, and what a form's answers change of it.

The content of a new listing is the whole of it; that of an edit is only what differs
from the version the edit began on. A form always shows the whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.tiktok.products import bodies
from apps.integrations.tiktok.products.comparison import same
from apps.products.models import ListingDraft

Json = dict[str, Any]


def base_of(draft: ListingDraft) -> Json:
    """The listing as it was when the edit began, in the shape it is written in."""
    return bodies.write_shape(draft.base) if draft.base else {}


def whole(draft: ListingDraft) -> Json:
    """The listing as it would be."""
    base = base_of(draft)
    shown = {**base, **draft.content}
    shown["skus"] = skus_of(draft, base)
    return {name: value for name, value in shown.items() if value is not None}


def skus_of(draft: ListingDraft, base: Mapping[str, Any]) -> list[Json]:
    """Those of the base with their changes, without the removed, then the new ones."""
    changed: dict[str, Json] = {}
    new: list[Json] = []
    for sku in draft.content.get("skus") or ():
        if sku.get("id"):
            changed[str(sku["id"])] = sku
        else:
            new.append(dict(sku))
    present = [
        _without_none({**sku, **changed.get(str(sku.get("id")), {})})
        for sku in base.get("skus") or ()
        if str(sku.get("id")) not in draft.removed_sku_ids
    ]
    return [*present, *new]


def differing(draft: ListingDraft, wanted: Mapping[str, Any]) -> tuple[Json, list[str]]:
    """(changes, drop) for `save`: of an edit, what says the same as before is taken
    out of the content again."""
    if draft.listing_id is None:
        return dict(wanted), []
    base = base_of(draft)
    changes, drop = {}, []
    for name, value in wanted.items():
        if same(base.get(name), value):
            drop.append(name)
        else:
            changes[name] = value
    return changes, drop


def differing_skus(
    draft: ListingDraft, wanted: Sequence[Json]
) -> tuple[Json, list[str], list[str]]:
    """(changes, drop, removed SKU IDs) for `save`, of the whole list of SKUs."""
    if draft.listing_id is None:
        return {"skus": [_without_none(sku) for sku in wanted]}, [], []
    known = {str(sku.get("id")): sku for sku in base_of(draft).get("skus") or ()}
    rows: list[Json] = []
    for sku in wanted:
        before = known.get(str(sku.get("id") or ""))
        if before is None:
            rows.append(_without_none({**sku, "id": None}))
        elif change := _change(before, sku):
            rows.append({"id": before["id"], **change})
    kept = {str(sku.get("id")) for sku in wanted if sku.get("id")}
    removed = [key for key in known if key and key not in kept]
    return ({"skus": rows}, [], removed) if rows else ({}, ["skus"], removed)


def _change(before: Json, after: Json) -> Json:
    """What one SKU has otherwise than before; None clears it, but a price, of which
    there is always one: without a new one the old one stays."""
    return {
        name: value
        for name, value in after.items()
        if name not in ("id", "variant")
        and not (name == "price" and value is None)
        and not same(before.get(name), value)
    }


def _without_none(sku: Json) -> Json:
    return {name: value for name, value in sku.items() if value is not None}
