"""The part of import_file that reads what Seller Center exports, and what it says."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.management.telling import (
    tell_problems,
    tell_refused,
    write_errors,
)
from apps.imports.models import ImportRun
from apps.imports.services.affiliate import affiliate_figures, import_affiliate
from apps.imports.services.log import Outcome
from apps.imports.services.order_figures import order_figures
from apps.imports.services.orders import import_orders
from apps.imports.services.products import ProductsImport, import_products
from apps.imports.services.readers import ABOUT_THE_FILE, READERS
from apps.imports.services.returns import import_returns, returns_figures
from apps.imports.services.settlements import (
    import_settlements,
    settlement_figures,
)
from apps.integrations.tiktok.exports import FileRefused
from apps.platforms.models import Shop


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind is imported, and which figures its summary begins with."""

    read: Callable[..., Any]
    has_times: bool
    figures: Callable[[Any], dict[str, object]]
    total: Callable[[Any], int]


def _product_figures(result: ProductsImport) -> dict[str, object]:
    """Rows first: they add up."""
    figures = asdict(result.report)
    for name in ABOUT_THE_FILE:
        del figures[name]
    template = " ".join(result.report.head) or "unknown"
    return {"template": template} | figures | {"absent_products": len(result.absent)}


_KINDS = {
    ImportRun.Kind.ORDERS: _Kind(
        import_orders,
        has_times=True,
        figures=lambda result: order_figures(result.report),
        total=lambda result: result.report.order_count,
    ),
    ImportRun.Kind.RETURNS: _Kind(
        import_returns,
        has_times=True,
        figures=lambda result: (
            returns_figures(result.report) | {"waiting": result.waiting}
        ),
        total=lambda result: result.report.return_count,
    ),
    ImportRun.Kind.AFFILIATE: _Kind(
        import_affiliate,
        has_times=True,
        figures=lambda result: affiliate_figures(result.report),
        total=lambda result: result.report.accepted_rows,
    ),
    ImportRun.Kind.SETTLEMENT: _Kind(
        import_settlements,
        has_times=True,
        figures=lambda result: settlement_figures(result.report),
        total=lambda result: result.report.lines,
    ),
    ImportRun.Kind.PRODUCTS: _Kind(
        import_products,
        has_times=False,
        figures=_product_figures,
        total=lambda result: result.report.products,
    ),
}


def run(
    command: BaseCommand,
    kind: ImportRun.Kind,
    shop: Shop,
    path: Path,
    options: dict[str, Any],
) -> None:
    """Import, tell, and end with the exit code that fits."""
    reader = READERS[kind]
    try:
        result = _import(command, _KINDS[kind], shop, path, options)
    except FileRefused as error:
        tell_refused(command, error, options)
        raise SystemExit(int(ExitCode.USAGE)) from None
    except KeyboardInterrupt:
        told = f"\nInterrupted; whole {reader.noun}s are kept. Run it again."
        command.stderr.write(told)
        raise SystemExit(int(ExitCode.INTERRUPTED)) from None
    tell_problems(command, result.problems, options)
    if result.errors:
        write_errors(
            command,
            path,
            lambda target: reader.write_errors(shop, path, target, result.errors),
        )
    _summary(command, kind, result, options)
    if result.errors:
        raise SystemExit(int(ExitCode.PARTLY))


def _import(
    command: BaseCommand, kind: _Kind, shop: Shop, path: Path, options: dict[str, Any]
) -> Any:
    quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
    progress = Progress("import_file", f"shop={shop.pk}", command.stderr, quiet=quiet)

    def on_progress(done: int, total: int, so_far: Outcome) -> None:
        progress.show(done, total, {"new": so_far.new, "updated": so_far.updated})

    told = {"dates": options["dates"]} if kind.has_times else {}
    result = kind.read(
        shop,
        path,
        dry_run=options["dry_run"],
        strict=options["strict"],
        on_progress=on_progress,
        **told,
    )
    outcome = result.outcome
    counts = {"new": outcome.new, "updated": outcome.updated}
    done = sum(counts.values()) + outcome.same
    progress.finish(done, kind.total(result), counts)
    return result


def _summary(
    command: BaseCommand, kind: ImportRun.Kind, result: Any, options: dict[str, Any]
) -> None:
    outcome, figures = result.outcome, _KINDS[kind].figures(result)
    if options["json"]:
        command.stdout.write(
            json_line(
                type="summary",
                new=outcome.new,
                updated=outcome.updated,
                same=outcome.same,
                failed=result.failed,
                written=result.is_written,
                **figures,
            )
        )
        return
    rows = [(name.replace("_", " "), value) for name, value in figures.items()]
    command.stdout.write(table(("In the file", result.report.currency), rows))
    command.stdout.write("")
    numbers = (result.report.rows, outcome.new, outcome.updated, outcome.same)
    header = ("Rows", f"New {READERS[kind].noun}s", "Updated", "Same", "Failed")
    command.stdout.write(table(header, [(*numbers, result.failed)]))
    if result.earlier:
        command.stdout.write(f"This file was read before, {result.earlier:%c} UTC.")
    if options["dry_run"]:
        command.stdout.write("Dry run: nothing was written.")
    elif not result.is_written:
        command.stdout.write("Nothing was written, because rows are bad (--strict).")
    elif not (outcome.new or outcome.updated):
        command.stdout.write("Nothing has changed.")
