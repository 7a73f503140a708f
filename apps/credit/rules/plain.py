"""Plain values, as JSON has them, read into ours and written from them.

Numbers that are not whole are written as strings of decimals: every reader of the JSON
sees the same digits, and reading them gives the same number to the last bit.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from math import isfinite
from typing import Any

# {name: value}, as JSON has it.
Plain = Mapping[str, Any]
_MOST_EXACT = 2**53


def number(value: Any) -> float:
    """A number or a string of one. Raises ValueError for anything else."""
    if isinstance(value, bool):
        raise ValueError(f"{value} is no number")
    found = float(value)
    if not isfinite(found):
        raise ValueError(f"{value} is no number to calculate with")
    return found


def number_or_none(value: Any) -> float | None:
    return None if value is None else number(value)


def amount(value: Any) -> Decimal:
    """Money, exactly as it is written. Raises ValueError for what is no amount."""
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value))
    except ArithmeticError as error:
        raise ValueError(f"{value} is no amount") from error
    if not found.is_finite():
        raise ValueError(f"{value} is no amount")
    return found


def amount_or_none(value: Any) -> Decimal | None:
    return None if value is None else amount(value)


def instant(value: Any) -> datetime:
    """An ISO string, a datetime or Unix seconds; without a zone it is UTC."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, tz=UTC)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def instant_or_none(value: Any) -> datetime | None:
    return None if value in (None, "") else instant(value)


def day(value: Any) -> date:
    """A date, or the UTC date of an instant."""
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return instant(value).astimezone(UTC).date()


def stored(value: Any) -> Any:
    """The value as it is kept in JSON; see above of numbers."""
    if isinstance(value, float | Decimal):
        return _stored_number(value)
    if isinstance(value, Mapping):
        return {str(name): stored(one) for name, one in value.items()}
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence | frozenset):
        return [stored(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def fingerprint(value: Any) -> str:
    """SHA-256, in hex, of the value's JSON: the same whenever it is made."""
    return sha256(canonical(value).encode()).hexdigest()


def canonical(value: Any) -> str:
    return json.dumps(
        stored(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


def _stored_number(value: float | Decimal) -> int | str:
    if value == int(value) and -_MOST_EXACT < value < _MOST_EXACT:
        return int(value)
    return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
