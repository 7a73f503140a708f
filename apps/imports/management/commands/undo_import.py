"""Take back what an import did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import ExitCode, Progress, json_line, table
from apps.imports.errors import UndoRefused, UndoUnderWay
from apps.imports.models import ImportRun
from apps.imports.services.depending import Dependent
from apps.imports.services.undo import has_way_back, preview_undo, undo
from apps.imports.services.ways_back import WAYS
from apps.users.services.audit import By

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Undo an import of orders, returns or products: what it brought goes, the rest "
        "is as it was before, stock included. Refused while something later depends on "
        "any of it. "
        "Interrupted, the same command goes on; the file can be read again then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="number of the import")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        rows = ImportRun.objects.select_related("shop__client")
        run = rows.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(
                f"No import {options['run']}.", returncode=ExitCode.USAGE
            )
        try:
            self._undo(run, options)
        except UndoUnderWay as error:
            raise CommandError(
                str(error), returncode=ExitCode.ALREADY_RUNNING
            ) from None
        except UndoRefused as error:
            if not options["json"]:
                self._tell_dependent(run)
            raise CommandError(str(error), returncode=ExitCode.USAGE) from None
        except KeyboardInterrupt:
            noun = WAYS[run.kind].noun
            self.stderr.write(f"\nInterrupted; whole {noun}s are undone. Run it again.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None

    def _undo(self, run: ImportRun, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            found = preview_undo(run)
            counts = (found.removed, found.restored, found.dependent_count)
            self._summary(run, counts, found.dependent, options)
            if found.dependent_count:
                raise SystemExit(int(ExitCode.USAGE))
            return
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        progress = Progress("undo_import", f"run={run.pk}", self.stderr, quiet=quiet)
        done = undo(
            run,
            By(process="undo_import"),
            on_progress=lambda done, total: progress.show(done, total, {}),
        )
        counts = (done.removed, done.restored, len(done.kept))
        progress.finish(sum(counts), sum(counts), {"removed": done.removed})
        self._summary(run, counts, done.kept, options)
        if done.kept:
            raise SystemExit(int(ExitCode.PARTLY))

    def _summary(
        self,
        run: ImportRun,
        counts: tuple[int, int, int],
        dependent: list[Dependent],
        options: dict[str, Any],
    ) -> None:
        if options["json"]:
            for each in dependent:
                self.stdout.write(
                    json_line(
                        type="dependent",
                        why=each.why,
                        **{WAYS[run.kind].noun: each.remote_id},
                    )
                )
            names = ("removed", "restored", "dependent")
            figures = dict(zip(names, counts, strict=True))
            written = not options["dry_run"]
            self.stdout.write(json_line(type="summary", written=written, **figures))
            return
        noun = WAYS[run.kind].noun
        self._list(noun, dependent, counts[2])
        removed = f"{noun.capitalize()}s removed"
        header = ("Import", removed, "As before", "Left as they are")
        self.stdout.write(table(header, [(run.file_name, *counts)]))
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")

    def _tell_dependent(self, run: ImportRun) -> None:
        if has_way_back(run):
            found = preview_undo(run)
            noun = WAYS[run.kind].noun
            self._list(noun, found.dependent, found.dependent_count)

    def _list(self, noun: str, dependent: list[Dependent], count: int) -> None:
        for each in dependent[:SHOWN]:
            text = f"{noun} {each.remote_id}: {each.why}"
            self.stderr.write(self.style.WARNING(text))
        if count > SHOWN:
            self.stderr.write(self.style.WARNING(f"… and {count - SHOWN} more"))
