"""Act on events again by hand: the same functions the log and the schedule call."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Q, QuerySet

from apps.core.management.periods import add_period_options, period_of
from apps.core.management.reporting import ExitCode, Progress, json_line, worst
from apps.core.storing import portions
from apps.platforms.management.shop_table import tell_by_shop, tell_troubles
from apps.platforms.management.shops import add_shop_options, chosen_shops
from apps.platforms.models import Shop
from apps.users.services.audit import By
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.claiming import AT_ONCE
from apps.webhooks.services.processing import Worked, work_events
from apps.webhooks.services.replay import REPLAYED_FROM, can_be_replayed, replay

HEADER = ("Shop", "Replayed", "Done", "Waiting", "Failed", "Took")
State = WebhookEvent.State
# Without --state: what was not acted on, and nobody is going to.
_USUAL = (State.DEAD, State.FAILED)


class Command(BaseCommand):
    help = (
        "Act on stored webhooks again: by default dead letters and failed ones. What "
        "they name is read from TikTok as it is now, so repeating it does no harm. A "
        "dry run counts them and does nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_shop_options(parser)
        add_period_options(parser, "received")
        parser.add_argument(
            "--state",
            action="append",
            default=[],
            choices=[state.value for state in REPLAYED_FROM],
            help="only events in this state; repeatable",
        )
        parser.add_argument("--limit", type=int, help="stop each shop after N events")
        parser.add_argument("--dry-run", action="store_true", help="do nothing")
        parser.add_argument("--json", action="store_true", help="one object a line")
        parser.add_argument("--no-progress", action="store_true")

    def handle(self, **options: Any) -> None:
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.", returncode=ExitCode.USAGE)
        wanted = _wanted(options)
        shops = chosen_shops(options)
        if options["dry_run"]:
            self._show(shops, wanted, options)
            return
        self._rows: list[tuple[Shop, Worked, float]] = []
        codes = []
        try:
            for shop in shops:
                codes.append(self._replay(shop, wanted, options))
        except KeyboardInterrupt:
            self.stderr.write("\nInterrupted; what is due is acted on by the sweep.")
            raise SystemExit(int(ExitCode.INTERRUPTED)) from None
        self._summary(options)
        if code := worst(codes):
            raise SystemExit(int(code))

    def _replay(self, shop: Shop, wanted: Q, options: dict[str, Any]) -> ExitCode:
        keys = _keys(shop, wanted, options["limit"])
        if keys and shop.state != Shop.State.CONNECTED:
            words = (
                f"{shop} is {shop.get_state_display().lower()}: nothing was replayed."
            )
            self.stderr.write(self.style.ERROR(words))
            return ExitCode.NEEDS_PERSON
        quiet = options["json"] or options["no_progress"] or options["verbosity"] == 0
        progress = Progress(
            "replay_webhooks", f"shop={shop.pk}", self.stderr, quiet=quiet
        )
        if progress.is_terminal:
            progress.subject = str(shop)
        started, total = time.monotonic(), Worked()
        for some in portions(keys, AT_ONCE):
            rows = WebhookEvent.objects.filter(pk__in=some)
            replay(rows, By(process="replay_webhooks"))
            total.add(work_events(shop, only=some))
            progress.show(total.taken, len(keys), _counts(total))
        progress.finish(total.taken, len(keys), _counts(total))
        self._rows.append((shop, total, time.monotonic() - started))
        failed = WebhookEvent.objects.filter(pk__in=keys, state=State.FAILED)
        if failed.exists():
            return ExitCode.NEEDS_PERSON
        done = total.taken == len(keys) and not (total.failed or total.waiting)
        return ExitCode.DONE if done else ExitCode.PARTLY

    def _summary(self, options: dict[str, Any]) -> None:
        total = sum(worked.taken for _, worked, _ in self._rows)
        is_json = options["json"]
        if not total and not is_json:
            self.stdout.write("Nothing is to be replayed.")
            return
        rows = [
            (shop, {"replayed": worked.taken} | _counts(worked), seconds)
            for shop, worked, seconds in self._rows
        ]
        tell_by_shop(self, HEADER, rows, is_json=is_json)
        if is_json:
            self.stdout.write(json_line(type="summary", replayed=total))
            return
        tell_troubles(self, (w for _, worked, _ in self._rows for w in worked.troubles))

    def _show(self, shops: Sequence[Shop], wanted: Q, options: dict[str, Any]) -> None:
        for shop in shops:
            rows = WebhookEvent.objects.filter(wanted, shop=shop).order_by()
            counts = rows.values_list("state", "topic").annotate(count=Count("pk"))
            for state, topic, count in counts.order_by("state", "topic"):
                line = {"shop": shop.pk, "state": state, "topic": topic, "count": count}
                if options["json"]:
                    self.stdout.write(json_line(type="events", **line))
                else:
                    self.stdout.write(f"{shop}: {count:,} {topic} ({state})")
        if not options["json"]:
            self.stdout.write("Dry run: nothing was replayed.")


def _wanted(options: dict[str, Any]) -> Q:
    period = period_of(options)
    wanted = can_be_replayed() & Q(state__in=options["state"] or _USUAL)
    if period["since"]:
        wanted &= Q(received_at__gte=period["since"])
    if period["until"]:
        wanted &= Q(received_at__lt=period["until"])
    return wanted


def _keys(shop: Shop, wanted: Q, limit: int | None) -> list[int]:
    rows: QuerySet[WebhookEvent] = WebhookEvent.objects.filter(wanted, shop=shop)
    keys = rows.order_by("received_at", "pk").values_list("pk", flat=True)
    return list(keys if limit is None else keys[:limit])


def _counts(worked: Worked) -> dict[str, int]:
    return {
        "done": worked.done,
        "waiting": worked.waiting,
        "failed": worked.failed,
    }
