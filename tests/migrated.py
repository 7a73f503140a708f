"""A migrated SQLite database kept between test runs: migrating takes longer than most
of what one runs again and again. It is made anew when any migration or pin changes, by
the first of the test processes; the others wait for it."""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db.backends.sqlite3.creation import DatabaseCreation

_ROOT = Path(__file__).parent.parent


def path_in(folder: Path) -> Path:
    """Where the database stands that today's migrations make."""
    made_of = hashlib.sha256()
    for source in sorted(_ROOT.glob("apps/*/migrations/*.py")):
        made_of.update(source.read_bytes())
    made_of.update((_ROOT / "requirements" / "development.txt").read_bytes())
    return folder / f"{made_of.hexdigest()[:16]}.sqlite3"


def kept_at(path: Path) -> Any:
    """A context in which Django begins its test database as a copy of the one kept, so
    that nothing is left to migrate, and keeps it where there was none."""
    create = DatabaseCreation.create_test_db
    begin = DatabaseCreation._create_test_db  # type: ignore[attr-defined]

    def begin_with_copy(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = begin(self, *args, **kwargs)
        if path.exists():
            with closing(sqlite3.connect(path)) as kept:
                kept.backup(_opened(self, name))
        return name

    def create_and_keep(self: Any, *args: Any, **kwargs: Any) -> Any:
        if path.exists():
            return create(self, *args, **kwargs)
        with _one_at_a_time(path.with_suffix(".lock")):
            name = create(self, *args, **kwargs)
            if not path.exists():
                _keep(_opened(self, name), path)
        return name

    return patch.multiple(
        DatabaseCreation,
        _create_test_db=begin_with_copy,
        create_test_db=create_and_keep,
    )


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _keep(made: sqlite3.Connection, path: Path) -> None:
    """In the place of what former migrations made."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(unfinished)) as kept:
        made.backup(kept)
    unfinished.replace(path)
    for former in (*path.parent.glob("*.sqlite3"), *path.parent.glob("*.lock")):
        if former.stem != path.stem:
            former.unlink(missing_ok=True)


def _opened(creation: Any, name: str) -> sqlite3.Connection:
    """Under its test's name, which Django gives the connection a moment later."""
    creation.connection.close()
    creation.connection.settings_dict["NAME"] = name
    creation.connection.ensure_connection()
    opened: sqlite3.Connection = creation.connection.connection
    return opened
