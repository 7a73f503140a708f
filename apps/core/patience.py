"""How long a write waits where another process holds the whole database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """SQLite has one writer: others wait as long as the connection says, which is too
    long for a caller who gives up before. Elsewhere rows are locked, and inserting one
    waits for nobody."""
    using = connections[DEFAULT_DB_ALIAS]
    if using.vendor != "sqlite":
        yield
        return
    using.ensure_connection()
    usual = using.settings_dict["OPTIONS"].get("timeout", 5)
    _be_patient(using.connection, seconds)
    try:
        yield
    finally:
        _be_patient(using.connection, usual)


def _be_patient(raw: object, seconds: float) -> None:
    """On the driver's own connection: this is no query of anybody's."""
    if raw is not None:
        raw.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")  # type: ignore[attr-defined]
