"""Take exchange rates in: from where they are published, or from files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.management.reporting import ExitCode, json_line, table
from apps.finance.models import ExchangeRate
from apps.finance.services import rate_loading, rate_sources
from apps.finance.services.rate_loading import Loaded
from apps.integrations.errors import PlatformError
from apps.integrations.rates import ecb
from apps.integrations.rates.quotes import UnreadableRates
from apps.users.services.audit import By

HEADER = ("From", "Rates", "New", "Changed", "Same", "Kept", "Days")
BY = By(process="load_rates")
_REFUSALS = (PlatformError, UnreadableRates, DomainError)


class Command(BaseCommand):
    help = (
        "Take in exchange rates: what the ECB and the second source have published "
        "since the last time, or files in the ECB's forms (CSV, XML, ZIP). What "
        "somebody typed is kept. Exits with 3 if one of several sources failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="files to read")
        parser.add_argument(
            "--days", type=int, help="ask so many days back, whatever is here"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="compare, and write nothing"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(
        self, *, files: list[Path], days: int | None, dry_run: bool, **options: Any
    ) -> None:
        if days is not None and days < 1:
            raise CommandError("--days is a number of days.", returncode=2)
        done: list[tuple[str, Loaded]] = []
        failed: list[str] = []
        for name, way in self._ways(files, days, dry_run=dry_run):
            try:
                done.append((name, way()))
            except _REFUSALS as error:
                failed.append(f"{name}: {error}")
        for line in failed:
            self.stderr.write(line)
        self._tell(done, len(failed), as_json=options["json"])
        if failed:
            raise SystemExit(int(ExitCode.PARTLY))

    def _ways(self, files: list[Path], days: int | None, *, dry_run: bool) -> Any:
        if files:
            contents = [(path.name, _content_of(path)) for path in files]
            return [
                (name, lambda n=name, c=content: _of_file(n, c, dry_run=dry_run))
                for name, content in contents
            ]
        today = timezone.now().date()
        sources = (
            (ExchangeRate.Source.ECB.label, rate_sources.load_from_ecb),
            (ExchangeRate.Source.OTHER.label, rate_sources.load_from_other),
        )
        return [
            (name, lambda w=way: w(today, BY, days=days, dry_run=dry_run))
            for name, way in sources
        ]

    def _tell(
        self, done: list[tuple[str, Loaded]], failures: int, *, as_json: bool
    ) -> None:
        if as_json:
            for name, loaded in done:
                self.stdout.write(
                    json_line(type="source", name=name, **_counts(loaded))
                )
            total = sum(loaded.rates for _, loaded in done)
            self.stdout.write(json_line(type="summary", rates=total, failed=failures))
        elif done:
            rows = [
                (name, *map(str, _counts(loaded).values()), _days(loaded))
                for name, loaded in done
            ]
            self.stdout.write(table(HEADER, rows))


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=2) from None


def _of_file(name: str, content: bytes, *, dry_run: bool) -> Loaded:
    source = ExchangeRate.Source.FILE
    return rate_loading.load(
        ecb.parse(content), source, by=BY, source_text=name, dry_run=dry_run
    )


def _counts(loaded: Loaded) -> dict[str, int]:
    return {
        "rates": loaded.rates,
        "new": loaded.new,
        "changed": loaded.changed,
        "same": loaded.same,
        "kept": loaded.kept,
    }


def _days(loaded: Loaded) -> str:
    return f"{loaded.since} to {loaded.until}" if loaded.since else "-"
