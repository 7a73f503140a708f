"""Read Seller Center's product list into a shop, through the same ingest as the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apps.core.storing import portions
from apps.imports.models import ImportRun
from apps.imports.services.changes_of_items import recorded_listings
from apps.imports.services.log import (
    last_read,
    new_run,
    refusal_logged,
    store_logged,
)
from apps.imports.services.whole_file import Progress, Store, refused, store_all
from apps.integrations.contracts import RemoteListing, Source
from apps.integrations.tiktok.exports import (
    Problem,
    ProductsFile,
    ProductsFileReport,
    inspect_products_file,
)
from apps.platforms.models import Shop
from apps.products.models import Listing
from apps.products.services.ingest import (
    IngestResult,
    ingest_listings,
    preview_listings,
)
from apps.products.services.sold_skus import PLACEHOLDER
from apps.users.models import User

BATCH = 100
NAMED = 5


@dataclass(slots=True)
class ProductsImport:
    """What the file holds, what is wrong with it, and what became of its products.

    `absent` are the IDs of listings of the shop that the file does not name; they stay
    as they are. `earlier` is when the very same file was read before, if it was.
    """

    report: ProductsFileReport
    problems: list[Problem]
    outcome: IngestResult = field(default_factory=IngestResult)
    absent: list[str] = field(default_factory=list)
    earlier: datetime | None = None
    is_written: bool = False

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def failed(self) -> int:
        return self.report.refused_products + len(self.outcome.refused)


def import_products(
    shop: Shop,
    path: Path,
    *,
    dry_run: bool = False,
    strict: bool = False,
    user: User | None = None,
    on_progress: Progress = None,
) -> ProductsImport:
    """Check the whole file, then store its good products, each whole or not at all.

    Where the API has spoken, the file only fills gaps. The same file again changes
    nothing. `dry_run` compares and writes nothing; `strict` writes nothing if any row
    is bad. `on_progress` is told products done, in all, and the outcome so far. Raises
    FileRefused if the file cannot be used.
    """
    run = new_run(shop, path, ImportRun.Kind.PRODUCTS, user)
    with refusal_logged(run, dry_run=dry_run):
        file = inspect_products_file(path, currency=shop.currency, region=shop.region)
    result = ProductsImport(
        file.report,
        file.problems,
        absent=_absent(shop, file),
        earlier=last_read(run),
    )
    result.problems += _note_absent(result.absent) + _note_other_shops(shop, file)
    if dry_run:
        _store(file, result, partial(compared_listings, shop), on_progress)
        return result
    if strict and result.errors:
        return result
    store = partial(stored_listings, run, shop)
    store_logged(run, result, lambda: _store(file, result, store, on_progress))
    return result


def compared_listings(shop: Shop, batch: Sequence[RemoteListing]) -> IngestResult:
    """What storing them would do, with nothing written."""
    return preview_listings(shop, batch, Source.FILE)


def stored_listings(
    run: ImportRun, shop: Shop, batch: Sequence[RemoteListing]
) -> IngestResult:
    """Store listings so that the run can be undone."""
    return recorded_listings(
        run, shop, batch, lambda: ingest_listings(shop, batch, Source.FILE)
    )


def _store(
    file: ProductsFile, result: ProductsImport, store: Store, on_progress: Progress
) -> None:
    store_all(
        iter(file.listings),
        store,
        result.outcome,
        batch=BATCH,
        total=len(file.listings),
        on_progress=on_progress,
    )
    result.problems += refused(result.outcome, "product", "product_id")


def _absent(shop: Shop, file: ProductsFile) -> list[str]:
    """The file may be a part of an export, so this says nothing about deletion."""
    known = Listing.objects.present().filter(shop=shop)
    ids = known.exclude(remote_id__startswith=PLACEHOLDER).order_by("remote_id")
    return [
        remote_id
        for remote_id in ids.values_list("remote_id", flat=True)
        if remote_id not in file.product_ids
    ]


def notes_of_shop(shop: Shop, file: ProductsFile) -> list[Problem]:
    """What the shop's own products say against a file, as notes. Of other shops only
    the command speaks: who reads a page may not see them."""
    return _note_absent(_absent(shop, file))


def _note_absent(absent: list[str]) -> list[Problem]:
    if not absent:
        return []
    more = len(absent) - NAMED
    named = ", ".join(absent[:NAMED]) + (f" and {more} more" if more > 0 else "")
    is_one = len(absent) == 1
    words = "product of this shop is" if is_one else "products of this shop are"
    message = f"{len(absent)} {words} not in the file and stay as they are: "
    return [Problem(0, "", f"{message}{named}.", is_error=False)]


def _note_other_shops(shop: Shop, file: ProductsFile) -> list[Problem]:
    """A product is in one shop: a file of another one was probably meant for that."""
    others: dict[str, int] = {}
    for ids in portions(sorted(file.product_ids)):
        rows = Listing.objects.filter(shop__client=shop.client_id, remote_id__in=ids)
        for other in rows.exclude(shop=shop).select_related("shop"):
            others[str(other.shop)] = others.get(str(other.shop), 0) + 1
    return [
        Problem(
            0,
            "",
            f"{number} of these products are known from {name}: is the shop right?",
            is_error=False,
        )
        for name, number in sorted(others.items())
    ]
