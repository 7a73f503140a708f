"""The words that staff read beside a candidate."""

from collections.abc import Sequence

from apps.products.matching.evidence import Evidence
from apps.products.matching.likeness import Likeness

_FACETS = {
    "pack": "pack count",
    "set": "set or single",
    "colour": "colour",
    "size": "size",
    "sign": "emoji",
    "people": "who it is for",
    "number": "numbers",
    "extent": "measures",
    "mass": "weight",
    "charge": "capacity",
    "percent": "percentage",
    "contents": "number of pieces",
}
_PRICES = {"alike": "price alike", "near": "price near", "far": "price far off"}


def of_codes(evidence: Sequence[Evidence], likeness: Likeness | None) -> str:
    """Same SKU, same barcode 4006381333931, but the size differs."""
    parts = [item.phrase for item in evidence]
    if likeness and (names := likeness.difference.spoken):
        parts.append(f"but {_named(names)} {_verb(names, 'differs', 'differ')}")
    elif likeness and likeness.alike.is_replaced:
        parts.append(f"but the title only {likeness.alike.percent} % alike")
    return ", ".join(parts)


def of_title(likeness: Likeness) -> str:
    """Title 91 % alike, price alike, colour not on both sides."""
    origin = " to one matched in another shop" if likeness.entry.is_known else ""
    parts = [f"title {likeness.alike.percent} % alike{origin}"]
    if likeness.price:
        parts.append(_PRICES[likeness.price])
    if names := likeness.difference.unsure:
        parts.append(f"{_named(names)} not the same on both sides")
    return ", ".join(parts)


def _named(names: Sequence[str]) -> str:
    return " and ".join(_FACETS.get(name, name) for name in names)


def _verb(names: Sequence[str], one: str, many: str) -> str:
    return one if len(names) == 1 else many
