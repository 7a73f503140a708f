"""Filters of lists. What one may not see is not a choice: a foreign id is refused in
the very words that refuse a missing one."""

import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

LARGEST = 2**63 - 1
MOST_NUMBERS = 100
_LONGEST = MOST_NUMBERS * 40


class InstantField(forms.CharField):
    """ISO 8601 with a zone: “2026-11-25T08:00:00Z”. Without one it would be a guess."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        # A plus that nobody encoded arrives as a blank.
        try:
            moment = parse_datetime(text.replace(" ", "+") if "T" in text else text)
        except ValueError:
            moment = None
        if moment is None or timezone.is_naive(moment) or not 1900 < moment.year < 9000:
            raise forms.ValidationError(
                "An instant with its zone, as in 2026-11-25T08:00:00Z.", code="invalid"
            )
        # Not every database takes every offset that Python does.
        return moment.astimezone(UTC)


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantFilter(filters.Filter):  # type: ignore[misc]
    field_class = InstantField


class NumbersField(forms.CharField):
    """Up to 100 numbers with commas between them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=_LONGEST, **options)

    def clean(self, value: Any) -> Any:
        numbers = [part for part in re.split(r"[\s,]+", super().clean(value)) if part]
        if len(numbers) > MOST_NUMBERS:
            raise forms.ValidationError(
                f"At most {MOST_NUMBERS} at once.", code="too_many"
            )
        return numbers


class NumbersFilter(filters.Filter):  # type: ignore[misc]
    field_class = NumbersField


class WholeNumberFilter(filters.Filter):  # type: ignore[misc]
    field_class = forms.IntegerField

    def __init__(self, *args: Any, **options: Any) -> None:
        bounds = {"min_value": -LARGEST, "max_value": LARGEST}
        super().__init__(*args, **bounds | options)


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(filters.TypedChoiceFilter):  # type: ignore[misc]
    """true or false; the library's own takes anything else for no question at all."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(
            *args,
            choices=[("true", "Yes"), ("false", "No")],
            coerce=lambda text: text == "true",
            **options,
        )


@extend_schema_field(OpenApiTypes.INT)
class RowFilter(filters.ModelChoiceFilter):  # type: ignore[misc]
    """By the key of a row one may see; `rows(user)` are those."""

    def __init__(
        self, rows: Callable[[Any], QuerySet[Any]], *args: Any, **options: Any
    ) -> None:
        def choices(request: Any) -> QuerySet[Any] | None:
            return rows(request.user) if request is not None else None

        super().__init__(*args, queryset=choices, **options)
