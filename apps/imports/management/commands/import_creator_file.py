"""Read a file that a creator exported of their own orders into their account."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode
from apps.imports.management.telling import tell_problems, tell_refused, write_errors
from apps.imports.services.affiliate import affiliate_figures, import_creators_orders
from apps.integrations.tiktok.exports import FileRefused
from apps.integrations.tiktok.exports.affiliate_file import write_affiliate_error_file
from apps.platforms.models import CreatorAccount


class Command(BaseCommand):
    help = (
        "Read a creator's own orders (CSV or XLSX as the creators' app exports them) "
        "into a creator account. Bad rows are named and written to FILE.errors.csv; "
        "good ones are stored. The same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--creator", required=True, metavar="USERNAME|ID")
        parser.add_argument(
            "--dates", choices=["auto", "day-first", "month-first"], default="auto"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"No file {path}.", returncode=ExitCode.USAGE)
        account = _account(options["creator"])
        try:
            result = import_creators_orders(
                account, path, dates=options["dates"], dry_run=options["dry_run"]
            )
        except FileRefused as error:
            tell_refused(self, error, options)
            raise SystemExit(int(ExitCode.USAGE)) from None
        tell_problems(self, result.problems, options)
        if result.errors:
            write_errors(
                self,
                path,
                lambda target: write_affiliate_error_file(
                    path,
                    target,
                    result.errors,
                    region=account.region,
                    is_creators=True,
                ),
            )
        outcome = result.outcome
        figures = affiliate_figures(result.report) | {
            "new": outcome.new,
            "updated": outcome.updated,
            "same": outcome.same,
        }
        for name, value in figures.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")
        if result.errors:
            raise SystemExit(int(ExitCode.PARTLY))


def _account(name: str) -> CreatorAccount:
    """Raises CommandError where there is none, or several."""
    plain = name.removeprefix("@")
    rows = list(CreatorAccount.objects.filter(username__iexact=plain)[:2])
    if not rows and plain.isdecimal():
        rows = list(CreatorAccount.objects.filter(pk=int(plain)))
    if len(rows) != 1:
        found = "Several creator accounts are" if rows else "No creator account is"
        raise CommandError(f"{found} called {name}.", returncode=ExitCode.USAGE)
    return rows[0]
