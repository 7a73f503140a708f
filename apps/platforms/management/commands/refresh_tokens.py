"""Renew tokens by hand: those that are due, or all; of all shops, or of some."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.core.management.reporting import ExitCode, json_line, worst
from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh
from apps.platforms.services.trail import Actor


class Command(BaseCommand):
    help = (
        "Refresh the tokens that are due (half their life over), or --all. Without a "
        "shop: those of every shop."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument("--all", action="store_true", help="also those not yet due")
        parser.add_argument("--dry-run", action="store_true", help="only name them")
        parser.add_argument("--json", action="store_true", help="one object a line")

    def handle(self, **options: Any) -> None:
        self.options = options
        rows = Authorization.objects.select_related("api_app")
        if options["shop"] or options["client"] or options["all_shops"]:
            shops = chosen_shops(options)
            rows = rows.filter(credentials__shop__in=shops).distinct()
        if not options["all"]:
            rows = rows.due_for_refresh(timezone.now())
        codes = [self._refresh(row) for row in rows.order_by("pk")]
        if options["json"]:
            failed = sum(code != ExitCode.DONE for code in codes)
            summary = {"consents": len(codes), "failed": failed}
            self.stdout.write(json_line(type="summary", **summary))
        elif not codes:
            self.stdout.write("Nothing is due.")
        if code := worst(codes):
            raise SystemExit(int(code))

    def _refresh(self, row: Authorization) -> ExitCode:
        if self.options["dry_run"]:
            self._say(row, "would be refreshed", ends=row.access_expires_at)
            return ExitCode.DONE
        try:
            fresh = refresh(
                row, TikTokTokens(row.api_app), by=Actor(process="refresh_tokens")
            )
        except ReconnectNeeded as error:
            self._complain(row, f"reconnect needed. {error}")
            return ExitCode.NEEDS_PERSON
        except (PlatformError, RefreshInProgress) as error:
            self._complain(row, str(error))
            return ExitCode.PARTLY
        self._say(
            row,
            "refreshed",
            ended=row.access_expires_at,
            ends=fresh.access_expires_at,
        )
        return ExitCode.DONE

    def _say(self, row: Authorization, result: str, **instants: Any) -> None:
        if self.options["json"]:
            fields = {"consent": row.pk, "name": str(row), "result": result}
            self.stdout.write(json_line(type="consent", **fields, **instants))
            return
        ends = " → ".join(f"{moment:%d %b %H:%M}" for moment in instants.values())
        self.stdout.write(f"{row}: {result}, {ends} UTC")

    def _complain(self, row: Authorization, words: str) -> None:
        if self.options["json"]:
            self._say(row, words)
        self.stderr.write(self.style.ERROR(f"{row}: {words}"))
