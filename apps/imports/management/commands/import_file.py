"""Read a file into a shop, or stock into a client."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode
from apps.imports.management import mapping_file, seller_file, stock_file
from apps.imports.models import ImportRun
from apps.platforms.management.shops import shop_named


class Command(BaseCommand):
    help = (
        "Read a file into a shop: orders, returns or products as Seller Center exports "
        "them (CSV or XLSX; products are the bulk edit template), settlements (income) "
        "or affiliate orders, a mapping file, or (into a client) stock. Bad rows are "
        "named and written to FILE.errors.csv; good ones are stored. The same file "
        "again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "kind",
            choices=[
                "orders",
                "returns",
                "settlement",
                "affiliate",
                "products",
                "mapping",
                "stock",
            ],
        )
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", metavar="ID|NAME")
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
        stock_file.add_options(parser)
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        if options["kind"] == "stock":
            stock_file.run(self, path, options)
            return
        if not options["shop"]:
            raise CommandError(
                "Say which shop: --shop NAME.", returncode=ExitCode.USAGE
            )
        shop = shop_named(options["shop"])
        if options["kind"] == "mapping":
            mapping_file.run(self, shop, path, options)
            return
        seller_file.run(self, ImportRun.Kind(options["kind"]), shop, path, options)
