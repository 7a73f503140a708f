"""Part of deployment: the schedule's lines, without overwriting what people changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.sync.services.schedule import seed_schedule


class Command(BaseCommand):
    help = "Add the missing lines of config/schedule.py to Beat's schedule."

    def handle(self, **options: Any) -> None:
        added = seed_schedule(settings.SCHEDULE)
        self.stdout.write(f"{added} added, {len(settings.SCHEDULE) - added} kept.")
