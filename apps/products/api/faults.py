"""Values that our rules refuse, told as those that no form takes: field by field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.products.errors import ProductRefused

_NAMES = {
    "cost_amount": "cost",
    "cost_currency": "cost",
    "only_shop": "shop",
}


@contextmanager
def told_by_field(rows: str = "") -> Iterator[None]:
    """ProductRefused as a ValidationError; `rows` is the body's list that a fault's
    row counts in."""
    try:
        yield
    except ProductRefused as error:
        detail: dict[str, Any] = {}
        for fault in error.faults:
            field = _NAMES.get(fault.field, fault.field)
            if field.startswith("price_"):
                field = "prices"
            place = detail
            if fault.row is not None and rows:
                place = detail.setdefault(rows, {}).setdefault(str(fault.row), {})
            place.setdefault(field or "non_field_errors", []).append(fault.message)
        raise ValidationError(detail) from error


def no_such(field: str) -> ValidationError:
    """What a foreign key in a body is told, which is what a missing one is told."""
    return ValidationError(
        {field: "There is nothing with this id."}, code="does_not_exist"
    )


def renamed(values: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """{column: value} of a body's {name: value}."""
    return {names.get(name, name): value for name, value in values.items()}
