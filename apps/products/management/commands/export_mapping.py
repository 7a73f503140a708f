"""Write which listing SKU is which of ours as CSV."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.exports import csv_lines
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.products.models import ListingSku
from apps.products.services.mapping_files import COLUMNS, export_rows


class Command(BaseCommand):
    help = (
        "Write which listing SKU is which of ours as CSV, to a file or to the "
        "terminal. `import_file mapping` reads it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="else the terminal")
        add_shop_options(parser)
        parser.add_argument(
            "--state",
            action="append",
            choices=ListingSku.Mapping.values,
            help="only SKUs in this state; repeatable",
        )

    def handle(self, **options: Any) -> None:
        skus = ListingSku.objects.filter(shop__in=chosen_shops(options))
        if states := options["state"]:
            skus = skus.filter(mapping__in=states)
        lines = csv_lines(COLUMNS, export_rows(skus))
        path: Path | None = options["file"]
        if path is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            count = sum(bool(file.write(line)) for line in lines) - 1
        self.stderr.write(f"{count:,} SKUs are in {path}.")
