"""After a new key was put first in FERNET_KEYS: re-encrypt, prove, drop the old key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import ExitCode
from apps.platforms.services.keys import Proof, prove, rotate_keys


class Command(BaseCommand):
    help = (
        "Re-encrypt all secrets under the first key of FERNET_KEYS, then open every "
        "one of them with that key alone. May be interrupted and started again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only the proof")

    def handle(self, **options: Any) -> None:
        if not options["check"]:
            try:
                rows = rotate_keys()
            except KeyboardInterrupt:
                self.stderr.write("\nInterrupted; start it again, it goes on.")
                raise SystemExit(int(ExitCode.INTERRUPTED)) from None
            self.stdout.write(f"{rows} rows are under the first key now.")
        proof = prove()
        self._say(proof)
        if not proof.holds:
            raise SystemExit(int(ExitCode.PARTLY))

    def _say(self, proof: Proof) -> None:
        if proof.holds:
            self.stdout.write(
                f"Proved: all {proof.under_first} secrets open with the first key "
                "alone. Nothing is left under another; the other keys can go."
            )
            return
        for name, rows in proof.older.items():
            self.stderr.write(
                self.style.ERROR(f"{name}: {rows} still need an older key.")
            )
        for name, rows in proof.unreadable.items():
            self.stderr.write(
                self.style.ERROR(f"{name}: {rows} open with none of FERNET_KEYS.")
            )
        self.stderr.write("Keep the other keys.")
