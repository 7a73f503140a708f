"""Read a returns file into a shop, through the same ingest as the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apps.core.storing import portions
from apps.imports.models import ImportRun
from apps.imports.services.changes_of_items import recorded_returns
from apps.imports.services.inspecting import inspected
from apps.imports.services.log import (
    last_read,
    new_run,
    refusal_logged,
    store_logged,
)
from apps.imports.services.whole_file import Progress, Store, refused, store_all
from apps.integrations.contracts import (
    RemoteReturn,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.integrations.tiktok.exports import (
    Problem,
    ReturnsFile,
    ReturnsFileReport,
    inspect_returns_file,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.orders.models import Order, Return
from apps.orders.services.results import IngestResult
from apps.orders.services.returns import ingest_returns, preview_returns
from apps.platforms.models import Shop
from apps.users.models import User

BATCH = 500


@dataclass(slots=True)
class ReturnsImport:
    """What the file holds, what is wrong with it, and what became of its returns.

    `waiting` are returns whose order is not known yet: they wait for it. `earlier` is
    when the very same file was read before, if it was.
    """

    report: ReturnsFileReport
    problems: list[Problem]
    outcome: IngestResult = field(default_factory=IngestResult)
    waiting: int = 0
    earlier: datetime | None = None
    is_written: bool = False

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def failed(self) -> int:
        return self.report.refused_return_count + len(self.outcome.refused)


def import_returns(
    shop: Shop,
    path: Path,
    *,
    dates: Dates = "auto",
    dry_run: bool = False,
    strict: bool = False,
    user: User | None = None,
    on_progress: Progress = None,
) -> ReturnsImport:
    """Check the whole file, then store its good returns, each whole or not at all.

    Where the API has spoken, the file only fills gaps. The same file again changes
    nothing. `dry_run` compares and writes nothing; `strict` writes nothing if any row
    is bad. `on_progress` is told returns done, in all, and the outcome so far. Raises
    FileRefused if the file cannot be used.
    """
    run = new_run(shop, path, ImportRun.Kind.RETURNS, user)
    with refusal_logged(run, dry_run=dry_run):
        file = inspected(
            inspect_returns_file, ImportRun.Kind.RETURNS, shop, path, dates
        )
    result = ReturnsImport(file.report, file.problems, earlier=last_read(run))
    if dry_run:
        compare = partial(compared_returns, shop)
        _store(shop, file, result, compare, on_progress)
        return result
    if strict and result.errors:
        return result
    store = partial(stored_returns, run, shop)
    store_logged(run, result, lambda: _store(shop, file, result, store, on_progress))
    return result


def returns_figures(report: ReturnsFileReport) -> dict[str, object]:
    """The sums one checks first, rows first: they add up. Amounts as text, exact."""
    figures: dict[str, object] = {
        "rows": report.rows,
        "accepted_rows": report.accepted_rows,
        "refused_rows": report.refused_rows,
        "copied_rows": report.copied_rows,
        "older_rows": report.older_rows,
        "description_rows": report.description_rows,
        "blank_rows": report.blank_rows,
        "returns": report.return_count,
        "units": report.units,
        "asked_for": f"{report.asked_amount:,.2f}",
        "refunded": f"{report.refunded_amount:,.2f}",
        "amounts_unknown": report.unknown_amounts,
    }
    for kind in ReturnKind:
        if count := report.kinds[kind]:
            figures[f"kind_{kind.value}"] = count
    for status in ReturnStatus:
        if count := report.statuses[status]:
            label = Return.Status(status.value).label
            figures[f"status_{label.lower().replace(' ', '_')}"] = count
    return figures


def compared_returns(shop: Shop, batch: Sequence[RemoteReturn]) -> IngestResult:
    """What storing them would do, with nothing written."""
    return preview_returns(shop, batch, Source.FILE)


def stored_returns(
    run: ImportRun, shop: Shop, batch: Sequence[RemoteReturn]
) -> IngestResult:
    """Store returns so that the run can be undone."""
    return recorded_returns(
        run, shop, batch, lambda: ingest_returns(shop, batch, Source.FILE)
    )


def _store(
    shop: Shop,
    file: ReturnsFile,
    result: ReturnsImport,
    store: Store,
    on_progress: Progress,
) -> None:
    def and_count(batch: Sequence[RemoteReturn]) -> IngestResult:
        stored: IngestResult = store(batch)
        result.waiting += without_order(shop, batch)
        return stored

    store_all(
        file.returns(),
        and_count,
        result.outcome,
        batch=BATCH,
        total=file.report.return_count,
        on_progress=on_progress,
    )
    result.problems += refused(result.outcome, "return", "return_id")
    if result.waiting:
        is_one = result.waiting == 1
        says = (
            "1 return is of an order that is not known yet, and waits for it."
            if is_one
            else f"{result.waiting} returns are of orders that are not known yet, and "
            "wait for them."
        )
        result.problems.append(Problem(0, "", says, is_error=False))


def without_order(shop: Shop, batch: Sequence[RemoteReturn]) -> int:
    """How many of these are of an order that is not known yet."""
    named = [remote.order_id for remote in batch]
    known: set[str] = set()
    for ids in portions(sorted(set(named))):
        rows = Order.objects.filter(shop=shop, remote_id__in=ids)
        known.update(rows.values_list("remote_id", flat=True))
    return sum(order_id not in known for order_id in named)
