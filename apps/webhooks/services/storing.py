"""One delivery, one row, in one statement.

The ORM would build the statement anew each time and wrap it in a transaction, which
takes as long again as the statement.
"""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.webhooks.models import WebhookEvent

# Columns that say that nothing was done yet, in SQL: each value that is not handed over
# is a part of what a delivery costs.
_AS_BEGUN = {
    "attempts": "0",
    "claimed_by": "''",
    "claimed_until": "NULL",
    "processed_at": "NULL",
    "milliseconds": "NULL",
    "outcome": "''",
}


def insert(event: WebhookEvent) -> bool:
    """Store a row; False if one with its identity is there already. Raises
    DatabaseError."""
    using = connections[DEFAULT_DB_ALIAS]  # once: each look at `connection` costs
    held = event.__dict__
    values = [_prepared(field, held[field.attname], using) for field in _fields()]
    statement = _statement(using.vendor)
    if using.connection is None and (pool := getattr(using, "pool", None)):
        with using.wrap_database_errors:
            return _straight(pool, statement, values)
    with using.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def _straight(pool: Any, statement: str, values: list[Any]) -> bool:
    """By a connection of the pool's that Django does not dress first and undress at the
    end of the request; and the server, not the client, puts the values in. Each of the
    two costs as much as storing the row."""
    from psycopg import Cursor  # not there on machines that know SQLite alone

    pool.open()  # where nobody has yet
    connection = pool.getconn()
    try:
        # Whoever had it before may have died within a transaction: the row would go
        # with it.
        if not connection.autocommit:
            connection.autocommit = True
        return bool(Cursor(connection).execute(statement, values).rowcount)
    finally:
        pool.putconn(connection)


def _prepared(field: Any, value: Any, using: BaseDatabaseWrapper) -> Any:
    """Text and whole numbers every database takes as they are."""
    if value is None or type(value) in (str, int):
        return value
    return field.get_db_prep_save(value, using)


@cache
def _fields() -> list[Any]:
    """What a delivery fills in; the rest is as the model begins."""
    return [
        field
        for field in WebhookEvent._meta.concrete_fields
        if not field.primary_key and field.name not in _AS_BEGUN
    ]


@cache
def _statement(vendor: str) -> str:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = [quote(field.column) for field in _fields()]
    columns += [quote(name) for name in _AS_BEGUN]
    values = ["%s"] * len(_fields()) + [*_AS_BEGUN.values()]
    table = quote(WebhookEvent._meta.db_table)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(values)}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
