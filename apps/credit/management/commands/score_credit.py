"""Score applicants by hand, or reckon stored scores anew."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q, QuerySet
from django.utils import timezone

from apps.core.errors import DomainError
from apps.core.management.reporting import (
    ExitCode,
    Progress,
    grouped,
    json_line,
    table,
)
from apps.credit.models import Applicant, Score
from apps.credit.services.collecting import rates_for
from apps.credit.services.scoring import (
    amount_of,
    reckon,
    reproduce,
    score_applicant,
)
from apps.credit.services.unread import remedies
from apps.finance.rules.rates import RateTable
from apps.users.services.audit import By

HEADER = ("Applicant", "Number", "Score", "A month", "Confidence", "Result")
SHOWN = 50
PROCESS = "score_credit"
Row = tuple[object, ...]


@dataclass(slots=True)
class Outcome:
    """Of a run: what is shown of each, and what went wrong."""

    rows: list[Row] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1


class Command(BaseCommand):
    help = (
        "Make a score of each chosen applicant, of the 90 days before a day: each run "
        "makes a new score under a new number, none is changed. With --check, stored "
        "scores are reckoned anew from what was kept and compared; nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--applicant",
            action="append",
            default=[],
            help="a reference or wallet address; repeatable",
        )
        parser.add_argument("--all", action="store_true", help="all applicants")
        parser.add_argument("--client", help="only applicants of this client")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="day (ISO); today if none is given"
        )
        parser.add_argument(
            "--check", action="store_true", help="reckon stored scores anew"
        )
        parser.add_argument("--limit", type=int, help="stop after N")
        parser.add_argument("--dry-run", action="store_true", help="store nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=ExitCode.USAGE)
        as_of: date = options["as_of"] or timezone.now().date()
        if as_of > timezone.now().date():
            raise CommandError("--as-of lies in the future.", returncode=ExitCode.USAGE)
        applicants = chosen(options)
        self._is_json = bool(options["json"])
        self._outcome = Outcome()
        self._began = time.monotonic()
        try:
            if options["check"]:
                scores = Score.objects.filter(applicant__in=applicants.order_by())
                rows = scores.select_related("applicant", "input").order_by("pk")
                self._each(rows, self._check, options)
            else:
                rates = rates_for(as_of)
                is_dry = bool(options["dry_run"])
                self._each(
                    applicants.select_related("client"),
                    lambda one: self._score(one, as_of, rates, is_dry=is_dry),
                    options,
                )
        except KeyboardInterrupt:
            self._summary()
            self.stderr.write("\nInterrupted; scores that were made stay.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._summary()
        if self._outcome.errors:
            raise SystemExit(int(ExitCode.PARTLY))

    def _each(
        self, rows: QuerySet[Any], deed: Callable[[Any], None], options: dict[str, Any]
    ) -> None:
        limit = options["limit"]
        chosen_rows = rows[:limit] if limit else rows
        total = chosen_rows.count()
        quiet = self._is_json or options["no_progress"] or options["verbosity"] == 0
        progress = Progress(PROCESS, "all", self.stderr, quiet=quiet)
        for done, row in enumerate(chosen_rows.iterator(chunk_size=200), start=1):
            deed(row)
            progress.show(done, total, self._outcome.counts)
        progress.finish(total, total, self._outcome.counts)

    def _score(
        self, applicant: Applicant, as_of: date, rates: RateTable, *, is_dry: bool
    ) -> None:
        number: object = "-"
        try:
            if is_dry:
                reckoned = reckon(applicant, as_of=as_of, rates=rates)
                result, facts = reckoned.result, reckoned.facts
                points, monthly = result.score, amount_of(result.monthly_usd)
                level, status = result.confidence_level, result.status
            else:
                by = By(process=PROCESS)
                made = score_applicant(applicant, as_of=as_of, by=by, rates=rates)
                number, points, monthly = made.number, made.score, made.monthly_usd
                level, status = made.confidence_level, made.status
                facts = made.facts
        except DomainError as error:
            self._outcome.count("failed")
            self._tell((str(applicant), "-", "-", "-", "-", str(error)))
            self._outcome.errors.append(str(error))
            return
        self._outcome.hints += remedies(facts)
        self._outcome.count(status)
        shown = "-" if monthly is None else f"{monthly:,.2f}"
        points_shown: object = "-" if points is None else points
        self._tell((str(applicant), number, points_shown, shown, level, status))

    def _check(self, made: Score) -> None:
        again = reproduce(made)
        name = "holds" if again.holds else "differs"
        if again.holds and not again.has_rows:
            name = "holds, rows let go"
        self._outcome.count("same" if again.holds else "failed")
        self._outcome.errors += again.differences
        words = name if again.holds else "; ".join(again.differences)
        monthly = made.monthly_usd
        shown = "-" if monthly is None else f"{monthly:,.2f}"
        points: object = "-" if made.score is None else made.score
        row = (str(made.applicant), made.number, points, shown)
        self._tell((*row, made.confidence_level, words))

    def _tell(self, row: Row) -> None:
        if self._is_json:
            names = ("applicant", "number", "score", "monthly_usd", "confidence")
            fields = dict(zip((*names, "result"), row, strict=True))
            plain = {name: None if v == "-" else v for name, v in fields.items()}
            self.stdout.write(json_line(type="score", **plain))
        elif len(self._outcome.rows) < SHOWN:
            self._outcome.rows.append(row)

    def _summary(self) -> None:
        counts = self._outcome.counts
        total = sum(counts.values())
        seconds = time.monotonic() - self._began
        if self._is_json:
            self.stdout.write(
                json_line(
                    type="summary", total=total, **counts, seconds=round(seconds, 1)
                )
            )
            return
        if not total:
            self.stdout.write("Nothing to do: no applicant, or none was scored yet.")
            return
        self.stdout.write(table(HEADER, self._outcome.rows))
        if total > len(self._outcome.rows):
            self.stdout.write(f"… and {total - len(self._outcome.rows):,} more")
        told = ", ".join(f"{name} {number:,}" for name, number in counts.items())
        self.stdout.write(f"{total:,} in {seconds:.1f} s: {told}")
        for line in grouped(self._outcome.hints):
            self.stderr.write(line)
        for line in grouped(self._outcome.errors):
            self.stderr.write(line)


def chosen(options: dict[str, Any]) -> QuerySet[Applicant]:
    """Raises CommandError for a choice that names nobody, or none at all."""
    names = options["applicant"]
    if bool(names) == bool(options["all"] or (options["client"] and not names)):
        raise CommandError(
            "Give --applicant, --client or --all.", returncode=ExitCode.USAGE
        )
    rows = Applicant.objects.filter(erased_at=None).order_by("pk")
    if client := options["client"]:
        of_client = Q(client__name__iexact=client)
        rows = rows.filter(
            of_client | Q(client=client) if client.isdigit() else of_client
        )
        if not rows.exists():
            raise CommandError(
                f"No applicant of a client “{client}”.", returncode=ExitCode.USAGE
            )
    wanted = Q(pk__in=[])
    for name in names:
        one = Q(reference=name) | Q(wallet_key=name) | Q(wallet_key=name.lower())
        if not rows.filter(one).exists():
            raise CommandError(f"No applicant “{name}”.", returncode=ExitCode.USAGE)
        wanted |= one
    return rows.filter(wanted) if names else rows
