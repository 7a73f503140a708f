"""An uploaded file is read into its shop, batch by batch. How far it came is written in
the transaction of the batch, so nothing is read twice and nothing is left out, wherever
a worker stops."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.imports.services.checking import dates_of, keep_problems, refusals
from apps.imports.services.headings import count_unknown
from apps.imports.services.inspecting import read_as
from apps.imports.services.kept import opened
from apps.imports.services.log import Outcome, end_run
from apps.imports.services.readers import READERS
from apps.imports.services.stages import State, fail, take
from apps.integrations.tiktok.exports import FileRefused
from apps.platforms.models import Shop
from apps.users.services import audit


class Overtaken(Exception):
    """Another worker is at the run, or it was stopped meanwhile."""


def read_in(run: ImportRun) -> None:
    """Read a file that waits, or whose worker is gone, from where it is; nothing where
    another worker does. Ends DONE, PARTLY (some items are refused) or STOPPED (asked
    to), or FAILED with the reason; it can be gone on with then."""
    if run.state == State.WAITING:
        moved = ImportRun.objects.filter(pk=run.pk, state=State.WAITING)
        moved.update(state=State.RUNNING, heard_at=None)
    if not take(run, State.RUNNING):
        return
    try:
        with opened(run) as path:
            _read_in(run, path)
    except Overtaken:
        return
    except FileRefused as error:
        fail(run, State.RUNNING, error.message)
    except Exception as error:
        fail(run, State.RUNNING, f"It broke off ({type(error).__name__}).")
        raise


def _read_in(run: ImportRun, path: Path) -> None:
    assert run.shop is not None
    reader = READERS[run.kind]
    items = islice(_items(run, run.shop, path), run.done, None)
    while batch := list(islice(items, reader.batch)):
        if _is_stop_asked(run):
            _end(run, State.STOPPED)
            return
        with transaction.atomic():
            outcome = reader.store(run, run.shop, batch)
            _note(run, len(batch), outcome)
            keep_problems(run, refusals(run.kind, outcome.refused))
    _end(run, State.PARTLY if run.failed else State.DONE)


def _items(run: ImportRun, shop: Shop, path: Path) -> Iterator[Any]:
    """All of a file's items; a run that begins says what holds some of them back."""
    reader = READERS[run.kind]
    is_new = not run.done
    if is_new:
        run.new = run.updated = run.same = 0
    if reader.reread and _is_as_checked(run, shop):
        if is_new:
            run.failed = run.report["held_back"]
            # What the dry run refused by what the shop has is refused again, or not.
            run.problems.filter(line=0).exclude(item="").delete()
        return reader.reread(shop, path, dates_of(run))
    file = reader.open(shop, path, dates_of(run))
    run.report |= {"unknown": list(file.unknown)}
    if is_new:
        run.total, run.rows, run.failed = file.total, file.rows, file.refused
        run.problems.all().delete()
        keep_problems(run, file.problems)
    return file.items()


def _is_as_checked(run: ImportRun, shop: Shop) -> bool:
    """Whether the file says today what it said when it was checked."""
    now = read_as(shop, ImportRun.Kind(run.kind), dates_of(run))
    return bool(run.report.get("read_as") == now)


def _is_stop_asked(run: ImportRun) -> bool:
    return ImportRun.objects.filter(pk=run.pk, is_stop_asked=True).exists()


def _note(run: ImportRun, count: int, outcome: Outcome) -> None:
    """Raises Overtaken, which undoes the batch."""
    columns = {
        "done": run.done + count,
        "total": run.total,
        "rows": run.rows,
        "new": run.new + outcome.new,
        "updated": run.updated + outcome.updated,
        "same": run.same + outcome.same,
        "failed": run.failed + len(outcome.refused),
        "heard_at": timezone.now(),
    }
    mine = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING, done=run.done)
    if not mine.update(**columns):
        raise Overtaken
    for name, value in columns.items():
        setattr(run, name, value)


@transaction.atomic
def _end(run: ImportRun, state: ImportRun.State) -> None:
    assert run.shop is not None
    mine = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING, done=run.done)
    if not mine.update(heard_at=timezone.now()):
        raise Overtaken
    if state != State.STOPPED:
        unknown = run.report["unknown"]
        count_unknown(run.shop, ImportRun.Kind(run.kind), unknown)
    audit.record(
        f"imported {run.kind}" if state != State.STOPPED else "stopped an import",
        run.shop,
        actor=run.user,
        process="import",
        client=run.shop.client,
        file=run.file_name,
        new=run.new,
        updated=run.updated,
        failed=run.failed,
    )
    first = run.problems.filter(is_error=True).first()
    run.is_stop_asked = False
    end_run(run, state, first.message if first else "")
