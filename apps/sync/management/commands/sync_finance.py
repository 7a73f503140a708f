"""Pull settlements and payments by hand: the same function the schedule calls."""

from argparse import ArgumentParser
from typing import Any

from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.finance import ORDER_CALLS, pull_finance


class Command(PullCommand):
    help = (
        "Pull statements, what they consist of, payments, and what is to come. "
        "Without a period: all news since the last pull, 90 days at first. Repeating "
        "it changes nothing. SKU rows take a call for each order; what is left of them "
        "is taken up by the next pull."
    )
    resources = (Resource.FINANCE,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--order-calls",
            type=int,
            default=ORDER_CALLS,
            help=f"orders to ask SKU rows of, at most (default {ORDER_CALLS})",
        )

    def more_options(self, shop: Shop, options: dict[str, Any]) -> dict[str, Any]:
        return {"order_calls": max(0, options["order_calls"])}

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        return pull_finance(shop, **options)
