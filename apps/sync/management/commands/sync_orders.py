"""Pull orders by hand: the same functions the schedule calls."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from apps.core.management.periods import instant
from apps.core.management.reporting import ExitCode
from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.placed_orders import pull_placed_orders


class Command(PullCommand):
    help = (
        "Pull orders changed on TikTok Shop. Without a period: all news since the last "
        "pull, 90 days at first. Repeating it changes nothing. With --placed-from, "
        "--placed-to or --full, orders are compared by when they were placed; what "
        "broke off goes on where it was."
    )
    resources = (Resource.ORDERS,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--placed-from", type=instant, help="placed from (ISO 8601)"
        )
        parser.add_argument(
            "--placed-to", type=instant, help="placed before (ISO 8601)"
        )
        parser.add_argument(
            "--full", action="store_true", help="all orders since the shop's start"
        )

    def handle(self, **options: Any) -> None:
        placed_from, placed_to = options["placed_from"], options["placed_to"]
        changed = options["since"] or options["until"] or options["days"] is not None
        is_by_placing = placed_from or placed_to or options["full"]
        if is_by_placing and changed:
            raise CommandError(
                "Orders are pulled by when they changed or by when they were placed: "
                "give one of both.",
                returncode=ExitCode.USAGE,
            )
        if options["full"] and (placed_from or placed_to):
            raise CommandError(
                "--full is about all orders: give no period with it.",
                returncode=ExitCode.USAGE,
            )
        if placed_to and not placed_from:
            raise CommandError(
                "--placed-to needs --placed-from.", returncode=ExitCode.USAGE
            )
        if placed_from and placed_to and placed_from >= placed_to:
            raise CommandError(
                "--placed-from must lie before --placed-to.", returncode=ExitCode.USAGE
            )
        self.is_by_placing = bool(is_by_placing)
        super().handle(**options)

    def more_options(self, shop: Shop, options: dict[str, Any]) -> dict[str, Any]:
        if not self.is_by_placing:
            return {}
        return {"since": options["placed_from"], "until": options["placed_to"]}

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        if self.is_by_placing:
            return pull_placed_orders(shop, **options)
        return pull_orders(shop, **options)
