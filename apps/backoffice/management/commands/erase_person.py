"""Erase somebody by hand: the same functions the pages call."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.backoffice.management.subjects import (
    add_subject_options,
    chosen_person,
    chosen_subject,
)
from apps.backoffice.services import people
from apps.core.errors import DomainError
from apps.core.management.reporting import ExitCode, json_line
from apps.orders.services import privacy
from apps.users.models import User


class Command(BaseCommand):
    help = (
        "Erase a buyer's data or a person for good. Without --confirm it only says "
        "what would go."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_subject_options(parser)
        parser.add_argument(
            "--confirm", metavar="NAME", help="do it: the name that is shown, again"
        )
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="the superuser who erases a person; by default the first one",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would go"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        if options["user"]:
            person = chosen_person(options["user"])
            name, held = person.username, people.holdings_of(person).as_json()
            was_erased = people.is_erased(person)
        else:
            subject = chosen_subject(options)
            name, held = subject.name, privacy.holdings_of(subject).as_json()
            was_erased = subject.is_erased
        if was_erased:
            self._say("already erased", name, held, options)
        elif options["dry_run"] or options["confirm"] is None:
            self._say("would go", name, held, options)
            if not options["dry_run"]:
                raise CommandError(
                    f"Nothing was erased. To do it, add --confirm “{name}”.",
                    returncode=ExitCode.USAGE,
                )
        else:
            try:
                if options["user"]:
                    by = _superuser(options["by"], person)
                    people.erase_person(person, options["confirm"], actor=by)
                else:
                    privacy.erase_buyer(
                        subject, options["confirm"], process="erase_person"
                    )
            except DomainError as error:
                raise CommandError(str(error), returncode=ExitCode.USAGE) from error
            self._say("gone", name, held, options)

    def _say(
        self, what: str, name: str, held: dict[str, int], options: dict[str, Any]
    ) -> None:
        if options["json"]:
            self.stdout.write(json_line(type="summary", state=what, **held))
            return
        figures = ", ".join(f"{k.replace('_', ' ')} {n:,}" for k, n in held.items())
        self.stdout.write(f"{name}: {what}: {figures}")


def _superuser(name: str | None, person: User) -> User:
    """Who answers for it in the trail."""
    rows = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
    actor = rows.filter(**({"username": name} if name else {})).order_by("pk").first()
    if actor is None:
        raise CommandError(
            f"“{name}” is no other superuser."
            if name
            else "There is no other superuser to answer for it.",
            returncode=ExitCode.USAGE,
        )
    return actor
