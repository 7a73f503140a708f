"""Read an orders export into a shop, through the same ingest as the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apps.core.storing import portions
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
    shop it is of, and an order's ID is no other order's anywhere."""
    elsewhere: dict[str, str] = {}
    here: set[str] = set()
    for ids in portions(sorted({remote.remote_id for remote in batch})):
        rows = Order.objects.filter(remote_id__in=ids, shop__client=shop.client_id)
        known = rows.order_by().values_list("remote_id", "shop", "shop__name")
        for remote_id, key, name in known:
            if key == shop.pk:
                here.add(remote_id)
            else:
                elsewhere[remote_id] = name
    result, good = IngestResult(), []
    for remote in batch:
        owner = elsewhere.get(remote.remote_id)
        if owner is None or remote.remote_id in here:
            good.append(remote)
        else:
            says = f"it is one of {owner}: choose the shop the file was exported from"
            result.refused.append((remote.remote_id, says))
    return good, result


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
