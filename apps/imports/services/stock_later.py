"""Stock files that take too long while somebody waits: kept in the storage, booked by a
task. What a worker left behind is gone on with; documents are known by their keys, so
two workers at one file book it once."""

import json
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from apps.core.errors import DomainError
from apps.imports.models import ImportRun
from apps.imports.services.log import end_run
from apps.imports.services.stock import (
    StockImport,
    begin,
    documents_of,
    import_stock,
)
from apps.imports.services.stock_files import KeptFile, packed, unpacked
from apps.inventory.models import Warehouse
from apps.inventory.services.csv_rows import read_file
from apps.inventory.services.documents import By
from apps.inventory.services.stock_import import examine

State = ImportRun.State
# A document of the most lines takes seconds; who made none for so long has ended.
LONGEST_SILENCE = timedelta(minutes=5)


def leave(file: KeptFile, by: By, *, again: bool = False) -> StockImport:
    """Keep a file for the task, whose run is in the result; without one, it was booked
    before and is held back. Raises FileUnusable."""
    found = examine(file.client, read_file(file.data), file.options, file.at)
    result = begin(file.client, file.data, found, by, file.name, again=again)
    if result.run is not None and not is_kept(result.run):
        told = packed(file) | {"again": again, "address": by.address}
        default_storage.save(
            _name(result.run), ContentFile(json.dumps(told).encode("ascii"))
        )
    return result


def book_kept(run: ImportRun) -> None:
    """Book what was left; nothing where it is booked already."""
    if run.state != State.RUNNING or not is_kept(run):
        return
    assert run.client is not None
    with default_storage.open(_name(run)) as stored:
        told = json.load(stored)
    try:
        file = unpacked(run.client, told)
        result = import_stock(
            file.client,
            file.data,
            file.options,
            By(run.user, told["address"]),
            file_name=file.name,
            at=file.at,
            again=told["again"],
            on_progress=lambda done, total: _show(run, done),
        )
        if result.run is None:
            end_run(run, State.FAILED, "The file was booked meanwhile.")
    except (DomainError, Warehouse.DoesNotExist) as error:
        end_run(run, State.FAILED, str(error))
    finally:
        default_storage.delete(_name(run))


def is_kept(run: ImportRun) -> bool:
    """Whether its file waits to be booked, or is being booked."""
    return default_storage.exists(_name(run))


def due_runs(now: datetime) -> list[ImportRun]:
    """Those whose message was lost, or whose worker has ended."""
    quiet = now - LONGEST_SILENCE
    runs = ImportRun.objects.filter(
        kind=ImportRun.Kind.STOCK, state=State.RUNNING, started_at__lt=quiet
    )
    return [
        run
        for run in runs.order_by("pk")
        if is_kept(run) and not documents_of(run).filter(created_at__gte=quiet).exists()
    ]


def _show(run: ImportRun, done: int) -> None:
    """For who looks at the run meanwhile."""
    ImportRun.objects.filter(pk=run.pk).update(updated=done)


def _name(run: ImportRun) -> str:
    return f"stock-files/{run.pk}.json"
