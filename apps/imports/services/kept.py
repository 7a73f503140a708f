"""Uploaded files: kept in the storage until their run is old, under names that tell
nothing."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.log import hash_of
from apps.integrations.tiktok.exports import FileRefused
from apps.platforms.models import Shop
from apps.users.models import User

LARGEST_FILE = 50 * 1024 * 1024
FOLDER = "imports"
BATCH = 100
_AT_WORK = (
    ImportRun.State.CHECKING,
    ImportRun.State.WAITING,
    ImportRun.State.RUNNING,
    ImportRun.State.UNDOING,
)


def keep(
    shop: Shop,
    kind: ImportRun.Kind,
    name: str,
    path: Path,
    *,
    state: ImportRun.State = ImportRun.State.UPLOADED,
    user: User | None = None,
) -> ImportRun:
    """Store a copy of a file with a run that has read nothing of it yet."""
    with path.open("rb") as file:
        stored = default_storage.save(f"{FOLDER}/{uuid4().hex}", File(file))
    return ImportRun.objects.create(
        shop=shop,
        kind=kind,
        state=state,
        user=user,
        file_name=name[:255],
        file_hash=hash_of(path),
        file=stored,
    )


@contextmanager
def opened(run: ImportRun) -> Iterator[Path]:
    """A run's file as one that can be read as often as needed. Raises FileRefused
    where it is gone."""
    if not has_file(run):
        raise FileRefused("The file is no longer kept. Upload it once more.")
    with tempfile.TemporaryDirectory(prefix="shopdesk-import-") as folder:
        path = Path(folder) / "file"
        with (
            default_storage.open(str(run.file.name)) as stored,
            path.open("wb") as copy,
        ):
            shutil.copyfileobj(stored, copy)
        yield path


def has_file(run: ImportRun) -> bool:
    return bool(run.file) and default_storage.exists(str(run.file.name))


def drop(run: ImportRun) -> None:
    """Let the file go; the run stays."""
    name = str(run.file.name or "")
    ImportRun.objects.filter(pk=run.pk).update(file="")
    run.file.name = ""
    if name:
        default_storage.delete(name)


def files_before(before: datetime) -> int:
    """How many older runs have kept their file, or what they changed."""
    return _holding(before).count()


def drop_files(before: datetime, on_batch: Callable[[int], None]) -> int:
    """Let older files go, and what was kept to undo them: of how many runs. Those can
    then not be gone on with, or undone."""
    gone = 0
    while some := list(_holding(before)[:BATCH]):
        for run in some:
            drop(run)
            run.changes.all().delete()
        gone += len(some)
        on_batch(gone)
    return gone


def runs_before(before: datetime) -> int:
    """How many runs are older."""
    return _old(before).count()


def forget_runs(before: datetime, on_batch: Callable[[int], None]) -> int:
    """Let older runs go with their files: how many. What they read stays."""
    gone = 0
    while some := list(_old(before)[:BATCH]):
        for run in some:
            drop(run)
        ImportRun.objects.filter(pk__in=[run.pk for run in some]).delete()
        gone += len(some)
        on_batch(gone)
    return gone


def _holding(before: datetime) -> QuerySet[ImportRun]:
    changes = ImportChange.objects.filter(run=OuterRef("pk"))
    return _old(before).filter(~Q(file="") | Exists(changes))


def _old(before: datetime) -> QuerySet[ImportRun]:
    runs = ImportRun.objects.filter(started_at__lt=before).exclude(state__in=_AT_WORK)
    return runs.order_by("started_at")
