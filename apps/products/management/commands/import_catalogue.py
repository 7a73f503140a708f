"""Read a client's own catalogue from CSV."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.products.errors import FileUnusable
from apps.products.management.clients import client_named
from apps.products.services.catalogue_import import import_catalogue, write_error_file
from apps.products.services.catalogue_rows import Comparison, Kind

SHOWN = 20


class Command(BaseCommand):
    help = """\
Read a client's own catalogue from a CSV file, a row a SKU, as export_products
writes it. (Seller Center's files are read by import_file.)

Columns: sku, product, variant, barcode, category, brand, cost, cost_currency,
weight_grams, length_cm, width_cm, height_cm, price_MYR (and others), components
("LAMP-30*2 + BULB"), active (yes or no). Only sku has to be there, and product for
SKUs that are new.

A column that is missing keeps what is stored. A blank cell clears the variant's
name, barcode, brand and category; in all other columns it keeps what is stored.
Categories ("Home > Lamps") that do not exist are made. A product is written whole or
not at all; refused rows are written to FILE.errors.csv with the reason. The same
file again changes nothing."""

    def create_parser(self, *args: Any, **kwargs: Any) -> Any:
        parser = super().create_parser(*args, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--client", required=True, metavar="ID|NAME")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        client = client_named(options["client"])
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        progress = Progress(
            "import_catalogue", f"client={client.pk}", self.stderr, quiet=quiet
        )
        try:
            comparison = import_catalogue(
                client,
                path,
                dry_run=options["dry_run"],
                on_progress=lambda done, total: progress.show(done, total, {}),
            )
        except FileUnusable as error:
            raise CommandError(str(error), returncode=ExitCode.USAGE) from None
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; whole products are kept. Run it again.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._rows(comparison, options)
        if comparison.refused:
            self._error_file(path, comparison)
        self._summary(comparison, options)
        if comparison.refused:
            raise SystemExit(int(ExitCode.PARTLY))

    def _rows(self, comparison: Comparison, options: dict[str, Any]) -> None:
        if options["json"]:
            for each in comparison.results:
                self.stdout.write(
                    json_line(
                        type=each.kind.value,
                        line=each.row.line,
                        sku=each.row.sku,
                        changes=each.changes,
                        error=each.error,
                    )
                )
            return
        for each in comparison.refused[:SHOWN]:
            told = f"line {each.row.line}, {each.row.sku or 'no SKU'}: {each.error}"
            self.stderr.write(self.style.ERROR(told))
        if (more := len(comparison.refused) - SHOWN) > 0:
            self.stderr.write(self.style.ERROR(f"… and {more} more"))

    def _error_file(self, path: Path, comparison: Comparison) -> None:
        target = path.with_name(f"{path.name}.errors.csv")
        try:
            with target.open("w", encoding="utf-8-sig", newline="") as out:
                rows = write_error_file(comparison, out)
        except OSError as error:
            told = f"The error file could not be written: {error.strerror}."
            self.stderr.write(self.style.WARNING(told))
            return
        self.stderr.write(
            f"{rows} refused rows are in {target}; correct and import it again."
        )

    def _summary(self, comparison: Comparison, options: dict[str, Any]) -> None:
        counts = {kind.value: comparison.count(kind) for kind in Kind}
        if options["json"]:
            self.stdout.write(
                json_line(
                    type="summary",
                    written=not options["dry_run"],
                    new_categories=comparison.new_categories,
                    ignored_columns=list(comparison.file.ignored),
                    **counts,
                )
            )
            return
        if ignored := comparison.file.ignored:
            self.stdout.write(f"Columns not read: {', '.join(ignored)}.")
        if new := comparison.new_categories:
            self.stdout.write(f"New categories: {', '.join(new)}.")
        header = ("Rows", "New", "Changed", "Same", "Refused")
        numbers = (len(comparison.results), *counts.values())
        self.stdout.write(table(header, [numbers]))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
