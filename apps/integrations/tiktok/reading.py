"""Read single values of TikTok's JSON, which promises less than its documents do.

Any field can be absent; an absent one and an empty text both mean unknown. Numbers
come as numbers or as text, a list of one as that one thing.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from apps.integrations.errors import MalformedReply

JsonObject = Mapping[str, Any]

_MILLISECONDS_FROM = 10**11
_LARGEST_INSTANT = 253_402_214_400  # 9999-12-31: room for any zone's offset
_LARGEST_AMOUNT = Decimal(10**15)


class Unreadable(Exception):
    """A value is there but makes no sense; the text says which, not what it was."""


def parse_json(body: bytes) -> Any:
    """Parse, without what an escape can smuggle in and no database takes.

    That is NUL and halves of surrogate pairs. Raises ValueError, which quotes the
    body, or RecursionError.
    """
    value = json.loads(body, parse_constant=_refuse_constant)
    return _storable(value) if b"\\u" in body else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "")
    if isinstance(value, dict):
        return {_storable(name): _storable(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_storable(entry) for entry in value]
    return value


def text(row: JsonObject, name: str) -> str:
    """The value as text without surrounding space, empty if unknown."""
    value = row.get(name)
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def identifier(row: JsonObject, name: str) -> str:
    """An id as text. Ids pass 2^53, so one that came as a fraction is worthless."""
    return "" if isinstance(row.get(name), float) else text(row, name)


def identifiers(row: JsonObject, name: str) -> tuple[str, ...]:
    """Ids in a list or alone, each once; what is none is passed over."""
    ids = (identifier({name: value}, name) for value in sequence(row, name))
    return tuple(dict.fromkeys(filter(None, ids)))


def money(row: JsonObject, name: str) -> Decimal | None:
    """An amount in major units, None if unknown; raises Unreadable."""
    words = text(row, name)
    if not words:
        return None
    amount = _number(words)
    if not abs(amount) < _LARGEST_AMOUNT:
        raise Unreadable(f"{name} is not an amount")
    return amount


def money_sum(row: JsonObject, *names: str) -> Decimal | None:
    """The sum of those amounts that are told, None if none is; raises Unreadable."""
    amounts = [amount for name in names if (amount := money(row, name)) is not None]
    return sum(amounts, Decimal(0)) if amounts else None


def instant(row: JsonObject, name: str) -> datetime | None:
    """Unix seconds as aware UTC, None if unknown or 0; raises Unreadable.

    Some pages say milliseconds where samples show seconds: the size tells.
    """
    words = text(row, name)
    if not words:
        return None
    seconds = _number(words)
    if seconds >= _MILLISECONDS_FROM:
        seconds /= 1000
    if not seconds <= _LARGEST_INSTANT:
        raise Unreadable(f"{name} is not a time")
    return datetime.fromtimestamp(int(seconds), tz=UTC) if seconds > 0 else None


def likely_instant(row: JsonObject, name: str) -> datetime | None:
    """As `instant`, for a time that may as well be unknown if it makes no sense."""
    try:
        return instant(row, name)
    except Unreadable:
        return None


def _number(words: str) -> Decimal:
    """The number, or infinity for anything that is none."""
    try:
        number = Decimal(words)
    except InvalidOperation:
        return Decimal("Infinity")
    return Decimal("Infinity") if number.is_nan() else number


def whole_number(row: JsonObject, name: str) -> int | None:
    """A count or code, None if it is absent or not a whole number."""
    words = text(row, name)
    try:
        return int(words)
    except ValueError:
        return None


def flag(row: JsonObject, name: str) -> bool | None:
    """A yes or no, None if unknown."""
    value = row.get(name)
    words = str(value).strip().lower()
    if words in ("true", "1"):
        return True
    return False if words in ("false", "0") else None


def enum_key(value: str) -> str:
    """The spelling our tables use: samples differ from the documents in case."""
    return value.strip().upper().replace(" ", "_")


def word(row: JsonObject, name: str) -> str:
    """A value of an enum, in the spelling our tables use."""
    return enum_key(text(row, name))


def mapping(row: JsonObject, name: str) -> JsonObject:
    """A nested object, empty if there is none."""
    value = row.get(name)
    return value if isinstance(value, Mapping) else {}


def first_object(row: JsonObject, name: str) -> JsonObject:
    """A nested object, or the first of a list of them; empty if there is none."""
    return next(iter(each_object(row, name)), {})


def each_object(row: JsonObject, name: str) -> list[JsonObject]:
    """The objects of a list; whatever else is among them is passed over."""
    return [entry for entry in sequence(row, name) if isinstance(entry, Mapping)]


def sequence(row: JsonObject, name: str) -> list[Any]:
    """A list; one thing alone counts as a list of one, nothing as an empty list."""
    value = row.get(name)
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def objects(row: JsonObject, name: str) -> list[JsonObject]:
    """A list of objects; raises MalformedReply if something else is among them."""
    rows = sequence(row, name)
    if not all(isinstance(entry, Mapping) for entry in rows):
        raise MalformedReply(f"TikTok Shop's answer has an unreadable list of {name}.")
    return rows
