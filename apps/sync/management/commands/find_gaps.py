"""Count orders on both sides by hand: the same function the schedule calls at night."""

from argparse import ArgumentParser
from typing import Any

from apps.core.management.periods import add_period_options
from apps.core.management.reporting import json_line
from apps.platforms.management.shops import add_shop_options
from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncGap, SyncRun
from apps.sync.services.gaps.recount import DAYS, recount


class Command(PullCommand):
    help = (
        "Compare the orders placed on a shop's days, by its own clock, with TikTok's, "
        f"and pull again those that differ; without a period, of the last {DAYS} days "
        "that are over. Exits with 3 while some differ. Repeating it changes nothing."
    )
    resources = (Resource.GAPS,)

    @property
    def name(self) -> str:
        return "find_gaps"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        add_period_options(parser, "placed")
        parser.set_defaults(limit=None)
        parser.add_argument(
            "--dry-run", action="store_true", help="compare; pull and write nothing"
        )
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def more_options(self, shop: Shop, options: dict[str, Any]) -> dict[str, Any]:
        """Days are whole ones by the shop's clock, not hours back from now."""
        if options["days"] is None or options["until"]:
            return {}
        return {"days": max(1, round(options["days"])), "since": None}

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        options.pop("limit")
        return recount(shop, **options)

    def _summary(self, runs: list[SyncRun], options: dict[str, Any]) -> None:
        gaps = SyncGap.objects.open().filter(run__in=runs).order_by("shop", "day")
        rows = list(gaps.select_related("shop"))
        if options["json"]:
            for gap in rows:
                self.stdout.write(json_line(type="gap", **_facts(gap)))
        super()._summary(runs, options)
        if not options["json"]:
            for gap in rows:
                self.stdout.write(_in_words(gap))
            if runs and all(run.read == run.same for run in runs):
                self.stdout.write("All orders that were counted agree.")


def _facts(gap: SyncGap) -> dict[str, Any]:
    names = ("shop_id", "day", "left", "their_orders", "our_orders", "their_units")
    sides = (*names, "our_units", "their_money", "our_money")
    return {name.removesuffix("_id"): getattr(gap, name) for name in sides}


def _in_words(gap: SyncGap) -> str:
    return (
        f"{gap}: {gap.left:,} {'order differs' if gap.left == 1 else 'orders differ'}; "
        f"TikTok counts {gap.their_orders:,}, here are {gap.our_orders:,}."
    )
