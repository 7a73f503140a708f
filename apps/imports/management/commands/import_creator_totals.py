"""Read a creator performance file, which does not say which days it is about."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.content.errors import SpansOverlap
from apps.content.services.performance import store_totals
from apps.core.management.reporting import ExitCode
from apps.imports.management.telling import tell_problems, tell_refused
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.creator_totals import read_creator_totals
from apps.platforms.management.shops import shop_named


class Command(BaseCommand):
    help = (
        "Read a creator performance file (CSV or XLSX) into a shop. It holds totals "
        "over days that it does not name: say them, both included. The same days again "
        "replace what is kept; days that meet others are refused, as they would count "
        "twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", required=True, metavar="ID|NAME")
        parser.add_argument("--first", required=True, type=date.fromisoformat)
        parser.add_argument("--last", required=True, type=date.fromisoformat)
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        path, first, last = options["file"], options["first"], options["last"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        if first > last:
            raise CommandError("--first is after --last.", returncode=ExitCode.USAGE)
        shop = shop_named(options["shop"])
        try:
            totals = read_creator_totals(
                path, currency=shop.currency, region=shop.region
            )
        except FileRefused as error:
            tell_refused(self, error, options)
            raise SystemExit(int(ExitCode.USAGE)) from None
        tell_problems(self, totals.problems, options)
        if not options["dry_run"]:
            try:
                store_totals(shop, totals.rows, first, last)
            except SpansOverlap as error:
                raise CommandError(str(error), returncode=ExitCode.USAGE) from None
        self.stdout.write(f"{len(totals.rows)} creators, {first} to {last}")
        if any(problem.is_error for problem in totals.problems):
            raise SystemExit(int(ExitCode.PARTLY))
