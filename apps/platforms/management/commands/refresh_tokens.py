"""Renew tokens by hand: those that are due, or all."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.core.management.reporting import ExitCode, worst
from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh
from apps.platforms.services.trail import Actor


class Command(BaseCommand):
    help = "Refresh the tokens that are due (half their life over), or --all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="also those not yet due")

    def handle(self, **options: Any) -> None:
        rows = Authorization.objects.select_related("api_app")
        if not options["all"]:
            rows = rows.due_for_refresh(timezone.now())
        codes = [self._refresh(row) for row in rows]
        if not codes:
            self.stdout.write("Nothing is due.")
        if code := worst(codes):
            raise SystemExit(int(code))

    def _refresh(self, row: Authorization) -> ExitCode:
        try:
            fresh = refresh(
                row, TikTokTokens(row.api_app), by=Actor(process="refresh_tokens")
            )
        except ReconnectNeeded as error:
            self.stderr.write(self.style.ERROR(f"{row}: reconnect needed. {error}"))
            return ExitCode.NEEDS_PERSON
        except (PlatformError, RefreshInProgress) as error:
            self.stderr.write(self.style.ERROR(f"{row}: {error}"))
            return ExitCode.PARTLY
        self.stdout.write(
            f"{row}: {row.access_expires_at:%d %b %H:%M} → "
            f"{fresh.access_expires_at:%d %b %H:%M} UTC"
        )
        return ExitCode.DONE
