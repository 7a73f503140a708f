"""What a piece of code asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from django.db import connection
from django.test.utils import CaptureQueriesContext

_BOOKKEEPING = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


class Statements(list[str]):
    """SQL in turn; savepoints and the like are left out."""

    @property
    def writing(self) -> list[str]:
        # DECLARE opens a cursor of PostgreSQL for reading.
        return [sql for sql in self if not sql.startswith(("SELECT", "DECLARE"))]

    @property
    def kinds(self) -> list[str]:
        """Verb and table of each; equal neighbours once, because SQLite takes only so
        many values in one statement and a batch is cut to fit."""
        return [kind for kind, _ in groupby(map(_kind, self))]


def _kind(sql: str) -> str:
    words = sql.replace('"', " ").split()
    verb = words[0]
    before_table = {"SELECT": "FROM", "INSERT": "INTO", "DELETE": "FROM"}.get(verb)
    at = words.index(before_table) + 1 if before_table in words else 1
    return f"{verb} {words[at]}"


@contextmanager
def statements() -> Iterator[Statements]:
    found = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield found
    found.extend(
        sql
        for query in captured.captured_queries
        if not (sql := query["sql"]).startswith(_BOOKKEEPING)
    )
