"""Many rows in a few statements: what `bulk_create` and `bulk_update` do, at a fraction
of their cost.

Values are what the fields make of them, constraints hold, no signal is sent. Foreign
keys are read from their columns: set `line.order_id`, not `line.order` alone. Values
that the database is to work out (`F("x") + 1`) are not taken.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from operator import attrgetter
from types import NoneType
from typing import Any, TypeAlias, TypeVar

from django.db import DatabaseError, connections, models, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.utils import timezone

from apps.core.storing import JsonText, portions

_json = json.JSONEncoder().encode
Rows = Sequence[models.Model]
AnyField: TypeAlias = "models.Field[Any, Any]"
M = TypeVar("M", bound=models.Model)
PORTION = 1_000

# What fields hold that keep it as it is. Each value of another, or one derived from
# these (an encrypted one), is prepared by itself.
_KINDS: dict[type["AnyField"], type] = {
    models.BigAutoField: int,
    models.BigIntegerField: int,
    models.PositiveIntegerField: int,
    models.PositiveSmallIntegerField: int,
    models.BooleanField: bool,
    models.CharField: str,
    models.TextField: str,
    models.DecimalField: Decimal,
    models.DateTimeField: datetime,
    models.DateField: date,
}


def new_row(model: type[M], **values: Any) -> M:
    """`model(**values)`, for where many are made: Django asks every field for its
    default, each time. Foreign keys go by their columns (`order_id=1`), or by name with
    the row at hand (`order=order`), which may have no key yet."""
    defaults, makers = _defaults_of(model)
    row, state = model.__new__(model), ModelState()
    if not values.keys() <= defaults.keys():
        for name in values.keys() - defaults.keys():
            column, related = _column_of(model, name), values.pop(name)
            state.fields_cache[name], values[column] = related, related.pk
    row.__dict__.update(defaults, _state=state, **values)
    for name, make in makers:
        if name not in values:
            row.__dict__[name] = make()
    return row


def insert(rows: Rows) -> None:
    """Insert rows of one model, which get their keys: all of them, or none."""
    _in_portions(_insert, rows)


def update(rows: Rows, names: Iterable[str]) -> None:
    """Update these fields of stored rows of one model, each named once: all, or none.

    Raises DatabaseError where a row is not there any more.
    """
    _in_portions(partial(_update, {*names}), rows)


def _in_portions(
    write: Callable[[Rows, BaseDatabaseWrapper], None], rows: Rows
) -> None:
    if not rows:
        return
    using = router.db_for_write(type(rows[0]))
    with transaction.atomic(using=using, savepoint=False):
        for some in portions(rows, PORTION):
            write(some, connections[using])


def _insert(rows: Rows, connection: BaseDatabaseWrapper) -> None:
    fields = _fields_of(rows)
    keys = _new_keys(rows, connection)
    columns = [
        keys if field.primary_key else _new_values(rows, field, connection)
        for field in fields
    ]
    _write_new(fields, list(zip(*columns, strict=True)), connection)
    name = rows[0]._meta.pk.attname
    for row, key in zip(rows, keys, strict=True):
        row.__dict__[name] = key
        row._state.adding, row._state.db = False, connection.alias


def _update(names: set[str], rows: Rows, connection: BaseDatabaseWrapper) -> None:
    fields = [field for field in _fields_of(rows) if field.name in names]
    fields.append(rows[0]._meta.pk)  # at the end, as SQL names it there
    columns = [_prepared(field, _held(rows, field), connection) for field in fields]
    if (found := _write_known(fields, columns, connection)) != len(rows):
        table = rows[0]._meta.db_table
        raise DatabaseError(f"{found} of {len(rows)} rows of {table} are there.")


@cache
def _defaults_of(
    model: type[models.Model],
) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """{column: its default}, and what makes one for each row where rows are not to
    share it, such as a list."""
    fields = model._meta.concrete_fields
    makers = [
        (field.attname, field.get_default)
        for field in fields
        if callable(field.default) and field.has_default()
    ]
    return {field.attname: field.get_default() for field in fields}, makers


@cache
def _column_of(model: type[models.Model], name: str) -> str:
    """Of a foreign key."""
    for field in model._meta.concrete_fields:
        if field.name == name and isinstance(field, models.ForeignKey):
            return field.attname
    raise TypeError(f"{model.__name__} has no {name}.")


def _fields_of(rows: Rows) -> list[AnyField]:
    return [field for field in rows[0]._meta.concrete_fields if not field.generated]


def _new_keys(rows: Rows, connection: BaseDatabaseWrapper) -> list[int]:
    """From the table's own counter."""
    meta = rows[0]._meta
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Looked up in a query of its own, which is run once: looking the counter up
            # takes longer than counting does.
            cursor.execute(
                "SELECT nextval((SELECT pg_get_serial_sequence(%s, %s)::regclass)) "
                "FROM generate_series(1, %s)",
                [connection.ops.quote_name(meta.db_table), meta.pk.column, len(rows)],
            )
            return [key for (key,) in cursor.fetchall()]
        # Nobody else writes while this transaction does.
        cursor.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table]
        )
        (last,) = cursor.fetchone() or (0,)
        return list(range(last + 1, last + 1 + len(rows)))


def _write_new(
    fields: Sequence[AnyField],
    values: Sequence[tuple[Any, ...]],
    connection: BaseDatabaseWrapper,
) -> None:
    table, columns = _names(fields, connection)
    into = f"{table} ({', '.join(columns)})"
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            sql = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 (names, quoted)
            cursor.executemany(sql, values)


def _write_known(
    fields: Sequence[AnyField],
    columns: Sequence[list[Any]],
    connection: BaseDatabaseWrapper,
) -> int:
    """How many rows there were; the last field is the key."""
    table, names = _names(fields, connection)
    key = names[-1]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sets = ", ".join(f"{name} = new.{name}" for name in names[:-1])
            arrays = ", ".join(f"%s::{_type(field, connection)}[]" for field in fields)
            cursor.execute(
                f"UPDATE {table} SET {sets} FROM unnest({arrays}) "  # noqa: S608
                f"AS new ({', '.join(names)}) WHERE {table}.{key} = new.{key}",
                columns,
            )
        else:
            sets = ", ".join(f"{name} = %s" for name in names[:-1])
            sql = f"UPDATE {table} SET {sets} WHERE {key} = %s"  # noqa: S608
            cursor.executemany(sql, list(zip(*columns, strict=True)))
        return int(cursor.rowcount)


def _names(
    fields: Sequence[AnyField], connection: BaseDatabaseWrapper
) -> tuple[str, list[str]]:
    """Of the table and its columns, quoted."""
    quote = connection.ops.quote_name
    table = quote(fields[0].model._meta.db_table)
    return table, [quote(str(field.column)) for field in fields]


def _type(field: AnyField, connection: BaseDatabaseWrapper) -> str:
    """Of a key, the type of what points to it: its own may be that of a counter."""
    kind = field.rel_db_type if field.primary_key else field.db_type
    return str(kind(connection))


def _held(rows: Rows, field: AnyField) -> list[Any]:
    name = field.attname
    try:
        return [row.__dict__[name] for row in rows]
    except KeyError:  # left out when a row was read
        return list(map(attrgetter(name), rows))


def _new_values(
    rows: Rows, field: AnyField, connection: BaseDatabaseWrapper
) -> list[Any]:
    if type(field) is models.DateTimeField:
        if field.auto_now or field.auto_now_add:
            now = timezone.now()
            for row in rows:
                row.__dict__[field.attname] = now
    elif type(field).pre_save is not models.Field.pre_save:
        values = [field.pre_save(row, add=True) for row in rows]
        return _prepared(field, values, connection)
    return _prepared(field, _held(rows, field), connection)


def _prepared(
    field: AnyField, values: list[Any], connection: BaseDatabaseWrapper
) -> list[Any]:
    """The values as the database takes them."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if type(field) is models.JSONField and field.encoder is None:
        return [_as_json(value) for value in values]
    kind = _KINDS.get(type(field))
    if kind is None:
        return [field.get_db_prep_save(value, connection) for value in values]
    kinds = {*map(type, values)} - {NoneType}
    if not kinds or (kinds == {kind} and _is_taken_as_it_is(kind, values, connection)):
        return values
    if kinds == {datetime} and _is_all_utc(values, connection):
        made = {v: v and str(v.replace(tzinfo=None)) for v in set(values)}
    else:
        made = {v: field.get_db_prep_save(v, connection) for v in set(values)}
    return [made[value] for value in values]


def _as_json(value: Any) -> str | None:
    """As text, which both databases make their JSON of."""
    if type(value) is JsonText:
        return str(value)
    return None if value is None else _json(value)


def _is_all_utc(values: list[Any], connection: BaseDatabaseWrapper) -> bool:
    """Of instants for SQLite, which takes them as text, in UTC unless told otherwise:
    they are written as Django does, at a fraction of the cost."""
    is_plain = connection.vendor == "sqlite" and connection.timezone is UTC
    return is_plain and all(v is None or v.tzinfo is UTC for v in values)


def _is_taken_as_it_is(
    kind: type, values: list[Any], connection: BaseDatabaseWrapper
) -> bool:
    if kind in (Decimal, datetime, date) and connection.vendor != "postgresql":
        return False
    return kind is not datetime or all(v is None or v.tzinfo for v in values)
