"""A file somebody offers for a shop: told what it is by its content, and kept."""

from pathlib import Path

from apps.imports.errors import ImportRefused
from apps.imports.models import ImportRun
from apps.imports.services.kept import LARGEST_FILE, keep
from apps.imports.services.log import hash_of
from apps.imports.services.readers import READERS
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.kinds import FileKind
from apps.integrations.tiktok.exports.recognise import Recognised, recognise, where_to
from apps.platforms.models import Shop
from apps.users.models import User

Kind = ImportRun.Kind
# Not read yet: kept, so that nobody has to look for them again.
_LATER = {
    FileKind.CREATOR: Kind.CREATORS,
    FileKind.CREATOR_PERFORMANCE: Kind.CREATORS,
    FileKind.LIVE: Kind.LIVE,
    FileKind.VIDEO: Kind.VIDEO,
}


def kind_of(shop: Shop, path: Path) -> ImportRun.Kind:
    """What a file offered for a shop is. Raises FileRefused for what nobody can read,
    ImportRefused for what belongs elsewhere; both say what to do."""
    if path.stat().st_size > LARGEST_FILE:
        raise FileRefused(
            "The file is larger than 50 MB. Export a shorter time, and upload the "
            "parts."
        )
    return _kind_of(recognise(path, region=shop.region))


def receive(
    shop: Shop, kind: ImportRun.Kind, name: str, path: Path, user: User | None
) -> ImportRun:
    """Keep a file of a shop: to be read, or KEPT until its kind is; then the same file
    is not kept twice."""
    if kind in READERS:
        return keep(shop, kind, name, path, user=user)
    kept = ImportRun.State.KEPT
    same = ImportRun.objects.filter(shop=shop, kind=kind, state=kept)
    known = same.filter(file_hash=hash_of(path)).exclude(file="").first()
    return known or keep(shop, kind, name, path, state=kept, user=user)


def _kind_of(found: Recognised) -> ImportRun.Kind:
    kind = found.kind
    if kind is None and found.nearest == FileKind.ORDERS:
        return Kind.ORDERS  # its headings can be matched
    if kind in (FileKind.SETTLEMENT, FileKind.UNSETTLED):
        return Kind.SETTLEMENT
    if kind in _LATER:
        return _LATER[kind]
    if kind is not None and kind.value in READERS:
        return Kind(kind.value)
    if kind is not None:
        raise ImportRefused(where_to(kind))
    if found.nearest is not None:
        lacks = ", ".join(f"“{name}”" for name in found.lacks)
        raise ImportRefused(f"{where_to(found.nearest)} It lacks {lacks}.")
    raise ImportRefused(
        "This is none of the files that are read here. Upload an export of Seller "
        "Center as it was downloaded: orders, returns, income, or the bulk edit file "
        "of products."
    )
