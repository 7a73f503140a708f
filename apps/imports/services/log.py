"""The record of one file read into one shop."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from apps.core.logging import redacted
from apps.imports.models import ImportRun
from apps.integrations.tiktok.exports import FileRefused, Problem
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.services import audit


class Report(Protocol):
    @property
    def rows(self) -> int: ...


class Outcome(Protocol):
    """What storing or comparing some items came to; `refused` is (item's ID, why)."""

    @property
    def new(self) -> int: ...
    @property
    def updated(self) -> int: ...
    @property
    def same(self) -> int: ...
    @property
    def refused(self) -> list[tuple[str, str]]: ...


class Result(Protocol):
    """What a file holds and what became of it; `failed` items are refused."""

    is_written: bool

    @property
    def report(self) -> Report: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def failed(self) -> int: ...
    @property
    def errors(self) -> Sequence[Problem]: ...


def new_run(
    shop: Shop, path: Path, kind: ImportRun.Kind, user: User | None
) -> ImportRun:
    """Not saved yet: looking at a file leaves no trace."""
    return ImportRun(
        shop=shop,
        user=user,
        kind=kind,
        file_name=path.name[:255],
        file_hash=hash_of(path),
    )


def hash_of(path: Path) -> str:
    """By which the very same file is known again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def end_run(run: ImportRun, state: ImportRun.State, error: str) -> None:
    run.state = state
    run.ended_at = timezone.now()
    run.first_error = redacted(error)[:500]
    run.save()


def last_read(run: ImportRun) -> datetime | None:
    """When the very same file was read into the shop before, if it was."""
    done = (ImportRun.State.DONE, ImportRun.State.PARTLY)
    return (
        ImportRun.objects.filter(
            shop=run.shop, kind=run.kind, file_hash=run.file_hash, state__in=done
        )
        .values_list("started_at", flat=True)
        .first()
    )


@contextmanager
def refusal_logged(run: ImportRun, *, dry_run: bool) -> Iterator[None]:
    """That a file cannot be used stands in the log, unless it was only looked at."""
    try:
        yield
    except FileRefused as error:
        if not dry_run:
            end_run(run, ImportRun.State.FAILED, str(error))
        raise


def store_logged(run: ImportRun, result: Result, store: Callable[[], None]) -> None:
    """Store what a checked file holds: `store` does it and tells `result`. The log says
    how far it came, also where it breaks off."""
    assert run.shop is not None
    run.save()
    try:
        store()
    except BaseException as error:
        _note(run, result)
        end_run(run, ImportRun.State.FAILED, str(error) or "Interrupted.")
        raise
    result.is_written = True
    _note(run, result)
    audit.record(
        f"imported {run.kind}",
        run.shop,
        actor=run.user,
        process="import_file",
        client=run.shop.client,
        file=run.file_name,
        new=run.new,
        updated=run.updated,
        failed=run.failed,
    )
    state = ImportRun.State.PARTLY if result.errors else ImportRun.State.DONE
    end_run(run, state, result.errors[0].message if result.errors else "")


def _note(run: ImportRun, result: Result) -> None:
    run.rows = result.report.rows
    run.new = result.outcome.new
    run.updated = result.outcome.updated
    run.same = result.outcome.same
    run.failed = result.failed
