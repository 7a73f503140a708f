"""Rows named in a body by their keys, as far as the caller may see them."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

LARGEST = 2**63 - 1


@extend_schema_field(OpenApiTypes.INT)
class RowField(serializers.IntegerField):
    """The row with this key among `rows(user)`; of any other the same is said."""

    def __init__(self, rows: Callable[[Any], QuerySet[Any]], **options: Any) -> None:
        super().__init__(**options)
        self.rows = rows

    def to_internal_value(self, data: Any) -> Any:
        key = super().to_internal_value(data)
        user = self.context["request"].user
        found: Model | None = None
        if 0 < key <= LARGEST:
            found = self.rows(user).filter(pk=key).first()
        if found is None:
            raise serializers.ValidationError(
                "There is nothing with this id.", code="does_not_exist"
            )
        return found
