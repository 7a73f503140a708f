"""Rows as they are once they are ours to change."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from apps.products.errors import ChangedMeanwhile

M = TypeVar("M", bound=Model)


def still_there(rows: QuerySet[M], row: M) -> M:
    """The row as it is now, locked as `rows` say. Raises ChangedMeanwhile where
    somebody deleted it after it was read: saving it would bring it back."""
    found = rows.filter(pk=row.pk).first()
    if found is None:
        words = row._meta.verbose_name
        raise ChangedMeanwhile(f"Somebody has just deleted this {words}.")
    return found
