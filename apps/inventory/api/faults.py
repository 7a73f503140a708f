"""What our rules refuse of a document, told field by field and line by line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rest_framework.exceptions import ValidationError

from apps.inventory.errors import DocumentRefused


@contextmanager
def told_by_line() -> Iterator[None]:
    """DocumentRefused as a ValidationError: “lines.3.quantity” says what is wrong."""
    try:
        yield
    except DocumentRefused as error:
        detail: dict[str, Any] = {}
        for fault in error.faults:
            place, field = detail, fault.field
            if fault.row is not None:
                place = detail.setdefault("lines", {}).setdefault(str(fault.row), {})
            if field == "lines":  # of the lines, or of one, as a whole
                place = place if fault.row is not None else detail.setdefault(field, {})
                field = "non_field_errors"
            place.setdefault(field, []).append(fault.message)
        raise ValidationError(detail) from error
