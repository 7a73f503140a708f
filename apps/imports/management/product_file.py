"""The part of import_file that reads product lists, and what it says."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.management.telling import (
    tell_problems,
    tell_refused,
    write_errors,
)
from apps.imports.services.products import ProductsImport, import_products
from apps.integrations.tiktok.exports import FileRefused, write_products_error_file
from apps.platforms.models import Shop
from apps.products.services.ingest import IngestResult


def run(command: BaseCommand, shop: Shop, path: Path, options: dict[str, Any]) -> None:
    """Import, tell, and end with the exit code that fits."""
    try:
        result = _import(command, shop, path, options)
    except FileRefused as error:
        tell_refused(command, error, options)
        raise SystemExit(int(ExitCode.USAGE)) from None
    except KeyboardInterrupt:
        command.stderr.write("\nInterrupted; whole products are kept. Run it again.")
        raise SystemExit(int(ExitCode.INTERRUPTED)) from None
    tell_problems(command, result.problems, options)
    if result.errors:
        write_errors(
            command,
            path,
            lambda target: write_products_error_file(
                path, target, result.errors, region=shop.region
            ),
        )
    _summary(command, result, options)
    if result.errors:
        raise SystemExit(int(ExitCode.PARTLY))


def _import(
    command: BaseCommand, shop: Shop, path: Path, options: dict[str, Any]
) -> ProductsImport:
    quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
    progress = Progress("import_file", f"shop={shop.pk}", command.stderr, quiet=quiet)

    def on_progress(done: int, total: int, so_far: IngestResult) -> None:
        progress.show(done, total, {"new": so_far.new, "updated": so_far.updated})

    result = import_products(
        shop,
        path,
        dry_run=options["dry_run"],
        strict=options["strict"],
        on_progress=on_progress,
    )
    outcome = result.outcome
    counts = {"new": outcome.new, "updated": outcome.updated}
    progress.finish(len(outcome.outcomes), result.report.products, counts)
    return result


def _summary(
    command: BaseCommand, result: ProductsImport, options: dict[str, Any]
) -> None:
    outcome = result.outcome
    figures = _figures(result)
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
    header = ("Rows", "New products", "Updated", "Same", "Failed")
    command.stdout.write(table(header, [(*numbers, result.failed)]))
    if result.earlier:
        command.stdout.write(f"This file was read before, {result.earlier:%c} UTC.")
    if options["dry_run"]:
        command.stdout.write("Dry run: nothing was written.")
    elif not result.is_written:
        command.stdout.write("Nothing was written, because rows are bad (--strict).")
    elif not (outcome.new or outcome.updated):
        command.stdout.write("Nothing has changed.")


def _figures(result: ProductsImport) -> dict[str, Any]:
    """Rows first: they add up."""
    figures = asdict(result.report)
    for name in ("currency", "encoding", "head", "unknown_columns"):
        del figures[name]
    template = " ".join(result.report.head) or "unknown"
    return {"template": template} | figures | {"absent_products": len(result.absent)}
