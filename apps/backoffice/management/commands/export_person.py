"""Hand out what we hold about somebody, by hand: the same functions the pages call."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from apps.backoffice.management.subjects import (
    add_subject_options,
    chosen_person,
    chosen_subject,
)
from apps.backoffice.services import people
from apps.core.management.reporting import ExitCode, json_line
from apps.orders.services import privacy

PROCESS = "export_person"


class Command(BaseCommand):
    help = "Write everything we hold about a buyer or a person as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_subject_options(parser)
        parser.add_argument(
            "--out", type=Path, help="a new file; without it, to standard output"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say how much there is"
        )

    def handle(self, **options: Any) -> None:
        if options["out"] is not None and not options["dry_run"]:
            # Before the trail says that the data was taken.
            self._reserve(options["out"])
        if options["user"]:
            person = chosen_person(options["user"])
            if options["dry_run"]:
                self._say(people.holdings_of(person).as_json())
                return
            taken = people.export_person(person, process=PROCESS)
        else:
            subject = chosen_subject(options)
            if options["dry_run"]:
                self._say(privacy.holdings_of(subject).as_json())
                return
            taken = privacy.export_buyer(subject, process=PROCESS)
        text = json.dumps(taken, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
        if options["out"] is None:
            self.stdout.write(text)
        else:
            options["out"].write_text(text, encoding="utf-8")
            self.stderr.write(f"Written to {options['out']}.")

    def _reserve(self, path: Path) -> None:
        """For the owner's eyes only, and never over somebody else's data."""
        try:
            path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}.",
                returncode=ExitCode.USAGE,
            ) from error

    def _say(self, counts: dict[str, int]) -> None:
        self.stdout.write(json_line(type="summary", **counts))
