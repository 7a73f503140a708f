"""Write a client's own catalogue as CSV."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.exports import csv_lines
from apps.products.management.clients import client_named
from apps.products.models import Variant
from apps.products.services.catalogue_files import (
    currencies_in,
    export_rows,
    header_of,
)


class Command(BaseCommand):
    help = (
        "Write a client's own catalogue as CSV, a row a SKU, to a file or to the "
        "terminal. import_catalogue reads it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="else the terminal")
        parser.add_argument("--client", required=True, metavar="ID|NAME")
        parser.add_argument(
            "--no-costs", action="store_true", help="leave out what things cost"
        )

    def handle(self, **options: Any) -> None:
        client = client_named(options["client"])
        variants = Variant.objects.filter(client=client)
        currencies = currencies_in(variants)
        with_costs = not options["no_costs"]
        lines = csv_lines(
            header_of(currencies, with_costs=with_costs),
            export_rows(variants, currencies, with_costs=with_costs),
        )
        path: Path | None = options["file"]
        if path is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            count = sum(bool(file.write(line)) for line in lines) - 1
        self.stderr.write(f"{count:,} SKUs of {client} are in {path}.")
