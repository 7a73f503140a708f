"""Files of affiliate orders, read into a shop through the same ingest as the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from apps.content.services import affiliate_snapshots
from apps.content.services.affiliate import (
    ingest,
    ingest_of_shop,
    link_orders,
    preview,
    preview_of_shop,
)
from apps.content.services.affiliate_snapshots import snapshots_of
from apps.content.services.sides import Side
from apps.imports.models import ImportChange, ImportRun
from apps.imports.services.changes_of_items import recorded_items
from apps.imports.services.depending import Dependent, later_imports
from apps.imports.services.inspecting import inspected
from apps.imports.services.log import (
    last_read,
    new_run,
    refusal_logged,
    store_logged,
)
from apps.imports.services.whole_file import Progress, Store, refused, store_all
from apps.integrations.contracts import Source
from apps.integrations.contracts.affiliate import RemoteAffiliateSku
from apps.integrations.tiktok.exports import Problem
from apps.integrations.tiktok.exports.affiliate_file import (
    AffiliateFile,
    AffiliateFileReport,
    inspect_affiliate_file,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.orders.services.results import IngestResult
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import User

_Skus = Sequence[RemoteAffiliateSku]
_CHANGED = "It has changed, or was told again, since."
BATCH = 500


@dataclass(slots=True)
class AffiliateImport:
    """What the file holds, what is wrong with it, and what became of its rows.
    `earlier` is when the very same file was read before, if it was."""

    report: AffiliateFileReport
    problems: list[Problem]
    outcome: IngestResult = field(default_factory=IngestResult)
    earlier: datetime | None = None
    is_written: bool = False

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.is_error]

    @property
    def failed(self) -> int:
        return self.report.refused_rows + len(self.outcome.refused)


def affiliate_figures(report: AffiliateFileReport) -> dict[str, object]:
    """The sums one checks first, rows first: they add up. Amounts as text, exact."""
    figures: dict[str, object] = {
        "rows": report.rows,
        "accepted_rows": report.accepted_rows,
        "refused_rows": report.refused_rows,
        "copied_rows": report.copied_rows,
        "older_rows": report.older_rows,
        "description_rows": report.description_rows,
        "blank_rows": report.blank_rows,
        "amounts_left_open": report.open_amounts,
    }
    for currency, amount in sorted(report.settled.items()):
        figures[f"settled_commission_{currency or 'without_currency'}"] = (
            f"{amount:,.2f}"
        )
    return figures


def compared_sales(shop: Shop, batch: _Skus) -> IngestResult:
    """What storing them would do, with nothing written."""
    return preview_of_shop(shop, batch, Source.FILE)


def stored_sales(run: ImportRun, shop: Shop, batch: _Skus) -> IngestResult:
    """Store them so that the run can be undone."""
    ids = {sku.order_id for sku in batch}
    return recorded_items(
        run,
        shop,
        "affiliate_order",
        lambda: snapshots_of(shop.pk, ids),
        lambda: ingest_of_shop(shop, batch, Source.FILE),
        affiliate_snapshots.print_of,
    )


def depending_sales(
    run: ImportRun, shop: Shop, changes: Sequence[ImportChange]
) -> list[Dependent]:
    """Those of these changes, with their rows at hand, that cannot be taken back."""
    rows = {row.pk: row for change in changes if (row := change.affiliate_order)}
    now = snapshots_of(shop.pk, {row.remote_order_id for row in rows.values()})
    prints = {key: affiliate_snapshots.print_of(told) for key, told in now.values()}
    reasons = dict(later_imports(run, changes, "affiliate_order"))
    for change in changes:
        key = change.affiliate_order_id
        if key is not None and prints.get(key) != change.after:
            reasons.setdefault(key, _CHANGED)
    return [
        Dependent(key, row.remote_order_id, reasons[key])
        for key, row in rows.items()
        if key in reasons
    ]


def import_affiliate(
    shop: Shop,
    path: Path,
    *,
    dates: Dates = "auto",
    dry_run: bool = False,
    strict: bool = False,
    user: User | None = None,
    on_progress: Progress = None,
) -> AffiliateImport:
    """Check the whole file, then store its good rows. A file that is behind what is
    known only fills gaps; the same file again changes nothing. Else as import_returns.
    Raises FileRefused."""
    run = new_run(shop, path, ImportRun.Kind.AFFILIATE, user)
    with refusal_logged(run, dry_run=dry_run):
        file = inspected(
            inspect_affiliate_file, ImportRun.Kind.AFFILIATE, shop, path, dates
        )
    result = AffiliateImport(file.report, file.problems, earlier=last_read(run))
    if dry_run:
        _store(file, result, partial(compared_sales, shop), on_progress)
    elif not (strict and result.errors):
        store = partial(stored_sales, run, shop)
        store_logged(run, result, lambda: _store(file, result, store, on_progress))
    return result


def import_creators_orders(
    account: CreatorAccount, path: Path, *, dates: Dates = "auto", dry_run: bool = False
) -> AffiliateImport:
    """The same of a file that a creator exported of their own orders: it belongs to
    their account and to no shop. It is in no run, and is not undone."""
    file = inspect_affiliate_file(
        path,
        currency="",
        timezone=account.time_zone,
        region=account.region,
        dates=dates,
        is_creators=True,
    )
    result = AffiliateImport(file.report, file.problems)
    side = Side(account=account)
    work = preview if dry_run else ingest
    _store(file, result, lambda batch: work(side, batch, Source.FILE), None)
    if not dry_run:
        result.is_written = True
        link_orders(side)
    return result


def _store(
    file: AffiliateFile, result: AffiliateImport, store: Store, on_progress: Progress
) -> None:
    store_all(
        file.skus(),
        store,
        result.outcome,
        batch=BATCH,
        total=file.report.accepted_rows,
        on_progress=on_progress,
    )
    result.problems += refused(result.outcome, "row", "order_id")
