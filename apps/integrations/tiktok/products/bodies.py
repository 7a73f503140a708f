"""Bodies that change a listing and nothing else of it.

Both start from the product as "Get Product" shows it, and from changes in the shape in
which products are written: {field: new value}, None to clear it. `changes["skus"]` is
a list of {"id": …, field: new value}; each is merged into the SKU it names, one without
an id is new, and SKUs it does not name stay as they are.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from copy import deepcopy
from typing import Any

from apps.integrations.tiktok.products.comparison import (
    Difference,
    comparable,
    differences,
    fingerprint,
    same,
)
from apps.integrations.tiktok.products.writing import (
    UnsendableListing,
    write_shape,
)
from apps.integrations.tiktok.reading import JsonObject, identifier

__all__ = [
    "ONLY_BY_OVERWRITE",
    "Difference",
    "UnsendableListing",
    "comparable",
    "differences",
    "fingerprint",
    "overwrite_body",
    "partial_body",
    "write_shape",
]

# What "Edit Product" takes and "Partial Edit Product" does not.
ONLY_BY_OVERWRITE = frozenset(
    {
        "category_id",
        "delivery_option_ids",
        "is_live_quick",
        "is_pre_owned",
        "minimum_order_quantity",
        "product_tag_operations",
        "purchase_order_quantity_limit",
        "selling_format",
        "shipping_insurance_requirement",
        "shipping_template_id",
    }
)
# An edit that does not name these leaves them as they are.
_STAYS = ("price", "inventory")


def overwrite_body(
    current: JsonObject,
    changes: JsonObject,
    *,
    is_cross_border: bool = False,
    removed_sku_ids: Collection[str] = (),
    category_version: str = "",
) -> dict[str, Any]:
    """A body for "Edit Product" that names everything the product has.

    Prices are left out unless they change, and inventory unless `changes` name it: the
    platform keeps both, and what was sold meanwhile stays sold. `category_version` is
    added where given, for the platform does not show it. Raises UnsendableListing.
    """
    _refuse_short(current)
    present = write_shape(current, is_cross_border=is_cross_border)
    body = _changed(present, changes)
    body["skus"] = _merged_skus(
        present["skus"], changes.get("skus") or (), removed_sku_ids, leaves_stock=True
    )
    if category_version:
        body.setdefault("category_version", category_version)
    return body


def partial_body(
    current: JsonObject,
    changes: JsonObject,
    *,
    is_cross_border: bool = False,
    removed_sku_ids: Collection[str] = (),
) -> dict[str, Any]:
    """A body for "Partial Edit Product": the fields that change, each as a whole.

    Where a SKU changes, all SKUs go along with all they have, inventory too, because
    that call blanks what is missing inside a field it names; overwrite to leave stock
    alone. Empty if nothing changes. Raises UnsendableListing, also for a field of
    ONLY_BY_OVERWRITE.
    """
    _refuse_short(current)
    present = write_shape(current, is_cross_border=is_cross_border)
    body = {
        name: _cleared(name, present.get(name)) if value is None else deepcopy(value)
        for name, value in changes.items()
        if name != "skus" and not same(present.get(name), value)
    }
    if refused := sorted(ONLY_BY_OVERWRITE & body.keys()):
        raise UnsendableListing(
            f"{', '.join(refused)} cannot be changed alone; send the whole listing."
        )
    skus = _merged_skus(
        present["skus"], changes.get("skus") or (), removed_sku_ids, leaves_stock=False
    )
    if not same(present["skus"], skus):
        body["skus"] = skus
    return body


def _changed(present: JsonObject, changes: JsonObject) -> dict[str, Any]:
    """Fields with new values; those set to None are left out, which clears them."""
    changed = {**present, **deepcopy(dict(changes))}
    return {
        name: value
        for name, value in changed.items()
        if value is not None or name not in changes
    }


def _refuse_short(current: JsonObject) -> None:
    """What a search returned is no product to overwrite with: most is missing."""
    if not {"main_images", "description", "category_chains"} & current.keys():
        raise UnsendableListing(
            "The listing is not known as a whole. Fetch it, then try again."
        )


def _cleared(name: str, value: Any) -> Any:
    if isinstance(value, str | list):
        return type(value)()
    raise UnsendableListing(f"{name} cannot be cleared alone; send the whole listing.")


def _merged_skus(
    present: Sequence[dict[str, Any]],
    changes: Sequence[JsonObject],
    removed: Collection[str],
    *,
    leaves_stock: bool,
) -> list[dict[str, Any]]:
    by_id: dict[str, dict[str, Any]] = {}
    for change in changes:
        if remote_id := identifier(change, "id"):
            by_id.setdefault(remote_id, {}).update(change)
    _refuse_nameless(present)
    _refuse_unknown(by_id.keys(), present)
    skus = [
        _merged(sku, by_id.get(sku.get("id", ""), {}), leaves_stock=leaves_stock)
        for sku in present
        if sku.get("id", "") not in removed
    ]
    skus += [_new(change) for change in changes if not identifier(change, "id")]
    if not skus:
        raise UnsendableListing(
            "A listing needs a SKU. Deactivate or delete the listing instead."
        )
    return skus


def _refuse_nameless(present: Sequence[JsonObject]) -> None:
    """Sent without its id, a SKU would go and a new one come in its place."""
    if not all(identifier(sku, "id") for sku in present):
        raise UnsendableListing(
            "TikTok Shop shows a SKU of this listing without its ID, so it would be "
            "replaced. Change the listing in Seller Center."
        )


def _refuse_unknown(ids: Set[str], present: Sequence[JsonObject]) -> None:
    if unknown := sorted(ids - {sku.get("id", "") for sku in present}):
        raise UnsendableListing(
            f"The listing has no SKU {', '.join(unknown)}. Fetch it, then try again."
        )


def _merged(
    sku: JsonObject, change: JsonObject, *, leaves_stock: bool
) -> dict[str, Any]:
    left_out = _STAYS if leaves_stock else ()
    merged = {
        name: deepcopy(value) for name, value in sku.items() if name not in left_out
    }
    for name, value in change.items():
        if name == "id":
            continue
        if name == "price" and isinstance(value, Mapping):
            value = _merged_price(sku.get("price") or {}, value)
            if leaves_stock and same(sku.get("price"), value):
                continue
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = deepcopy(value)
    return merged


def _merged_price(present: JsonObject, change: JsonObject) -> dict[str, Any]:
    """The new price with the old currency; an old amount would overrule the new."""
    kept = {
        name: value
        for name, value in present.items()
        if name not in ("amount", "sale_price")
    }
    return {**kept, **change}


def _new(change: JsonObject) -> dict[str, Any]:
    return {name: deepcopy(value) for name, value in change.items() if name != "id"}
