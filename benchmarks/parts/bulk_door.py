"""The limit an import is held against: cells of a file through the database's bulk door
(COPY and ON CONFLICT on PostgreSQL, executemany on SQLite), a batch a transaction.

Into bare tables of text with one key each: orders and lines with the payload as JSON,
or one flat table with a column for each of the file's. And into tables like ours, with
their columns, indexes and constraints, the very rows that reading the file in has
brought: what any import into these tables would have to write.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from benchmarks.parts.orders_file import HEADER

BATCH = 1_000
_BARE = {  # table: the columns, the key first
    "file_order": ("id", "status", "buyer", "total", "placed_at", "paid_at", "body"),
    "file_line": ("order_id", "sku", *(f"cell_{n}" for n in range(12))),
    "file_row": ("key", *(f"cell_{n}" for n in range(len(HEADER)))),
}
_KEYS = {"file_order": "id", "file_line": "order_id, sku", "file_row": "key"}


def create_bare_tables() -> None:
    """Text alone, and one key each: no other index, no reference."""
    with connection.cursor() as cursor:
        for table, columns in _BARE.items():
            kinds = ", ".join(f"{name} varchar" for name in columns)
            key = _KEYS[table]
            cursor.execute(f"CREATE TABLE {table} ({kinds}, PRIMARY KEY ({key}))")
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TEMPORARY TABLE new_{table} (LIKE {table})")


def through_the_bulk_door(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        orders = groupby(islice(csv.reader(stream), 1, None), key=itemgetter(0))
        while batch := [list(rows) for _, rows in islice(orders, BATCH)]:
            with transaction.atomic(), connection.cursor() as cursor:
                _write_bare(cursor, "file_order", _bare_orders(batch))
                _write_bare(cursor, "file_line", _bare_lines(batch))


def into_one_flat_table(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = islice(csv.reader(stream), 1, None)
        while batch := list(islice(rows, BATCH)):
            with transaction.atomic(), connection.cursor() as cursor:
                _write_bare(cursor, "file_row", map(_bare_row, batch))


def _bare_row(row: list[str]) -> tuple[str, ...]:
    return (f"{row[0].strip()}-{row[5].strip()}", *map(str.strip, row))


def _bare_orders(batch: list[list[list[str]]]) -> Iterator[tuple[str, ...]]:
    for rows in batch:
        first = rows[0]
        body = json.dumps([dict(zip(HEADER, row, strict=True)) for row in rows])
        told = (first[0], first[1], first[38], first[22], first[24], first[25], body)
        yield tuple(map(str.strip, told))


def _bare_lines(batch: list[list[list[str]]]) -> Iterator[tuple[str, ...]]:
    for rows in batch:
        for row in rows:
            yield tuple(map(str.strip, (row[0], row[5], *row[6:18])))


def _write_bare(cursor: Any, table: str, rows: Iterable[tuple[str, ...]]) -> None:
    _write(cursor, table, _BARE[table], _KEYS[table], rows)


def _write(
    cursor: Any, table: str, names: Iterable[str], key: str, rows: Iterable[Any]
) -> None:
    names = [f'"{name}"' for name in names]
    listed = ", ".join(names)
    news = ", ".join(f"{name} = excluded.{name}" for name in names)
    upsert = f"ON CONFLICT ({key}) DO UPDATE SET {news}"
    if connection.vendor == "postgresql":
        cursor.execute(f"TRUNCATE new_{table}")
        with cursor.copy(f"COPY new_{table} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        rest = f"SELECT {listed} FROM new_{table} {upsert}"  # noqa: S608
        cursor.execute(f"INSERT INTO {table} ({listed}) {rest}")
    else:
        marks = ", ".join(["%s"] * len(names))
        rest = f"VALUES ({marks}) {upsert}"
        cursor.executemany(f"INSERT INTO {table} ({listed}) {rest}", list(rows))


@dataclass(frozen=True, slots=True)
class Twin:
    """A table like one of ours, and rows that were written to that."""

    table: str
    names: list[str]
    key: str
    rows: list[tuple[Any, ...]]


def newest_keys() -> dict[str, Any]:
    """{table: its highest key}, by which what comes later is told."""
    found = {}
    for model in _models():
        key = model._meta.pk.attname
        order = model._default_manager.order_by(f"-{key}").values_list(key, flat=True)
        found[model._meta.db_table] = order.first() or 0
    return found


def make_twins(before: dict[str, Any]) -> list[Twin]:
    """One for each table that has got rows since, without them yet."""
    return [
        twin
        for model in _models()
        if (twin := _twin_of(model, before[model._meta.db_table])).rows
    ]


def the_same_rows(path: Path, twins: Iterable[Twin]) -> None:
    """The file's cells are read, as every import must, and the rows written."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for _ in csv.reader(stream):
            pass
    for twin in twins:
        for start in range(0, len(twin.rows), BATCH):
            with transaction.atomic(), connection.cursor() as cursor:
                some = twin.rows[start : start + BATCH]
                _write(cursor, twin.table, twin.names, twin.key, some)


def drop_twins(twins: Iterable[Twin]) -> None:
    """They refer to rows that are to go again."""
    with connection.cursor() as cursor:
        for twin in twins:
            cursor.execute(f"DROP TABLE {twin.table}")


def _models() -> list[type[models.Model]]:
    """Ours, with keys that are counted up."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
        and isinstance(model._meta.pk, models.BigAutoField)
    ]


def _twin_of(model: type[models.Model], newest: int) -> Twin:
    table = model._meta.db_table
    names = [str(field.column) for field in model._meta.concrete_fields]
    key = str(model._meta.pk.column)
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {listed} FROM {table} WHERE {key} > %s", [newest])  # noqa: S608
        twin = Twin(f"twin_{table}", names, key, cursor.fetchall())
        if twin.rows:
            for statement in _like(table, twin.table):
                cursor.execute(statement)
    return twin


def _like(table: str, twin: str) -> Iterator[str]:
    """Statements that make it, with indexes and constraints."""
    if connection.vendor == "postgresql":
        yield f"CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)"
        yield f"CREATE TEMPORARY TABLE new_{twin} (LIKE {table})"
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s "
            "AND sql IS NOT NULL ORDER BY type DESC",  # the table before its indexes
            [table],
        )
        for name, made_by in cursor.fetchall():
            made = made_by.replace(f'"{table}"', f'"{twin}"', 1)
            yield made if name == table else made.replace(name, f"twin_{name}", 1)
