"""Count what shops sold anew, or look whether it was counted right."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.backoffice.models import SalesDay
from apps.backoffice.services.analytics.counting import count_due, count_sales
from apps.backoffice.services.analytics.marking import (
    counted_days,
    mark_all,
    mark_days,
)
from apps.backoffice.services.analytics.settled import count_settled, differing
from apps.backoffice.services.analytics.verifying import differences
from apps.core.management.reporting import ExitCode, worst
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop

MOST_TOLD = 20


class Command(BaseCommand):
    help = (
        "Count the sales of shops anew from their orders, and what was settled. The "
        "schedule does so for whatever changes; this is for all of it. Asks no "
        "platform anything; may be broken off and repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument(
            "--since", type=date.fromisoformat, help="the shop's days from (ISO 8601)"
        )
        parser.add_argument(
            "--until", type=date.fromisoformat, help="the shop's days until, included"
        )
        parser.add_argument(
            "--verify",
            action="store_true",
            help="count what is due, then compare with the orders and change nothing; "
            "exit code 3 where something differs",
        )

    def handle(self, **options: Any) -> None:
        since, until = options["since"] or date.min, options["until"] or date.max
        if since > until:
            raise CommandError(
                "--since must not lie after --until.", returncode=ExitCode.USAGE
            )
        deed = self._verify if options["verify"] else self._rebuild
        codes = [deed(shop, since, until) for shop in chosen_shops(options)]
        if code := worst(codes):
            raise SystemExit(int(code))

    def _rebuild(self, shop: Shop, since: date, until: date) -> ExitCode:
        orders = mark_all(shop)
        rows = SalesDay.objects.filter(shop=shop).order_by()
        days = counted_days(shop) | set(rows.values_list("day", flat=True).distinct())
        mark_days(shop, [day for day in days if since <= day <= until])
        written, settled = count_due(shop), count_settled(shop)
        self.stdout.write(
            f"{shop}: {written:,} days counted, of {orders:,} orders in all; "
            f"{settled:,} days of settlements changed."
        )
        return ExitCode.DONE

    def _verify(self, shop: Shop, since: date, until: date) -> ExitCode:
        count_sales(shop)
        first, last = _known_days(shop)
        found = list(differences(shop, max(since, first), min(until, last)))
        for each in found[:MOST_TOLD]:
            self.stderr.write(f"{shop}: {each}")
        settled = [day for day, _ in differing(shop) if since <= day <= until]
        for day in settled[:MOST_TOLD]:
            self.stderr.write(f"{shop}: {day} settled differs")
        words = f"{len(found):,} sums" if found else "No sum"
        behind = f"; {len(settled):,} days of settlements" if settled else ""
        self.stdout.write(f"{shop}: {words} differ from the orders{behind}.")
        return ExitCode.PARTLY if found or settled else ExitCode.DONE


def _known_days(shop: Shop) -> tuple[date, date]:
    """Days that orders can be counted on, with room for any clock."""
    placed = shop.orders.order_by("placed_at").values_list("placed_at", flat=True)
    today = timezone.now().date() + timedelta(days=2)
    first = placed.first()
    return (first.date() - timedelta(days=2) if first else today), today
