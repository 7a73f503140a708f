"""Read an orders export into a shop, through the same ingest as the API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from apps.imports.models import ImportRun
from apps.imports.services.log import end_run, last_read, new_run
from apps.integrations.contracts import RemoteOrder, Source
from apps.integrations.tiktok.exports import (
    FileRefused,
    OrdersFile,
    OrdersFileReport,
    Problem,
    inspect_orders_file,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.orders.services.ingest import IngestResult, ingest_orders, preview_orders
from apps.platforms.models import Shop
from apps.users.models import User
from apps.users.services import audit

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
    try:
        file = inspect_orders_file(
            path,
            currency=shop.currency,
            timezone=shop.time_zone,
            region=shop.region,
            dates=dates,
        )
    except FileRefused as error:
        if not dry_run:
            end_run(run, ImportRun.State.FAILED, str(error))
        raise
    result = ImportResult(file.report, file.problems, earlier=last_read(run))
    if dry_run:
        _store(shop, file, result, preview_orders, on_progress)
        return result
    if strict and result.errors:
        return result
    run.save()
    try:
        _store(shop, file, result, ingest_orders, on_progress)
    except BaseException as error:
        _note(run, result)
        end_run(run, ImportRun.State.FAILED, str(error) or "Interrupted.")
        raise
    result.is_written = True
    _note(run, result)
    audit.record(
        "imported orders",
        shop,
        actor=user,
        process="import_file",
        client=shop.client,
        file=run.file_name,
        new=run.new,
        updated=run.updated,
        failed=run.failed,
    )
    state = ImportRun.State.PARTLY if run.failed else ImportRun.State.DONE
    end_run(run, state, result.errors[0].message if result.errors else "")
    return result


def _store(
    shop: Shop,
    file: OrdersFile,
    result: ImportResult,
    store: Callable[[Shop, Sequence[RemoteOrder], Source], IngestResult],
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


def _note(run: ImportRun, result: ImportResult) -> None:
    run.rows = result.report.rows
    run.new = result.outcome.new
    run.updated = result.outcome.updated
    run.same = result.outcome.same
    run.failed = result.report.refused_order_count + len(result.outcome.refused)
