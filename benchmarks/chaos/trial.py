"""All of it together: people, breakages, and the audit after both."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.management import call_command
from django.db import close_old_connections, connection
from django.db.models import Max
from django.db.utils import Error as DatabaseTrouble
from django.utils import timezone

from apps.orders.models import Order
from apps.orders.services.mapping import By
from apps.platforms.models import Shop
from apps.sync.services.latency import latency_of
from apps.webhooks.models import WebhookEvent
from benchmarks.chaos import audit
from benchmarks.chaos.audit import Found, Look, Postbox
from benchmarks.chaos.breaking import WITHHELD, Breaker
from benchmarks.chaos.desk import Desk
from benchmarks.chaos.people import Buyers, Clerk
from benchmarks.chaos.pieces import Pieces, differing, on_hand, sell_a_set

# What all looks have missed comes with the next pull, a quarter of an hour later.
PATIENCE_SECONDS = 1_200.0
# What is taken in while all is broken is answered in time; what is left, done in time.
ANSWERED_MILLISECONDS = 300
BACKLOG_SECONDS = 60
# What nobody tells of is looked for often enough for that.
WITHHELD_SECONDS = 30


@dataclass
class Trial:
    desk: Desk
    orders: int
    faults: Sequence[str]
    done: Counter[str] = field(default_factory=Counter)
    backlog_seconds: float | None = None

    def run(self) -> int:
        self._prepare()
        breaker = Breaker(self.desk, self.faults, self.done)
        buyers = Buyers(self.desk, self.orders, self.bundle, self.done)
        self.clerk = Clerk(self.desk, self.done)
        self.postbox = Postbox(self.desk)
        began, began_at = time.monotonic(), timezone.now()
        for each in (breaker, self.clerk, self.postbox):
            each.start()
        buyers.run()
        breaker.stop()
        self.clerk.stop()
        self.postbox.stop()
        print(f"Under fire for {time.monotonic() - began:.0f} s: {dict(self.done)}")
        found = self._audit()
        self.latency = latency_of(Shop.objects.all(), began_at)
        print(f"Seconds until orders were here: {self.latency.steps}")
        is_late = self._in_time()
        if found:
            return 1
        return 3 if is_late else 0

    def _prepare(self) -> None:
        """A bundle on sale; and what lies where, once both sides agree."""
        self.bundle = sell_a_set(By(process="chaos"))
        print(f"Sold as a bundle: SKU {self.bundle or 'none'}")
        self._await([audit.orders, lambda desk: _due()])
        for _ in range(10):
            self.began, self.lay = Pieces.of(self.desk), on_hand()
            if not differing(self.began, self.began, self.lay, Counter(), Counter()):
                return
            time.sleep(3)
        wrong = differing(self.began, self.began, self.lay, Counter(), Counter())
        raise SystemExit("\n".join(["Before anything began:", *wrong[:20]]))

    def _audit(self) -> Found:
        began = time.monotonic()
        looks: list[Look] = [
            self._backlog,
            audit.orders,
            self.postbox.lost,
            self._stock,
            audit.shown_stock,
            audit.sums,
            lambda desk: audit.secrets(desk, [self.clerk.token]),
        ]
        self.peace_began = began
        found = self._await(looks)
        call_command("verify_stock")
        states = Counter(WebhookEvent.objects.values_list("state", flat=True))
        print(f"Deliveries: {dict(states)}, {len(self.postbox.accepted)} accepted")
        print(f"After {time.monotonic() - began:.0f} s {len(found)} differences.")
        print(*found[:20], sep="\n")
        return found

    def _await(self, looks: Sequence[Look]) -> Found:
        """What still differs once nothing does, or patience is at its end. Shops that
        rest are waited for."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = [each for look in looks for each in _asked(look, self.desk)]
            if not found:
                return []
            print(f"{len(found)} differences: {found[0][:150]}", flush=True)
            until = max(until, time.monotonic() + _longest_rest())
            if time.monotonic() > until:
                return found
            time.sleep(3)

    def _backlog(self, desk: Desk) -> Found:
        found = audit.deliveries(desk)
        if not found and self.backlog_seconds is None:
            self.backlog_seconds = time.monotonic() - self.peace_began
        return found

    def _stock(self, desk: Desk) -> Found:
        now, clerk = Pieces.of(desk), self.clerk
        return differing(now, self.began, self.lay, clerk.held, clerk.received)

    def _in_time(self) -> bool:
        """Say how long it took; whether anything took too long."""
        slow = False
        took = self.postbox.percentile(0.99)
        backlog = self.backlog_seconds
        aims: list[tuple[str, float | None, float]] = [
            ("Accepted deliveries, p99 in ms", took, ANSWERED_MILLISECONDS),
            ("Backlog empty, after seconds", backlog, BACKLOG_SECONDS),
        ]
        if list(self.faults) == [WITHHELD]:
            here = self.latency.p99
            aims.append(("Orders here, p99 in seconds", here, WITHHELD_SECONDS))
        for words, measured, most in aims:
            is_late = measured is None or measured > most
            slow = slow or is_late
            said = "never" if measured is None else f"{measured:.0f}"
            print(f"{words}: {said} (at most {most}){' LATE' if is_late else ''}")
        return slow


def _due() -> Found:
    due = Order.objects.filter(is_stock_due=True).count()
    return [f"{due} orders are not booked yet"] if due else []


def _longest_rest() -> float:
    """Seconds until the last shop that rests is called again and has had its pull."""
    try:
        until = Shop.objects.aggregate(until=Max("rested_until"))["until"]
    except DatabaseTrouble:
        return 0.0
    left = (until - timezone.now()).total_seconds() if until else 0.0
    return left + 120 if left > 0 else 0.0


def _asked(look: Look, desk: Desk) -> Found:
    try:
        return look(desk)
    except DatabaseTrouble as error:
        connection.close()
        close_old_connections()
        return [f"the database is away: {type(error).__name__}"]
