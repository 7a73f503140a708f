"""Rows deleted with all that hangs on them, also what usually keeps them from it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models.deletion import CASCADE, DO_NOTHING, PROTECT, RESTRICT

KEYS_AT_ONCE = 500

_GOES = (CASCADE, PROTECT, RESTRICT)


@transaction.atomic
def delete_whole(rows: "models.QuerySet[Any]") -> dict[str, int]:
    """Delete rows and whatever needs them, PROTECT or not; {model's label: how many}.

    What only mentions them (SET_NULL) stays and mentions nothing; what is to outlive
    them (DO_NOTHING) stays as it is, unless it hangs on something else. No signal is
    sent and no `delete()` of a model is called. Foreign keys are checked when the
    transaction ends, so the order of the tables is no matter.
    """
    doomed: dict[type[models.Model], set[Any]] = {}
    _find(rows.model, set(rows.values_list("pk", flat=True)), doomed)
    for model, keys in doomed.items():
        for field in _fields_to(model):
            if field.remote_field.on_delete not in (*_GOES, DO_NOTHING):
                for some in _portions(keys):
                    owner = field.model._base_manager
                    owner.filter(**{f"{field.name}__in": some}).update(
                        **{field.name: None}
                    )
    counts = {}
    for model, keys in doomed.items():
        counts[model._meta.label] = sum(
            _rows(model, some)._raw_delete(rows.db) for some in _portions(keys)
        )
    return {label: count for label, count in counts.items() if count}


def _find(
    model: type[models.Model],
    keys: set[Any],
    doomed: dict[type[models.Model], set[Any]],
) -> None:
    """Add rows and all that goes with them; a table comes up as often as it has new."""
    known = doomed.setdefault(model, set())
    new = keys - known
    known |= new
    if not new:
        return
    for field in _fields_to(model):
        if field.remote_field.on_delete in _GOES:
            owner = field.model
            hanging: set[Any] = set()
            for some in _portions(new):
                found = owner._base_manager.filter(**{f"{field.name}__in": some})
                hanging.update(found.order_by().values_list("pk", flat=True))
            if hanging:
                _find(owner, hanging, doomed)


def _fields_to(model: type[models.Model]) -> Iterator[Any]:
    """Foreign keys of any table that point at this one, those of many-to-many tables
    included."""
    relations: Any = model._meta.get_fields(include_hidden=True)
    for relation in relations:
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            yield relation.field


def _rows(model: type[models.Model], keys: Sequence[Any]) -> Any:
    return models.QuerySet(model).filter(pk__in=keys)


def _portions(keys: Iterable[Any]) -> Iterator[list[Any]]:
    every = sorted(keys)
    for start in range(0, len(every), KEYS_AT_ONCE):
        yield every[start : start + KEYS_AT_ONCE]
