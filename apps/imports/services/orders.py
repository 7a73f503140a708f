"""Read an orders export into a shop, through the same ingest as the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apps.imports.models import ImportRun
from apps.imports.services.changes import recorded
from apps.imports.services.inspecting import inspected
from apps.imports.services.log import (
    last_read,
    new_run,
    refusal_logged,
    store_logged,
)
from apps.imports.services.whole_file import Progress, Store, refused, store_all
from apps.integrations.contracts import RemoteOrder, Source
from apps.integrations.tiktok.exports import (
    OrdersFile,
    OrdersFileReport,
    Problem,
    inspect_orders_file,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.users.models import User

BATCH = 500
_OTHER_SHOPS = "it is another shop's: choose the shop the file was exported from"


@dataclass(slots=True)
class ImportResult:
    """What the file holds, what is wrong with it, and what became of its orders.

    `earlier` is when the very same file was read before, if it was.
    """

    report: OrdersFileReport
    problems: list[Problem]
    outcome: IngestResult = field(default_factory=IngestResult)
    earlier: datetime | None = None
    is_written: bool = False

    @property
    def failed(self) -> int:
        return self.report.refused_order_count + len(self.outcome.refused)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]


def import_orders(
    shop: Shop,
    path: Path,
    *,
    dates: Dates = "auto",
    dry_run: bool = False,
    strict: bool = False,
    user: User | None = None,
    on_progress: Progress = None,
) -> ImportResult:
    """Check the whole file, then store its good orders, each whole or not at all.

    The same file again changes nothing. `dry_run` compares and writes nothing;
    `strict` writes nothing if any row is bad. `on_progress` is told orders done, orders
    in all and the outcome so far. Raises FileRefused if the file cannot be used.
    """
    run = new_run(shop, path, ImportRun.Kind.ORDERS, user)
    with refusal_logged(run, dry_run=dry_run):
        file = inspected(inspect_orders_file, ImportRun.Kind.ORDERS, shop, path, dates)
    result = ImportResult(file.report, file.problems, earlier=last_read(run))
    if dry_run:
        _store(file, result, partial(compared_orders, shop), on_progress)
        return result
    if strict and result.errors:
        return result
    store = partial(stored_orders, run, shop)
    store_logged(run, result, lambda: _store(file, result, store, on_progress))
    return result


def compared_orders(shop: Shop, batch: Sequence[RemoteOrder]) -> IngestResult:
    """What storing them would do, with nothing written."""
    good, result = _of_this_shop(shop, batch)
    result += preview_orders(shop, good, Source.FILE)
    return result


def stored_orders(
    run: ImportRun, shop: Shop, batch: Sequence[RemoteOrder]
) -> IngestResult:
    """Store orders so that the run can be undone."""
    good, result = _of_this_shop(shop, batch)
    result += recorded(run, shop, good, lambda: ingest_orders(shop, good, Source.FILE))
    return result


def _of_this_shop(
    shop: Shop, batch: Sequence[RemoteOrder]
) -> tuple[list[RemoteOrder], IngestResult]:
    """Those that are not, alone, another shop's of this client: no file says which
    shop it is of, and an order's ID is no other order's anywhere. Which other it is
    stays unsaid: who reads the file may see this one alone."""
    ids = [remote.remote_id for remote in batch]
    others = Shop.objects.filter(client=shop.client_id).exclude(pk=shop.pk)
    elsewhere = _known(list(others.values_list("pk", flat=True)), ids)
    alone = elsewhere - _known([shop.pk], ids) if elsewhere else elsewhere
    result = IngestResult()
    result.refused += [(key, _OTHER_SHOPS) for key in ids if key in alone]
    return [remote for remote in batch if remote.remote_id not in alone], result


def _known(shops: Sequence[int], ids: Sequence[str]) -> set[str]:
    """Which of these orders the shops have; by both, as the index has them."""
    if not shops:
        return set()
    rows = Order.objects.filter(shop__among=shops, remote_id__among=ids).order_by()
    return set(rows.values_list("remote_id", flat=True))


def _store(
    file: OrdersFile, result: ImportResult, store: Store, on_progress: Progress
) -> None:
    total = file.report.order_count
    store_all(
        file.orders(),
        store,
        result.outcome,
        batch=BATCH,
        total=total,
        on_progress=on_progress,
    )
    result.problems += refused(result.outcome, "order", "order_id")
