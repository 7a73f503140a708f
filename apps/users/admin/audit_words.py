"""How the details of an audit entry are put, the same on every page."""

from collections.abc import Iterator
from typing import Any

from apps.users.models import AuditEntry

# Lists among the details: all others of two are a value before and after.
_LISTS = ("shops", "fields", "scopes", "skus")


def details_in_words(entry: AuditEntry) -> str:
    """As “name: Old → New · rating: — → 4.5”: pairs are before and after."""
    return " · ".join(
        f"{name}: {value}" if before is None else f"{name}: {before} → {value}"
        for name, before, value in _flat(entry.details)
    )


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(what, before, after)."""
    return [
        (name, before, value)
        for name, before, value in _flat(entry.details)
        if before is not None
    ]


def facts_of(entry: AuditEntry) -> list[tuple[str, str]]:
    """What else was said of the deed."""
    return [
        (name, value) for name, before, value in _flat(entry.details) if before is None
    ]


def _flat(details: dict[str, Any]) -> Iterator[tuple[str, str | None, str]]:
    """(name, before, value) with the names of what they stand in left out; before is
    None for what is no pair."""
    for key, value in details.items():
        name = key.replace("_", " ")
        if isinstance(value, dict):
            yield from _flat(value)
        elif isinstance(value, list) and len(value) == 2 and key not in _LISTS:
            yield name, _word(value[0]), _word(value[1])
        elif isinstance(value, list):
            yield name, None, ", ".join(map(_word, value)) or "—"
        else:
            yield name, None, _word(value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "—" if value in (None, "") else str(value)
