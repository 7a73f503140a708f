"""Read a settlement file into a shop, through the same ingest as the API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from django.utils import timezone

from apps.finance.models import Source as FinanceSource
from apps.finance.services import settlement_snapshots
from apps.finance.services.payouts import ingest_unsettled, preview_unsettled
from apps.finance.services.settlement_snapshots import snapshots_of
from apps.finance.services.settlements import ingest_settlements, preview_settlements
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.changes_of_items import recorded_items
from apps.imports.services.depending import Dependent, later_imports
from apps.imports.services.log import (
    last_read,
    new_run,
    refusal_logged,
    store_logged,
)
from apps.imports.services.whole_file import Progress, Store, refused, store_all
from apps.integrations.contracts import RemoteSettlement, RemoteUnsettled, Source
from apps.integrations.tiktok.exports import Problem
from apps.integrations.tiktok.exports.reader import Dates
from apps.integrations.tiktok.exports.settlements import (
    Item,
    SettlementsFile,
    SettlementsFileReport,
    inspect_settlements_file,
)
from apps.orders.models import Order
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.users.models import User

BATCH = 500
_TOLD = "TikTok has told more of it since."
_CHANGED = "It has changed, or was told again, since."
_ELSEWHERE = "its order is another shop's: is it the right shop?"


@dataclass(slots=True)
class SettlementsImport:
    """What the file holds, what is wrong with it, and what became of its lines.
    `earlier` is when the very same file was read before, if it was."""

    report: SettlementsFileReport
    problems: list[Problem]
    outcome: IngestResult = field(default_factory=IngestResult)
    earlier: datetime | None = None
    is_written: bool = False

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def failed(self) -> int:
        return self.report.refused_lines + len(self.outcome.refused)


def import_settlements(
    shop: Shop,
    path: Path,
    *,
    dates: Dates = "auto",
    dry_run: bool = False,
    strict: bool = False,
    user: User | None = None,
    on_progress: Progress = None,
) -> SettlementsImport:
    """Check the whole file, then store its good lines.

    Where the API has spoken, the file only fills gaps. The same file again changes
    nothing. `dry_run` compares and writes nothing; `strict` writes nothing if any row
    is bad. Raises FileRefused if the file cannot be used.
    """
    run = new_run(shop, path, ImportRun.Kind.SETTLEMENT, user)
    with refusal_logged(run, dry_run=dry_run):
        file = inspected_settlements(shop, path, dates)
    result = SettlementsImport(file.report, file.problems, earlier=last_read(run))
    if dry_run:
        _store(file, result, partial(compared_settlements, shop), on_progress)
        return result
    if strict and result.errors:
        return result
    store = partial(stored_settlements, run, shop)
    store_logged(run, result, lambda: _store(file, result, store, on_progress))
    return result


def inspected_settlements(shop: Shop, path: Path, dates: Dates) -> SettlementsFile:
    """Raises FileRefused."""
    return inspect_settlements_file(
        path,
        currency=shop.currency,
        timezone=shop.time_zone,
        region=shop.region,
        dates=dates,
    )


def settlement_figures(report: SettlementsFileReport) -> dict[str, object]:
    """The sums one checks first, rows first: they add up. Amounts as text, exact."""
    figures: dict[str, object] = {
        "rows": report.rows,
        "accepted_rows": report.accepted_rows,
        "refused_rows": report.refused_rows,
        "copied_rows": report.copied_rows,
        "description_rows": report.description_rows,
        "blank_rows": report.blank_rows,
        "lines_to_come" if report.is_unsettled else "lines": report.lines,
    }
    for currency, amount in sorted(report.sums.items()):
        figures[f"together_in_{currency}"] = f"{amount:,f}"
    for kind, count in sorted(report.kinds.items()):
        figures[f"of_the_type_{kind}"] = count
    return figures


def compared_settlements(shop: Shop, batch: Sequence[Item]) -> IngestResult:
    """What storing them would do, with nothing written."""
    return _each_kind(
        shop,
        batch,
        lambda lines: preview_settlements(shop, lines, Source.FILE),
        lambda rows: preview_unsettled(shop, rows, Source.FILE, timezone.now()),
    )


def stored_settlements(
    run: ImportRun, shop: Shop, batch: Sequence[Item]
) -> IngestResult:
    """Store lines so that the run can be undone. What is to come counts as of when
    the run began; it closes by itself when the shop is next pulled, and stays."""
    return _each_kind(
        shop,
        batch,
        lambda lines: recorded_items(
            run,
            shop,
            "settlement",
            lambda: snapshots_of(shop, {line.subject_id for line in lines}),
            lambda: ingest_settlements(shop, lines, Source.FILE),
            settlement_snapshots.print_of,
        ),
        lambda rows: ingest_unsettled(shop, rows, Source.FILE, run.started_at),
    )


def depending_settlements(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their lines at hand, that cannot be taken back."""
    rows = {row.pk: row for change in changes if (row := change.settlement)}
    now = snapshots_of(shop, {row.subject_id for row in rows.values()})
    prints = {key: settlement_snapshots.print_of(told) for key, told in now.values()}
    reasons = dict(later_imports(run, changes, "settlement"))
    for change in changes:
        key = change.settlement_id
        if key is not None and prints.get(key) != change.after:
            is_told = rows[key].source == FinanceSource.API
            reasons.setdefault(key, _TOLD if is_told else _CHANGED)
    return [
        Dependent(key, row.subject_id, reasons[key])
        for key, row in rows.items()
        if key in reasons
    ]


def _each_kind(
    shop: Shop,
    batch: Sequence[Item],
    settled: Callable[[Sequence[RemoteSettlement]], IngestResult],
    to_come: Callable[[Sequence[RemoteUnsettled]], IngestResult],
) -> IngestResult:
    elsewhere = _of_other_shops(shop, batch)
    good = [item for item in batch if item.order_id not in elsewhere]
    result = IngestResult(
        refused=[
            (item.subject_id, _ELSEWHERE)
            for item in batch
            if item.order_id in elsewhere
        ]
    )
    if lines := [item for item in good if isinstance(item, RemoteSettlement)]:
        result += settled(lines)
    if rows := [item for item in good if isinstance(item, RemoteUnsettled)]:
        result += to_come(rows)
    return result


def _of_other_shops(shop: Shop, batch: Sequence[Item]) -> set[str]:
    """IDs of orders that are here, of another shop of this client's alone. No file
    says which shop it is of."""
    ids = {item.order_id for item in batch if item.order_id}
    rows = Order.objects.filter(remote_id__in=ids, shop__client=shop.client_id)
    found: dict[str, set[int]] = {}
    for remote_id, key in rows.order_by().values_list("remote_id", "shop"):
        found.setdefault(remote_id, set()).add(key)
    return {key for key, shops in found.items() if shop.pk not in shops}


def _store(
    file: SettlementsFile,
    result: SettlementsImport,
    store: Store,
    on_progress: Progress,
) -> None:
    store_all(
        file.items(),
        store,
        result.outcome,
        batch=BATCH,
        total=file.report.lines,
        on_progress=on_progress,
    )
    result.problems += refused(result.outcome, "line", "order_id")
