"""Read a stock file into a client: documents of at most so many lines, each whole.

A run that broke off is gone on with by the next of the same file: documents are known
by their keys, so what was booked stays booked once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.imports.services.log import end_run
from apps.inventory.models import StockDocument
from apps.inventory.models.warehouses import StockQuerySet
from apps.inventory.services.csv_rows import read_file
from apps.inventory.services.documents import By, take_back
from apps.inventory.services.stock_import import (
    Examined,
    book_portion,
    examine,
    portions_of,
    preview,
    print_of,
)
from apps.inventory.services.stock_rows import Options, Result
from apps.users.models import Client
from apps.users.services import audit

State = ImportRun.State
Progress = Callable[[int, int], None]
_LONGEST_NAME = 255


@dataclass(slots=True)
class StockImport:
    """What the rows come to and, where it was written, the documents. `earlier` is
    the document that booked this very file before, and holds it back."""

    examined: Examined
    earlier: StockDocument | None = None
    run: ImportRun | None = None
    documents: list[StockDocument] = field(default_factory=list)

    @property
    def is_written(self) -> bool:
        return self.run is not None


def import_stock(
    client: Client,
    data: bytes,
    options: Options,
    by: By,
    *,
    file_name: str,
    at: datetime | None = None,
    dry_run: bool = False,
    strict: bool = False,
    again: bool = False,
    on_progress: Progress | None = None,
) -> StockImport:
    """Counts that name no moment are of `at`, or of now. The same file again changes
    nothing, unless `again`.

    `dry_run` writes nothing; `strict` writes nothing if a row is refused.
    `on_progress` is told rows booked and to book. Raises FileUnusable.
    """
    file, at = read_file(data), at or timezone.now()
    if dry_run:
        found = preview(client, file, options, at)
        return StockImport(found, held_back_by(client, data, found))
    found = examine(client, file, options, at)
    if strict and found.count(Result.REFUSED):
        return StockImport(found)
    result = begin(client, data, found, by, file_name, again=again)
    if result.run is None:
        return result
    try:
        _book(client, result, by, file_name, on_progress)
    except BaseException as error:
        _note(result.run, found)
        end_run(result.run, State.FAILED, str(error) or "Interrupted.")
        raise
    _end(client, result.run, result, by)
    return result


@transaction.atomic
def begin(
    client: Client,
    data: bytes,
    examined: Examined,
    by: By,
    file_name: str,
    *,
    again: bool = False,
) -> StockImport:
    """The run that is to book it, nothing of it booked yet; none where the file was
    booked before. Whoever reads it at the same moment goes on with the same run."""
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    digest = print_of(data, examined.options)
    # Asked once: whoever books it now may come to the end between two questions.
    broken = _broken_off(client, digest)
    earlier = None if again else _held_back_by(client, digest, examined, broken)
    if earlier is not None:
        return StockImport(examined, earlier)
    run = broken or ImportRun(
        client=client,
        user=by.user,
        kind=ImportRun.Kind.STOCK,
        file_name=file_name[:_LONGEST_NAME],
        file_hash=digest,
    )
    run.state, run.ended_at, run.first_error = State.RUNNING, None, ""
    run.rows = len(examined.rows)
    run.save()
    return StockImport(examined, run=run)


def held_back_by(
    client: Client, data: bytes, examined: Examined
) -> StockDocument | None:
    """What booked this very file before, if it would be booked twice."""
    digest = print_of(data, examined.options)
    return _held_back_by(client, digest, examined, _broken_off(client, digest))


def documents_of(run: ImportRun) -> StockQuerySet:
    """Those a run booked, also where they were taken back since."""
    return StockDocument.objects.filter(
        client=run.client_id, key__startswith=_key(run)
    ).order_by("pk")


def take_back_run(run: ImportRun, by: By) -> int:
    """Take back all that a run booked, the last first: how many documents. What was
    taken back before stays so."""
    left = documents_of(run).exclude(state=StockDocument.State.REVERSED)
    documents = list(left.order_by("-pk"))
    for document in documents:
        take_back(document, by)
    return len(documents)


def _held_back_by(
    client: Client, digest: str, examined: Examined, broken: ImportRun | None
) -> StockDocument | None:
    if not examined.books_anew:
        return None
    rows = _documents(client, digest)
    if broken is not None:
        rows = rows.exclude(key__startswith=_key(broken))
    return rows.exclude(state=StockDocument.State.REVERSED).last()


def _broken_off(client: Client, digest: str) -> ImportRun | None:
    """The run of this file that has not come to its end, and can be gone on with."""
    runs = ImportRun.objects.filter(
        client=client, kind=ImportRun.Kind.STOCK, file_hash=digest
    )
    last = runs.first()
    if last is None or last.state not in (State.RUNNING, State.FAILED):
        return None
    reversed_ones = documents_of(last).filter(state=StockDocument.State.REVERSED)
    return None if reversed_ones.exists() else last


def _book(
    client: Client,
    result: StockImport,
    by: By,
    file_name: str,
    on_progress: Progress | None,
) -> None:
    assert result.run is not None
    pieces = portions_of(result.examined, file_name, _key(result.run))
    done, total = 0, sum(len(piece.rows) for piece in pieces)
    for piece in pieces:
        document = book_portion(client, piece, by)
        if document is not None:
            result.documents.append(document)
        done += len(piece.rows)
        if on_progress is not None:
            on_progress(done, total)


def _end(client: Client, run: ImportRun, result: StockImport, by: By) -> None:
    refused = result.examined.of(Result.REFUSED)
    error = f"Line {refused[0].row.line}: {refused[0].said}" if refused else ""
    _note(run, result.examined)
    with transaction.atomic():
        audit.record(
            "imported stock",
            client,
            actor=by.user,
            process=by.process,
            client=client,
            address=by.address,
            file=run.file_name,
            documents=len(result.documents),
            updated=run.updated,
            failed=run.failed,
        )
        end_run(run, State.PARTLY if refused else State.DONE, error)


def _note(run: ImportRun, examined: Examined) -> None:
    run.rows = len(examined.rows)
    run.updated = examined.count(Result.CHANGED)
    run.same = examined.count(Result.SAME) + examined.count(Result.SKIPPED)
    run.failed = examined.count(Result.REFUSED)


def _key(run: ImportRun) -> str:
    return f"{_key_of_file(run.file_hash)}{run.pk}:"


def _key_of_file(digest: str) -> str:
    return f"file:{digest[:24]}:"


def _documents(client: Client, digest: str) -> StockQuerySet:
    return StockDocument.objects.filter(
        client=client, key__startswith=_key_of_file(digest)
    ).order_by("pk")
