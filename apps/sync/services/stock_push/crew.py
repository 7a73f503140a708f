"""Many listings of a shop sent at once, and when to stop."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from queue import SimpleQueue

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.errors import PlatformError, PlatformUnavailable
from apps.platforms.models import Shop
from apps.products.services.publishing.channel import Channel
from apps.sync.models import StockPush
from apps.sync.services.stock_push.claiming import Parcel, claim, put_back
from apps.sync.services.stock_push.sending import CONSENT_GONE, LATER, send

State = StockPush.State
# Listings claimed at once: less to do for each, and figures of a moment ago.
AT_ONCE = 4
# What was claimed longer ago is claimed anew: before its call is over another process
# may take it for lost and send a newer figure, which this one must not follow.
FRESH_FOR = timedelta(minutes=1)
# One listing that gets no answer is its own matter; so many in a row, an outage.
MOST_OUTAGES = 3


@dataclass(slots=True)
class Pushed:
    """What became of one shop's due SKUs, each time it was sent; `listings` are the
    calls made for it."""

    listings: int = 0
    accepted: int = 0
    failed: int = 0
    blocked: int = 0

    def count(self, pushes: Sequence[StockPush]) -> None:
        self.listings += bool(pushes)
        for push in pushes:
            if push.state == State.FAILED:
                self.failed += 1
            elif push.state == State.BLOCKED:
                self.blocked += 1
            else:
                self.accepted += not push.sent or push.is_taken_off_sale


@dataclass(slots=True)
class Crew:
    """Sends listings of one shop, in threads of which each has clients of its own."""

    shop: Shop
    make_channel: Callable[[], Channel]
    outages_in_a_row: int = 0
    trouble: Exception | None = None
    is_stopped: bool = False

    def send_all(self, listings: Sequence[int]) -> Iterator[Sequence[StockPush]]:
        """What became of each, as it is known."""
        hands = min(settings.STOCK_PUSH_THREADS, len(listings))
        todo = deque(portions(listings, AT_ONCE))
        if hands <= 1:
            yield from self._work(todo)
            return
        done: SimpleQueue[Sequence[StockPush] | None] = SimpleQueue()
        with ThreadPoolExecutor(hands, "stock-push") as pool:
            futures = [pool.submit(self._work_aside, todo, done) for _ in range(hands)]
            try:
                while hands:
                    if (pushes := done.get()) is None:
                        hands -= 1
                    else:
                        yield pushes
            finally:  # whoever is interrupted waits for the calls under way alone
                self.is_stopped = self.is_stopped or bool(hands)
        for future in futures:
            future.result()

    def _work_aside(
        self,
        todo: deque[Sequence[int]],
        done: "SimpleQueue[Sequence[StockPush] | None]",
    ) -> None:
        try:
            for pushes in self._work(todo):
                done.put(pushes)
        finally:
            connection.close()  # this thread's own
            done.put(None)

    def _work(self, todo: deque[Sequence[int]]) -> Iterator[Sequence[StockPush]]:
        try:
            channel = self.make_channel()
        except (*CONSENT_GONE, *LATER, PlatformError) as error:
            self._note(error)
            return
        while todo and not self.is_stopped:
            try:
                some = todo.popleft()
            except IndexError:  # another thread was faster
                return
            parcels = deque(claim(self.shop, some))
            try:
                while parcels and not self.is_stopped and _is_fresh(parcels[0]):
                    sent = send(parcels.popleft(), channel)
                    self._note(sent.trouble)
                    yield sent.pushes
            finally:
                put_back(parcels)

    def _note(self, trouble: Exception | None) -> None:
        """Stop where it is the shop's; one call without an answer is not yet that."""
        if trouble is None:
            self.outages_in_a_row = 0
            return
        self.trouble = trouble
        self.outages_in_a_row += 1
        is_outage = isinstance(trouble, PlatformUnavailable)
        if not is_outage or self.outages_in_a_row >= MOST_OUTAGES:
            self.is_stopped = True


def _is_fresh(parcel: Parcel) -> bool:
    since = parcel.pushes[0].sending_since
    return since is not None and timezone.now() < since + FRESH_FOR
