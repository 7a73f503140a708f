"""Columns of rows as plain JSON, and back: amounts and instants are text, blanks are
left out."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import models

_JSON = frozenset({str, int, float, bool, list, dict})


def plain(names: Collection[str], values: Collection[Any]) -> dict[str, Any]:
    """{column: value} of columns and their values, as JSON has them."""
    return {
        name: value if type(value) in _JSON else str(value)
        for name, value in zip(names, values, strict=True)
        if value is not None and value != ""
    }


def plain_row(row: models.Model, names: Collection[str]) -> dict[str, Any]:
    """The same of a row at hand."""
    return plain(names, [getattr(row, name) for name in names])


def columns(
    model: type[models.Model], names: Iterable[str], stored: Mapping[str, Any]
) -> dict[str, Any]:
    """{column: value} as the fields hold them; what is not stored was blank."""
    return {name: _value(model, name, stored.get(name)) for name in names}


def _value(model: type[models.Model], name: str, stored: Any) -> Any:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    if stored is None:
        return field.get_default() if not field.null else None
    if isinstance(field, models.JSONField):
        return json.loads(stored) if isinstance(stored, str) else stored
    return field.to_python(stored)
