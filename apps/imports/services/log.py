"""The record of one file read into one shop."""

import hashlib
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from apps.imports.models import ImportRun
from apps.platforms.models import Shop
from apps.users.models import User


def new_run(
    shop: Shop, path: Path, kind: ImportRun.Kind, user: User | None
) -> ImportRun:
    """Not saved yet: looking at a file leaves no trace."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ImportRun(
        shop=shop,
        user=user,
        kind=kind,
        file_name=path.name[:255],
        file_hash=digest,
    )


def end_run(run: ImportRun, state: ImportRun.State, error: str) -> None:
    run.state = state
    run.ended_at = timezone.now()
    run.first_error = error[:500]
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
