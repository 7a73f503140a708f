"""After a new key was put first in FERNET_KEYS: re-encrypt, then drop the old key."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.platforms.services.keys import rotate_keys


class Command(BaseCommand):
    help = "Re-encrypt all secrets under the first key of FERNET_KEYS."

    def handle(self, **options: Any) -> None:
        rows = rotate_keys()
        self.stdout.write(
            f"{rows} rows are under the first key now. The other keys can go."
        )
