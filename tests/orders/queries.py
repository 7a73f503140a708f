"""What a piece of code asked of the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from django.db import connection
from django.test.utils import CaptureQueriesContext

_BOOKKEEPING = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
_KEYS = ("SELECT nextval(", "SELECT seq FROM sqlite_sequence")
_MANY = re.compile(r"^\d+ times: ")


class Statements(list[str]):
    """SQL in turn; savepoints and the like, and taking keys, are left out."""

    @property
    def writing(self) -> list[str]:
        # DECLARE opens a cursor of PostgreSQL for reading; there, the parts of a UNION
        # stand in brackets.
        reading = ("SELECT", "(SELECT", "DECLARE")
        return [sql for sql in self if not sql.startswith(reading)]

    @property
    def kinds(self) -> list[str]:
        """Verb and table of each; COPY is an INSERT. Equal neighbours once, because
        SQLite takes only so many values in a statement and a batch is cut to fit."""
        return [kind for kind, _ in groupby(map(_kind, self))]


def _kind(sql: str) -> str:
    words = sql.replace('"', " ").split()
    verb = words[0]
    before_table = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM"}.get(verb)
    at = words.index(before_table) + 1 if before_table in words else 1
    return f"{verb.replace('COPY', 'INSERT')} {words[at]}"


@contextmanager
def statements() -> Iterator[Statements]:
    found = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(
        sql
        for query in captured.captured_queries
        if not (sql := _MANY.sub("", query["sql"])).startswith((*_BOOKKEEPING, *_KEYS))
    )
