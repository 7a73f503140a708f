"""Read an orders export into a shop, through the same ingest as the API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
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
from apps.integrations.contracts import RemoteOrder, Source
from apps.integrations.tiktok.exports import (
    OrdersFile,
    OrdersFileReport,
    Problem,
    inspect_orders_file,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.users.models import User

BATCH = 200


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
    on_progress: Callable[[int, int, IngestResult], None] | None = None,
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
        _store(shop, file, result, preview_orders, on_progress)
        return result
    if strict and result.errors:
        return result
    store_logged(
        run, result, lambda: _store(shop, file, result, _recorded(run), on_progress)
    )
    return result


Store = Callable[[Shop, Sequence[RemoteOrder], Source], IngestResult]


def _recorded(run: ImportRun) -> Store:
    """Store orders so that the run can be undone."""

    def store(
        shop: Shop, orders: Sequence[RemoteOrder], source: Source
    ) -> IngestResult:
        return recorded(run, shop, orders, lambda: ingest_orders(shop, orders, source))

    return store


def _store(
    shop: Shop,
    file: OrdersFile,
    result: ImportResult,
    store: Store,
    on_progress: Callable[[int, int, IngestResult], None] | None,
) -> None:
    done = 0
    orders = file.orders()
    while batch := list(islice(orders, BATCH)):
        result.outcome += store(shop, batch, Source.FILE)
        done += len(batch)
        if on_progress is not None:
            on_progress(done, file.report.order_count, result.outcome)
    result.problems += [
        Problem(0, "", f"The order was refused: {reason}.", order_id=remote_id)
        for remote_id, reason in result.outcome.refused
    ]
