"""Let old data go by hand: the same function the schedule calls."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from apps.backoffice.retention import KINDS
from apps.backoffice.services.retention import Rule, apply_rule, rule_of
from apps.core.management.reporting import (
    ExitCode,
    Progress,
    json_line,
    table,
    worst,
)

logger = logging.getLogger(__name__)

HEADER = ("Kind", "Kept for", "Due", "Gone")


class Command(BaseCommand):
    help = (
        "Let go whatever is older than its retention rule. Repeating it changes "
        "nothing; interrupted, it goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--kind",
            action="append",
            choices=list(KINDS),
            help="this kind alone; repeatable",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only count what would go"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        codes: list[ExitCode] = []
        rows: list[tuple[Rule, int, int]] = []
        for name in options["kind"] or KINDS:
            rule = rule_of(name)
            try:
                due = rule.due(timezone.now())
                gone = 0 if options["dry_run"] else self._apply(rule, due, options)
            except KeyboardInterrupt:
                self.stderr.write("\nInterrupted; what went is gone. Start it again.")
                raise SystemExit(int(ExitCode.INTERRUPTED)) from None
            except DatabaseError as error:
                # The other kinds do not wait for this one.
                logger.exception("retention crashed kind=%s", name)
                self.stderr.write(self.style.ERROR(f"{name}: crashed: {error!r}"))
                codes.append(ExitCode.CRASHED)
                continue
            rows.append((rule, due, gone))
        self._summary(rows, options)
        if code := worst(codes):
            raise SystemExit(int(code))

    def _apply(self, rule: Rule, due: int, options: dict[str, Any]) -> int:
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        name = rule.kind.name
        progress = Progress(
            "apply_retention", f"kind={name}", self.stderr, quiet=quiet or not due
        )
        gone = apply_rule(
            name,
            process="apply_retention",
            on_batch=lambda count: progress.show(count, due, {}),
        )
        progress.finish(gone, due, {})
        return gone

    def _summary(
        self, rows: list[tuple[Rule, int, int]], options: dict[str, Any]
    ) -> None:
        due, gone = sum(row[1] for row in rows), sum(row[2] for row in rows)
        if options["json"]:
            for rule, one_due, one_gone in rows:
                self.stdout.write(
                    json_line(
                        type="kind",
                        kind=rule.kind.name,
                        days=rule.days,
                        due=one_due,
                        gone=one_gone,
                    )
                )
            self.stdout.write(
                json_line(type="summary", kinds=len(rows), due=due, gone=gone)
            )
            return
        cells = [(rule.kind.label, rule.in_words, *counts) for rule, *counts in rows]
        if len(cells) > 1:
            cells.append(("Total", "", due, gone))
        self.stdout.write(table(HEADER, cells))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was deleted.")
        elif not gone:
            self.stdout.write("Nothing is that old.")
