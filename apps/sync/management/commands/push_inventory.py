"""Tell shops our stock by hand: the same functions the schedule calls."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.management.reporting import (
    ExitCode,
    Progress,
    json_line,
    table,
    worst,
)
from apps.integrations.errors import ConsentNeeded, PlatformError
from apps.inventory.models import ShopStockSettings
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.management.shop_table import tell_by_shop, tell_troubles
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.errors import AlreadyRunning
from apps.sync.management.stock_table import chosen_skus, compared, matched_skus
from apps.sync.models import StockPush
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.claiming import listings_due
from apps.sync.services.stock_push.crew import Pushed
from apps.sync.services.stock_push.working import push_due

HEADER = ("Shop", "Listings", "Accepted", "Failed", "Needs a person", "Took")
DRY_HEADER = ("SKU", "Shop", "Told", "Now", "Why")
State = StockPush.State


class Command(BaseCommand):
    help = (
        "Tell shops our stock: what changed since each took it last. --full reckons "
        "and sends everything anew. A dry run shows what would be sent and writes "
        "nothing. Figures are absolute, so repeating it does no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        parser.add_argument(
            "--sku",
            action="append",
            default=[],
            help="only this SKU of ours, or seller SKU of the shop; repeatable",
        )
        parser.add_argument(
            "--full", action="store_true", help="all of it, whatever was told before"
        )
        parser.add_argument("--limit", type=int, help="stop each shop after N listings")
        parser.add_argument("--dry-run", action="store_true", help="send nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=ExitCode.USAGE)
        shops = self._told(chosen_shops(options), options)
        chosen = {shop.pk: chosen_skus(shop, options["sku"]) for shop in shops}
        if options["sku"] and not any(chosen.values()):
            raise CommandError(
                "None of these shops has such a SKU matched.", returncode=ExitCode.USAGE
            )
        if options["dry_run"]:
            self._show(shops, chosen, options)
            return
        while noting.drain():
            pass  # in portions; all of it is meant
        codes = []
        try:
            for shop in shops:
                codes.append(self._push(shop, chosen[shop.pk], options))
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; what is still due is told by the next.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._summary(options)
        if code := worst(codes):
            raise SystemExit(int(code))

    def _told(self, shops: Sequence[Shop], options: dict[str, Any]) -> list[Shop]:
        """Those that are told; the others are named, unless all shops were meant."""
        self._rows: list[tuple[Shop, Pushed, float]] = []
        on = ShopStockSettings.objects.filter(shop__in=shops, is_pushed=True)
        switched_on = set(on.values_list("shop", flat=True))
        if options["dry_run"]:
            return list(shops)
        told = []
        for shop in shops:
            if shop.state != Shop.State.CONNECTED:
                words = f"is {shop.get_state_display().lower()}"
            elif shop.pk not in switched_on:
                words = "is not told our stock; switch it on in its stock settings"
            else:
                told.append(shop)
                continue
            if not options["all_shops"]:
                self.stderr.write(self.style.WARNING(f"{shop} {words}."))
        return told

    def _push(
        self, shop: Shop, skus: Sequence[ListingSku] | None, options: dict[str, Any]
    ) -> ExitCode:
        is_full = options["full"]
        only = None if skus is None else {sku.listing_id for sku in skus}
        if skus is not None:
            noting.note([sku.pk for sku in skus], is_forced=is_full)
        elif is_full:
            noting.recompute(shop, is_forced=True)
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        progress = Progress(
            "push_inventory", f"shop={shop.pk}", self.stderr, quiet=quiet
        )
        if progress.is_terminal:
            progress.subject = str(shop)
        due = len(listings_due(shop))
        total = due if options["limit"] is None else min(due, options["limit"])
        started, pushed = time.monotonic(), Pushed()

        def on_listing(so_far: Pushed) -> None:
            nonlocal pushed
            pushed = so_far
            progress.show(so_far.listings, total, _counts(so_far))

        try:
            pushed = push_due(
                shop, limit=options["limit"], only=only, on_listing=on_listing
            )
        except AlreadyRunning as error:
            self.stderr.write(self.style.WARNING(str(error)))
            return ExitCode.ALREADY_RUNNING
        except (ReconnectNeeded, ConsentNeeded) as error:
            self.stderr.write(self.style.ERROR(f"{shop}: reconnect needed. {error}"))
            return ExitCode.NEEDS_PERSON
        except (PlatformError, RefreshInProgress) as error:
            self.stderr.write(self.style.ERROR(f"{shop}: {error}"))
            return ExitCode.PARTLY
        finally:
            self._rows.append((shop, pushed, time.monotonic() - started))
        progress.finish(pushed.listings, total, _counts(pushed))
        if pushed.blocked:
            return ExitCode.NEEDS_PERSON
        return ExitCode.PARTLY if pushed.failed else ExitCode.DONE

    def _summary(self, options: dict[str, Any]) -> None:
        is_json = options["json"]
        if not self._rows and not is_json:
            self.stdout.write("No shop to tell.")
            return
        rows = [
            (shop, {"listings": pushed.listings} | _counts(pushed), seconds)
            for shop, pushed, seconds in self._rows
        ]
        tell_by_shop(self, HEADER, rows, is_json=is_json)
        if is_json:
            return
        if not any(pushed.listings for _, pushed, _ in self._rows):
            self.stdout.write("Nothing was to be told.")
        troubled = StockPush.objects.filter(
            shop__in=[shop for shop, _, _ in self._rows],
            state__in=[State.FAILED, State.BLOCKED],
        )
        tell_troubles(self, troubled.values_list("message", flat=True))

    def _show(
        self,
        shops: Sequence[Shop],
        chosen: dict[int, list[ListingSku] | None],
        options: dict[str, Any],
    ) -> None:
        """What would be sent; with --full or --sku also what would not, and why."""
        rows = []
        for shop in shops:
            skus = chosen[shop.pk]
            shows_all = options["full"] or skus is not None
            for row in compared(matched_skus(shop) if skus is None else skus):
                if shows_all or row["is_due"]:
                    rows.append(row)
        if options["limit"] is not None:
            rows = rows[: options["limit"]]
        if options["json"]:
            for row in rows:
                self.stdout.write(json_line(type="sku", **row))
            return
        cells = [
            (
                row["sku"],
                row["shop"],
                _or_dash(row["told"]),
                _or_dash(row["now"]),
                row["why"],
            )
            for row in rows
        ]
        if cells:
            self.stdout.write(table(DRY_HEADER, cells))
        due = sum(row["is_due"] for row in rows)
        self.stdout.write(f"Dry run: {due:,} would be told, and nothing was sent.")


def _counts(pushed: Pushed) -> dict[str, int]:
    return {
        "accepted": pushed.accepted,
        "failed": pushed.failed,
        "blocked": pushed.blocked,
    }


def _or_dash(number: int | None) -> int | str:
    return "—" if number is None else number
