"""A catalogue file taken in: each product whole, or not at all."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from apps.core.errors import DomainError
from apps.core.exports import harmless
from apps.products.errors import ProductRefused
from apps.products.models import Category
from apps.products.services.catalogue import create_product, update_product
from apps.products.services.catalogue_compare import compare
from apps.products.services.catalogue_files import ERROR, CatalogueFile, read_file
from apps.products.services.catalogue_rows import Comparison, Group, Kind, RowResult
from apps.products.services.categories import category_at
from apps.users.models import Client, User
from apps.users.services import audit

Progress = Callable[[int, int], None]


def import_catalogue(
    client: Client,
    path: Path,
    *,
    dry_run: bool = False,
    actor: User | None = None,
    address: str | None = None,
    on_progress: Progress | None = None,
) -> Comparison:
    """Compare the file with the client's catalogue and take in what differs.

    The same file again changes nothing. `dry_run` only compares. `on_progress` is told
    products done and products to write. Raises FileUnusable.
    """
    comparison = compare(client, read_file(path.read_bytes()))
    if not dry_run:
        apply(
            client,
            comparison,
            file_name=path.name,
            actor=actor,
            address=address,
            on_progress=on_progress,
        )
    return comparison


def apply(
    client: Client,
    comparison: Comparison,
    *,
    file_name: str,
    actor: User | None = None,
    address: str | None = None,
    on_progress: Progress | None = None,
    most: int | None = None,
) -> int:
    """Write what was compared; at most so many products, and how many are left.

    What no longer holds is refused in `comparison`.
    """
    to_write = [group for group in comparison.groups if group.is_to_write]
    # Bundles last: what they are made of may be in the file, too.
    to_write.sort(key=lambda group: group.has_bundles)
    groups = to_write[:most]
    categories: dict[str, Category] = {}
    for done, group in enumerate(groups):
        try:
            _write(client, group, categories, actor, address)
        except DomainError as error:
            _refuse(group, error)
        if on_progress is not None:
            on_progress(done + 1, len(groups))
    if groups:
        counts: dict[str, Any] = {kind.value: comparison.count(kind) for kind in Kind}
        audit.record(
            "imported products",
            client,
            actor=actor,
            process="import_catalogue",
            client=client,
            address=address,
            file=file_name[:255],
            **counts,
        )
    return len(to_write) - len(groups)


def write_error_file(comparison: Comparison, out: IO[str]) -> int:
    """The refused rows as they were, with a last column `error`; how many."""
    file = comparison.file
    old = _place_of_errors(file)
    writer = csv.writer(out)
    writer.writerow([*_without(file.header, old), ERROR])
    for each in comparison.refused:
        cells = [*each.row.raw, *[""] * (len(file.header) - len(each.row.raw))]
        told = harmless(" ".join(each.error.split()))
        writer.writerow([*_without(cells[: len(file.header)], old), told])
    return len(comparison.refused)


@transaction.atomic
def _write(
    client: Client,
    group: Group,
    categories: dict[str, Category],
    actor: User | None,
    address: str | None,
) -> None:
    """`categories` are {path: the category there}, as far as they are known."""
    values = dict(group.values)
    if group.category_path is not None:
        path = group.category_path
        values["category"] = None
        if path:
            values["category"] = categories.get(path) or category_at(
                client, path, actor=actor, address=address
            )
    if group.product is None:
        create_product(client, values, group.variants, actor=actor, address=address)
    else:
        update_product(
            group.product, values, group.variants, actor=actor, address=address
        )
    if category := values.get("category"):
        categories[group.category_path or ""] = category


def _refuse(group: Group, error: DomainError) -> None:
    faults = error.faults if isinstance(error, ProductRefused) else []
    for fault in faults:
        concerned: Iterable[RowResult] = (
            group.results if fault.row is None else [group.results[fault.row]]
        )
        for each in concerned:
            each.refuse(fault.field, fault.message)
    for each in group.results:
        if each.kind is not Kind.REFUSED:
            told = "Another row of the same product is refused."
            each.refuse("", told if faults else str(error))


def _place_of_errors(file: CatalogueFile) -> int | None:
    names = [name.strip().casefold() for name in file.header]
    return names.index(ERROR) if ERROR in names else None


def _without(cells: Iterable[str], place: int | None) -> list[str]:
    """Without the column of an earlier `error`."""
    return [cell for at, cell in enumerate(cells) if at != place]
