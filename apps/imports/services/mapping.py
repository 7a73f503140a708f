"""Read a mapping file into shops: one batch a shop, which can be undone."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from apps.imports.models import ImportRun
from apps.orders.services.mapping import By, Outcome, apply_file
from apps.platforms.models import Shop
from apps.products.services.mapping_files import FileRow, MappingFile, read_file
from apps.products.services.mapping_rows import (
    Change,
    Examined,
    Result,
    examine,
    planned,
)


@dataclass(slots=True)
class MappingImport:
    """What the rows come to, and, where it was written, what became of each shop."""

    file: MappingFile
    examined: Examined
    outcomes: dict[Shop, Outcome] = field(default_factory=dict)
    is_written: bool = False

    @property
    def refused(self) -> list[tuple[FileRow, str]]:
        return [
            (each.row, each.said)
            for each in self.examined.rows
            if each.result == Result.REFUSED
        ]

    @property
    def left(self) -> list[str]:
        """SKUs that changed between looking and writing, and why they are left."""
        return [str(left) for each in self.outcomes.values() for left in each.left]


def import_mapping(
    data: bytes,
    shops: Sequence[Shop],
    by: By,
    *,
    file_name: str,
    unlink_blank: bool = False,
    dry_run: bool = False,
    strict: bool = False,
) -> MappingImport:
    """`shops` are all that rows may speak of. The same file again changes nothing.

    `dry_run` writes nothing; `strict` writes nothing if a row is refused. Raises
    FileUnusable.
    """
    file = read_file(data)
    examined = examine(file.rows, shops, unlink_blank=unlink_blank)
    result = MappingImport(file, examined)
    if dry_run or (strict and examined.count(Result.REFUSED)):
        return result
    digest = hashlib.sha256(data).hexdigest()
    result.outcomes = apply_changes(
        examined.changes(), by, file_name=file_name, file_hash=digest, examined=examined
    )
    result.is_written = True
    return result


@transaction.atomic
def apply_changes(
    changes: Mapping[Shop, Sequence[Change]],
    by: By,
    *,
    file_name: str,
    file_hash: str,
    examined: Examined | None = None,
) -> dict[Shop, Outcome]:
    """All shops or none; each has its record in the log of imports, where `examined`
    tells of the rows that change nothing, too. Shops are locked in the order of keys.
    """
    rows = examined.rows if examined else ()
    told = {each.shop: each.shop.pk for each in rows if each.shop is not None}
    told |= {shop: shop.pk for shop in changes}
    # All before the first change: those of one client meet in what each change marks.
    locked = Shop.objects.select_for_update(no_key=True).order_by("pk")
    list(locked.filter(pk__in=told.values()).values_list("pk"))
    return {
        shop: _apply(shop, changes.get(shop, ()), by, file_name, file_hash, examined)
        for shop in sorted(told, key=told.__getitem__)
    }


def _apply(
    shop: Shop,
    changes: Sequence[Change],
    by: By,
    file_name: str,
    file_hash: str,
    examined: Examined | None,
) -> Outcome:
    started = timezone.now()
    outcome = Outcome()
    if changes:
        keys = [change.key for change in changes]
        outcome = apply_file(shop, keys, planned(changes, shop.client), by)
    rows = [each for each in (examined.rows if examined else ()) if each.shop == shop]
    refused = [each for each in rows if each.result == Result.REFUSED]
    failed = len(refused) + len(outcome.left)
    first = outcome.left[0] if outcome.left else None
    error = f"Line {refused[0].row.line}: {refused[0].said}" if refused else first or ""
    done = set(outcome.changed)
    new = sum(change.key in done and change.is_new for change in changes)
    ImportRun.objects.create(
        shop=shop,
        user=by.user,
        kind=ImportRun.Kind.MAPPING,
        state=ImportRun.State.PARTLY if failed else ImportRun.State.DONE,
        file_name=file_name[:255],
        file_hash=file_hash,
        started_at=started,
        ended_at=timezone.now(),
        rows=len(rows) or len(changes),
        new=new,
        updated=len(done) - new,
        same=sum(each.result == Result.SAME for each in rows) + len(outcome.same),
        failed=failed,
        first_error=str(error)[:500],
    )
    return outcome
