"""Whether a listing has changed since, and what a body would change of it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.integrations.tiktok.products.writing import is_vacant, write_shape
from apps.integrations.tiktok.reading import JsonObject, identifier, sequence, text

# Fields of a body that say how to take it, not what the product is.
_DIRECTIVES = frozenset(
    {
        "auto_translate_enabled",
        "category_version",
        "idempotency_key",
        "locale",
        "save_mode",
    }
)
_NUMBERS = frozenset(
    {"amount", "height", "length", "sale_price", "starting_bid_price", "value", "width"}
)
# Left as they are by an edit that does not name them.
_STAYS = frozenset({"price", "inventory"})
# Where a picture is served from differs from one reading to the next.
_PICTURE_HOST = re.compile(
    r"""(<img\b[^>]*?\bsrc\s*=\s*["']?)https?://[^/"'\s>]+""", re.I
)
_PICTURE_QUERY = re.compile(
    r"""(<img\b[^>]*?\bsrc\s*=\s*["']?[^"'\s>?]*)\?[^"'\s>]*""", re.I
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One value before and after; None where there is none. `path` is for people:
    "skus[Red / M].price.amount"."""

    path: str
    before: Any
    after: Any


def comparable(current: JsonObject) -> dict[str, Any]:
    """The product, as "Get Product" shows it, without what changes by itself.

    That is stock, states and reviews, times, and the addresses of pictures. The order
    of SKUs and attributes means nothing.
    """
    product = write_shape(current)
    product["skus"] = sorted(
        (
            {name: value for name, value in sku.items() if name != "inventory"}
            for sku in product["skus"]
        ),
        key=lambda sku: identifier(sku, "id"),
    )
    if isinstance(attributes := product.get("product_attributes"), list):
        product["product_attributes"] = sorted(attributes, key=_id_of)
    if isinstance(description := product.get("description"), str):
        without_host = _PICTURE_HOST.sub(r"\1", description)
        product["description"] = _PICTURE_QUERY.sub(r"\1", without_host)
    plain = _plain(product)
    return plain if isinstance(plain, dict) else {}


def fingerprint(current: JsonObject) -> str:
    """SHA-256 of what is comparable, 64 hex digits."""
    words = json.dumps(comparable(current), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(words.encode()).hexdigest()


def same(before: Any, after: Any) -> bool:
    """Whether two values mean the same: 9.9 and 9.90, an empty one and none."""
    return bool(_plain(before) == _plain(after))


def differences(
    before: JsonObject, after: JsonObject, *, is_partial: bool = False
) -> list[Difference]:
    """What a body would change of a product, both in the shape products are written in.

    `after` is the body to be sent. What it does not name is blanked, or stays if
    `is_partial`; prices and inventory always stay.
    """
    names = [*before, *(name for name in after if name not in before)]
    found: list[Difference] = []
    for name in names:
        if name in _DIRECTIVES or (is_partial and name not in after):
            continue
        if name == "skus":
            found += _in_skus(_rows(before, name), _rows(after, name))
        else:
            found += _between(name, before.get(name), after.get(name))
    return found


def _rows(product: JsonObject, name: str) -> list[JsonObject]:
    return [row for row in sequence(product, name) if isinstance(row, Mapping)]


def _in_skus(
    before: Sequence[JsonObject], after: Sequence[JsonObject]
) -> Iterator[Difference]:
    ours = {identifier(sku, "id"): sku for sku in after if identifier(sku, "id")}
    labels = _labels([*before, *after])
    for sku in before:
        path = f"skus[{labels[id(sku)]}]"
        if (changed := ours.get(identifier(sku, "id"))) is None:
            yield Difference(path, sku, None)
            continue
        for name in [*sku, *(name for name in changed if name not in sku)]:
            if name not in _STAYS or name in changed:
                yield from _between(f"{path}.{name}", sku.get(name), changed.get(name))
    known = {identifier(sku, "id") for sku in before}
    for sku in after:
        if identifier(sku, "id") not in known - {""}:
            yield Difference(f"skus[{labels[id(sku)]}]", None, sku)


def _labels(skus: Sequence[JsonObject]) -> dict[int, str]:
    """What to call each SKU; two that sound alike get their ids as well."""
    names = {id(sku): _name_of(sku) for sku in skus}
    owners: dict[str, set[str]] = {}
    for sku in skus:
        owners.setdefault(names[id(sku)], set()).add(identifier(sku, "id"))
    return {
        id(sku): name
        if len(owners[name := names[id(sku)]]) == 1
        else f"{name} #{identifier(sku, 'id') or 'new'}"
        for sku in skus
    }


def _name_of(sku: JsonObject) -> str:
    values = [text(row, "value_name") for row in _rows(sku, "sales_attributes")]
    variation = " / ".join(filter(None, values))
    return variation or text(sku, "seller_sku") or identifier(sku, "id") or "new"


def _between(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if same({_last(path): before}, {_last(path): after}):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _between(f"{path}.{name}", before.get(name), after.get(name))
    elif (rows := _by_id(before)) and (others := _by_id(after)):
        for key in [*rows, *(key for key in others if key not in rows)]:
            yield from _between(f"{path}[{key}]", rows.get(key), others.get(key))
    else:
        yield Difference(path, before, after)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _by_id(value: Any) -> dict[str, JsonObject] | None:
    """{id: entry} of a list whose entries all have one of their own, else None."""
    if not isinstance(value, list):
        return None
    rows = {_id_of(row): row for row in value}
    return rows if len(rows) == len(value) and "" not in rows else None


def _id_of(row: Any) -> str:
    return identifier(row, "id") if isinstance(row, Mapping) else ""


def _plain(value: Any, name: str = "") -> Any:
    """The value in one spelling: numbers that are text shortened, vacant left out."""
    if isinstance(value, Mapping):
        entries = ((key, _plain(entry, key)) for key, entry in value.items())
        return {key: entry for key, entry in entries if not is_vacant(entry)} or None
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value] or None
    if name in _NUMBERS and isinstance(value, str | int) and value != "":
        return _number(str(value))
    return None if is_vacant(value) else value


def _number(words: str) -> str:
    try:
        number = Decimal(words.strip())
    except InvalidOperation:
        return words
    return f"{number.normalize():f}" if number.is_finite() else words
