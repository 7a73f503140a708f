"""For the administrator who lost phone and backup codes, and has nobody to ask."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.users.models import User
from apps.users.services.second_factor import reset


class Command(BaseCommand):
    help = "Let somebody sign in with the password alone, until they set it up anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {username}.")
        if reset(person, by=None, address=None):
            self.stdout.write(f"{person} signs in with the password alone now.")
        else:
            self.stdout.write(f"{person} had no second factor.")
