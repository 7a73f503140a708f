"""Read again what TikTok Shop sent of each order last."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.management.reporting import ExitCode, Progress, json_line, worst
from apps.integrations.tiktok.mapping import order_from_json
from apps.integrations.tiktok.reading import Unreadable
from apps.orders.services.rebuilding import Rebuilt, payloads_of, rebuild
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop

NAME = "rebuild_orders"


class Command(BaseCommand):
    help = (
        "Let orders follow anew from what TikTok Shop sent of each last, as this "
        "version understands it: new fields, statuses that nobody understood. What "
        "files and people said stays. Asks TikTok nothing; repeating it changes "
        "nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="compare, and write nothing"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        try:
            codes = [self._rebuild(shop, options) for shop in chosen_shops(options)]
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; what was read again stays.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        if code := worst(codes):
            raise SystemExit(int(code))

    def _rebuild(self, shop: Shop, options: dict[str, Any]) -> ExitCode:
        is_quiet = options["json"] or options["no_progress"]
        is_quiet = is_quiet or options["verbosity"] == 0
        progress = Progress(NAME, str(shop), self.stderr, quiet=is_quiet)
        total = payloads_of(shop)
        done = rebuild(
            shop,
            order_from_json,
            errors=Unreadable,
            dry_run=options["dry_run"],
            on_batch=lambda so_far: progress.show(so_far.read, total, _figures(so_far)),
        )
        progress.finish(done.read, total, _figures(done))
        self._tell(shop, done, options)
        has_failed = done.unreadable or done.outcome.refused
        return ExitCode.PARTLY if has_failed else ExitCode.DONE

    def _tell(self, shop: Shop, done: Rebuilt, options: dict[str, Any]) -> None:
        failed = [*done.unreadable, *done.outcome.refused]
        if options["json"]:
            self.stdout.write(
                json_line(
                    type="summary",
                    shop=str(shop),
                    read=done.read,
                    dry_run=options["dry_run"],
                    **_figures(done),
                )
            )
        elif options["verbosity"]:
            figures = ", ".join(f"{n} {count:,}" for n, count in _figures(done).items())
            dry = "Dry run: " if options["dry_run"] else ""
            self.stdout.write(f"{dry}{shop}: {done.read:,} read again, {figures}.")
        for remote_id, reason in failed:
            self.stderr.write(f"Order {remote_id}: {reason}.")


def _figures(done: Rebuilt) -> dict[str, int]:
    return {
        "updated": done.outcome.updated,
        "same": done.outcome.same,
        "failed": len(done.unreadable) + len(done.outcome.refused),
    }
