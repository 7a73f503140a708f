"""Lists of objects in bodies, with a most."""

from typing import Any

from rest_framework import serializers


def rows_of(
    row: type[serializers.Serializer[Any]], *, most: int, **options: Any
) -> serializers.ListSerializer[Any]:
    """Unlike many=True it lets no null stand among the rows of a list that may be
    null itself."""
    return serializers.ListSerializer(child=row(), max_length=most, **options)
