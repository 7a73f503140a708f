"""Text, payloads and lists of keys as every database can take them."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
_NUL = "\\u0000"  # as JSON spells it
_sorted_json = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode


class JsonText(str):
    """JSON that is written out already, for a column of it: see core.bulk."""

    __slots__ = ()


def clean(text: str) -> str:
    """Without NUL and halves of an emoji, which not every database can store."""
    text = text.replace("\0", "") if "\0" in text else text
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable(value: Any) -> Any:
    """`value` as plain JSON of clean text; null for a number too large to be one."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def content_hash(body: object) -> str:
    """SHA-256 of a payload, the same however its keys are ordered."""
    return hashlib.sha256(_sorted_json(body).encode()).hexdigest()


def written_and_hashed(value: Any) -> tuple[JsonText, str]:
    """A payload as the JSON that is stored of it, and its hash, which is of that text:
    one look where nothing in it needs cleaning, which is nearly always."""
    try:
        text = _sorted_json(value)
        data = text.encode()
    except (TypeError, ValueError):
        text, data = _NUL, b""
    if _NUL in text:
        text = _sorted_json(storable(value))
        data = text.encode()
    return JsonText(text), hashlib.sha256(data).hexdigest()


def portions(values: Sequence[T], most: int = 5_000) -> Iterator[Sequence[T]]:
    """Pieces of `values` in order: SQLite takes only so many in one statement."""
    for start in range(0, len(values), most):
        yield values[start : start + most]
