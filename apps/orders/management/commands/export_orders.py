"""Orders as a CSV file, or one JSON object a line."""

import csv
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core.exports import harmless
from apps.core.management.periods import add_period_options, period_of
from apps.core.management.reporting import ExitCode, Progress, json_line
from apps.core.storing import portions
from apps.orders.models import Order
from apps.orders.services import exporting
from apps.orders.services.buyer_views import note_buyers_taken
from apps.orders.services.exporting import RowPer
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop

NAME = "export_orders"


class Command(BaseCommand):
    help = (
        "Write orders as CSV (or, with --json, one object a line), newest first. "
        "Without a period: all there are. Whoever bought is left out; --buyers puts "
        "them in and leaves a line a shop in the audit trail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        add_period_options(parser, "placed")
        parser.add_argument(
            "--status",
            action="append",
            default=[],
            choices=Order.Status.values,
            help="only with this status; repeatable",
        )
        parser.add_argument(
            "--rows",
            choices=[each.value for each in RowPer],
            default=RowPer.ITEM.value,
            help="a row for each order, or for each item of an order",
        )
        parser.add_argument("--buyers", action="store_true", help="with who bought")
        parser.add_argument("--output", metavar="FILE", help="instead of the screen")
        parser.add_argument("--limit", type=int, help="stop after N orders")
        parser.add_argument("--dry-run", action="store_true", help="only count them")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        period = period_of(options)
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=ExitCode.USAGE)
        shops = chosen_shops(options)
        keys = _keys(shops, period, options)
        if options["dry_run"]:
            self._summary(len(keys), 0, options)
            return
        if options["buyers"]:
            _note(shops, keys)
        try:
            rows = self._write(shops, keys, options)
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; the file is not whole.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._summary(len(keys), rows, options)

    def _write(
        self, shops: Sequence[Shop], keys: Sequence[int], options: dict[str, Any]
    ) -> int:
        per = RowPer(options["rows"])
        everywhere = {shop.pk for shop in shops}
        buyers_at = everywhere if options["buyers"] else None
        header = exporting.header(per, has_buyers=buyers_at is not None)
        progress = Progress(NAME, "orders", self.stderr, quiet=self._is_quiet(options))
        count = done = 0
        with self._opened(options["output"]) as out:
            if not options["json"]:
                csv.writer(out).writerow(header)
            for start in range(0, len(keys), exporting.AT_A_TIME):
                some = keys[start : start + exporting.AT_A_TIME]
                for row in exporting.rows_of(
                    some, per, buyers_at=buyers_at, ours_at=everywhere
                ):
                    _write_row(out, header, row, as_json=options["json"])
                    count += 1
                done += len(some)
                progress.show(done, len(keys), {"rows": count})
        progress.finish(done, len(keys), {"rows": count})
        return count

    @contextmanager
    def _opened(self, name: str | None) -> Iterator[Any]:
        if name is None:
            yield self.stdout
            return
        with ExitStack() as opened:
            try:
                # Who bought may stand in it: a new file is for its owner's eyes only.
                Path(name).touch(mode=0o600)
                yield opened.enter_context(
                    Path(name).open("w", encoding="utf-8", newline="")
                )
            except OSError as error:
                raise CommandError(
                    f"{name} cannot be written: {error.strerror}.",
                    returncode=ExitCode.USAGE,
                ) from error

    def _is_quiet(self, options: dict[str, Any]) -> bool:
        return bool(
            options["json"] or options["no_progress"] or options["verbosity"] == 0
        )

    def _summary(self, orders: int, rows: int, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json_line(type="summary", orders=orders, rows=rows))
        elif options["dry_run"]:
            self.stdout.write(f"Dry run: {orders:,} orders, and nothing was written.")
        elif options["verbosity"]:
            # Beside the rows, which may be on the screen.
            self.stderr.write(f"{orders:,} orders, {rows:,} rows.", str)


def _keys(
    shops: Sequence[Shop],
    period: dict[str, datetime | None],
    options: dict[str, Any],
) -> list[int]:
    """Of the orders asked for, newest first."""
    orders = Order.objects.filter(shop__in=shops)
    if period["since"]:
        orders = orders.filter(placed_at__gte=period["since"])
    if period["until"]:
        orders = orders.filter(placed_at__lt=period["until"])
    if options["status"]:
        orders = orders.filter(status__in=options["status"])
    keys = orders.order_by("-placed_at", "-pk").values_list("pk", flat=True)
    return list(keys[: options["limit"]])


@transaction.atomic
def _note(shops: Sequence[Shop], keys: Sequence[int]) -> None:
    told: Counter[int] = Counter()
    for some in portions(keys):
        orders = Order.objects.filter(pk__in=some, buyer_erased_at=None)
        told.update(orders.values_list("shop", flat=True))
    named = [(shop, told[shop.pk]) for shop in shops if told[shop.pk]]
    note_buyers_taken(named, process=NAME)


def _write_row(
    out: Any, header: Sequence[str], row: Sequence[object], *, as_json: bool
) -> None:
    if as_json:
        told = dict(zip(header, row, strict=True))
        out.write(json_line(type="row", **told) + "\n")
    else:
        csv.writer(out).writerow([harmless(cell) for cell in row])
