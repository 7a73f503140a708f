"""Read a Seller Center file into a shop."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.management import mapping_file, product_file
from apps.imports.management.telling import (
    tell_problems,
    tell_refused,
    write_errors,
)
from apps.imports.services.orders import ImportResult, import_orders
from apps.integrations.contracts import CancellationStage, OrderStatus
from apps.integrations.tiktok.exports import (
    FileRefused,
    OrdersFileReport,
    write_error_file,
)
from apps.orders.models import Order
from apps.orders.services.ingest import IngestResult
from apps.platforms.management.shops import shop_named
from apps.platforms.models import Shop


class Command(BaseCommand):
    help = (
        "Read a file into a shop: orders or products as Seller Center exports them "
        "(CSV or XLSX; products are the bulk edit template), or a mapping file. Bad "
        "rows are named and written to FILE.errors.csv; good orders and products are "
        "stored. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=["orders", "products", "mapping"])
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
        parser.add_argument(
            "--unlink-blank",
            action="store_true",
            help="mapping: a blank “our SKU” ends the match, instead of keeping it",
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        shop = shop_named(options["shop"])
        if options["kind"] == "mapping":
            mapping_file.run(self, shop, path, options)
            return
        if options["kind"] == "products":
            product_file.run(self, shop, path, options)
            return
        try:
            result = self._import(shop, path, options)
        except FileRefused as error:
            tell_refused(self, error, options)
            raise SystemExit(int(ExitCode.USAGE)) from None
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; whole orders are kept. Run it again.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        tell_problems(self, result.problems, options)
        if result.errors:
            write_errors(
                self,
                path,
                lambda target: write_error_file(
                    path, target, result.errors, region=shop.region
                ),
            )
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
