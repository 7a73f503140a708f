"""What a draft changes, told on top of another version than the one it began on.

Stock moves while a draft is written, and a list of it says more than was changed: what
a person left as it was must not put back what was sold since.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.tiktok.products import bodies
from apps.integrations.tiktok.products.comparison import same
from apps.integrations.tiktok.reading import identifier, sequence

Json = Mapping[str, Any]


def rebased(content: Json, seen: Json, current: Json) -> dict[str, Any]:
    """An edit's content, without what says the same as the version seen and without
    SKUs that are gone; both versions as the platform shows them."""
    before = bodies.write_shape(seen)
    changes = {
        name: value
        for name, value in content.items()
        if name == "skus" or not same(before.get(name), value)
    }
    if "skus" in changes:
        present = _by_id(current, "skus")
        known = _by_id(before, "skus")
        changes["skus"] = [
            _changed(sku, known.get(identifier(sku, "id"), {}))
            for sku in with_present_stock(changes["skus"] or (), seen, current)
            if not sku.get("id") or identifier(sku, "id") in present
        ]
    return changes


def with_present_stock(
    skus: Sequence[Json], seen: Json, current: Json
) -> list[dict[str, Any]]:
    """Changes of SKUs, whose stock stays as it is now where it says the same as the
    version seen; a SKU whose stock does not change does not name it."""
    before, present = _by_id(seen, "skus"), _by_id(current, "skus")
    found = []
    for sku in skus:
        change, remote_id = dict(sku), identifier(sku, "id")
        if remote_id in before and isinstance(change.get("inventory"), list):
            now = present.get(remote_id, {})
            stock = _stock(change, before[remote_id], now)
            if same(stock, sequence(now, "inventory")):
                del change["inventory"]
            else:
                change["inventory"] = stock
        found.append(change)
    return found


def _changed(sku: Json, before: Json) -> dict[str, Any]:
    return {
        name: value
        for name, value in sku.items()
        if name in ("id", "variant", "inventory")
        or name not in before
        or not same(before[name], value)
    }


def _stock(change: Json, before: Json, now: Json) -> list[Json]:
    """Rows by warehouse; a warehouse that is new since stays, too."""
    told, seen, present = (
        _by_id(sku, "inventory", "warehouse_id") for sku in (change, before, now)
    )
    rows: list[Json] = [
        {
            name: present[key].get(name, value)
            if key in present and same(seen.get(key, {}).get(name), value)
            else value
            for name, value in row.items()
        }
        for key, row in told.items()
        if key in present or key not in seen or not same(seen[key], row)
    ]
    return [
        *rows,
        *(present[key] for key in sorted(present.keys() - seen.keys() - told.keys())),
    ]


def _by_id(holder: Json, name: str, key: str = "id") -> dict[str, Json]:
    rows = (row for row in sequence(holder, name) if isinstance(row, Mapping))
    return {identifier(row, key): row for row in rows}
