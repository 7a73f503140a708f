"""Read a Seller Center file into a shop."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.services.orders import ImportResult, import_orders
from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.integrations.tiktok.exports import (
    FileRefused,
    OrdersFileReport,
    Problem,
    write_error_file,
)
from apps.orders.models import Order
from apps.orders.services.ingest import IngestResult
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Shop

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Read an export of Seller Center (CSV or XLSX). Bad rows are named and written "
        "to FILE.errors.csv; good orders are stored. The same file again changes "
        "nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=["orders"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", required=True, metavar="ID|NAME")
        parser.add_argument(
            "--dates",
            choices=["auto", "day-first", "month-first"],
            default="auto",
            help="how 05/11 is meant, where the file does not tell",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument(
            "--strict", action="store_true", help="write nothing if any row is bad"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        shop = shop_named(options["shop"])
        try:
            result = self._import(shop, path, options)
        except FileRefused as error:
            self._refused(error, options)
            raise SystemExit(int(ExitCode.USAGE)) from None
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; whole orders are kept. Run it again.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._problems(result.problems, options)
        if result.errors:
            self._error_file(shop, path, result)
        self._summary(result, options)
        if result.errors:
            raise SystemExit(int(ExitCode.PARTLY))

    def _import(self, shop: Shop, path: Path, options: dict[str, Any]) -> ImportResult:
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        progress = Progress("import_file", f"shop={shop.pk}", self.stderr, quiet=quiet)

        def on_progress(done: int, total: int, so_far: IngestResult) -> None:
            counts = {"new": so_far.new, "updated": so_far.updated}
            progress.show(done, total, counts)

        result = import_orders(
            shop,
            path,
            dates=options["dates"],
            dry_run=options["dry_run"],
            strict=options["strict"],
            on_progress=on_progress,
        )
        outcome = result.outcome
        counts = {"new": outcome.new, "updated": outcome.updated}
        progress.finish(
            sum(counts.values()) + outcome.same, result.report.order_count, counts
        )
        return result

    def _refused(self, error: FileRefused, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(
                json_line(
                    type="refused",
                    line=error.line,
                    column=error.column,
                    message=error.message,
                )
            )
            return
        where = _where(error.line, error.column, error.message)
        self.stderr.write(self.style.ERROR(f"{where}{error.message}"))
        self.stderr.write("Nothing was written.")

    def _problems(self, problems: list[Problem], options: dict[str, Any]) -> None:
        if options["json"]:
            for problem in problems:
                self.stdout.write(
                    json_line(
                        type="error" if problem.is_error else "note",
                        line=problem.line,
                        column=problem.column,
                        order=problem.order_id,
                        message=problem.message,
                    )
                )
            return
        for kind, style in ((True, self.style.ERROR), (False, self.style.WARNING)):
            shown = [p for p in problems if p.is_error is kind]
            for problem in shown[:SHOWN]:
                where = _where(problem.line, problem.column, problem.message)
                order = f" (order {problem.order_id})" if problem.order_id else ""
                self.stderr.write(style(f"{where}{problem.message}{order}"))
            if len(shown) > SHOWN:
                self.stderr.write(style(f"… and {len(shown) - SHOWN} more"))

    def _error_file(self, shop: Shop, path: Path, result: ImportResult) -> None:
        target = path.with_name(f"{path.name}.errors.csv")
        try:
            rows = write_error_file(path, target, result.errors, region=shop.region)
        except OSError as error:
            reason = f"The error file could not be written: {error.strerror}."
            self.stderr.write(self.style.WARNING(reason))
            return
        self.stderr.write(
            f"{rows} refused rows are in {target}; correct and re-import."
        )

    def _summary(self, result: ImportResult, options: dict[str, Any]) -> None:
        report, outcome = result.report, result.outcome
        failed = report.refused_order_count + len(outcome.refused)
        if options["json"]:
            self.stdout.write(
                json_line(
                    type="summary",
                    new=outcome.new,
                    updated=outcome.updated,
                    same=outcome.same,
                    failed=failed,
                    written=result.is_written,
                    **_figures(report),
                )
            )
            return
        rows = [
            (name.replace("_", " "), value) for name, value in _figures(report).items()
        ]
        self.stdout.write(table(("In the file", report.currency), rows))
        self.stdout.write("")
        numbers = (report.rows, outcome.new, outcome.updated, outcome.same, failed)
        header = ("Rows", "New orders", "Updated", "Same", "Failed")
        self.stdout.write(table(header, [numbers]))
        if result.earlier:
            self.stdout.write(f"This file was read before, {result.earlier:%c} UTC.")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
        elif not result.is_written:
            self.stdout.write("Nothing was written, because rows are bad (--strict).")
        elif not (outcome.new or outcome.updated):
            self.stdout.write("Nothing has changed.")


def _where(line: int, column: str, message: str) -> str:
    """What goes before a message; most of them begin with the column already."""
    parts = [f"line {line}"] if line else []
    if column and not message.startswith(column):
        parts.append(f"column {column}")
    where = ", ".join(parts)
    return f"{where}: " if where else ""


def _figures(report: OrdersFileReport) -> dict[str, object]:
    """The sums an accountant checks first; amounts as text, exact."""
    figures: dict[str, object] = {
        "rows": report.rows,
        "accepted_rows": report.accepted_rows,
        "refused_rows": report.refused_rows,
        "copied_rows": report.copied_rows,
        "older_rows": report.older_rows,
        "description_rows": report.description_rows,
        "blank_rows": report.blank_rows,
        "orders": report.order_count,
        "units": report.units,
        "returned_units": report.returned_units,
    }
    for name, total in (
        ("before_discount", report.original_amount),
        ("after_discount", report.amount),
        ("order_amount", report.order_amount),
    ):
        figures[name] = f"{total.all:,.2f}"
        figures[f"{name}_not_cancelled"] = f"{total.not_cancelled:,.2f}"
    figures["refund_column"] = f"{report.refund_column_amount:,.2f}"
    figures["really_refunded"] = f"{report.refunded_amount:,.2f}"
    for status in OrderStatus:
        if count := report.statuses[status]:
            figures[Order.Status(status.value).label.lower().replace(" ", "_")] = count
    for stage in CancellationStage:
        if count := report.stages[stage]:
            figures[f"cancelled_{stage.value or 'stage_unknown'}"] = count
    return figures
