"""Walks windows of time page by page; each page is one transaction."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.integrations.contracts import PlatformClient, Source
from apps.integrations.errors import MalformedReply
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.sync.models import Resource
from apps.sync.services.latency import note_latency
from apps.sync.services.ledger import WALKS, Ledger, Walk
from apps.sync.services.missing_orders import MissingOrders

Store = Callable[[Shop, Sequence[Any], Source], IngestResult]


def no_orders(item: Any) -> Iterable[str]:
    return ()


def updated_at(item: Any) -> datetime | None:
    moment: datetime | None = item.updated_at
    return moment


@dataclass(frozen=True, slots=True)
class Feed:
    """A resource as it is pulled.

    `search` takes (client, since, until, page token) and gives a page, `items` its
    items; a page is as contracts.OrderPage. `count` is how many are in a period, if the
    platform says so by itself. `order_ids` names the orders an item hangs on, which are
    brought along. `moment` is what puts an item into a window, `happened` its verb.
    """

    resource: Resource
    scope: str
    search: Callable[[PlatformClient, datetime, datetime, str], Any]
    items: Callable[[Any], Sequence[Any]]
    store: Store
    preview: Store
    count: Callable[[PlatformClient, datetime, datetime], int | None] | None = None
    order_ids: Callable[[Any], Iterable[str]] = no_orders
    moment: Callable[[Any], datetime | None] = updated_at
    happened: str = "updated"


@dataclass(slots=True)
class Walker:
    """One pull under way. `note` is told, in the transaction that stores the rows, up
    to where all is stored; not in a dry run. `measures` whether what it brings is news,
    so that how long it took says something."""

    feed: Feed
    client: PlatformClient
    ledger: Ledger
    missing_orders: MissingOrders
    note: Callable[[datetime], None] | None = None
    dry_run: bool = False
    sums_up: bool = False
    measures: bool = False

    def expect(self, since: datetime, until: datetime) -> None:
        """Note how many there are in the period; where only a window tells how many it
        holds, they are summed up as it goes."""
        if self.feed.count is not None:
            self.ledger.run.expected = self.feed.count(self.client, since, until)
        self.sums_up = self.feed.count is None
        self.ledger.save()
        self.ledger.on_page(self.ledger.run)

    def walk(self, start: datetime, end: datetime) -> Walk | None:
        """A window whole, again where its pages shifted; None where the limit ended it
        before."""
        for attempt in range(WALKS):
            walk = self._turn_pages(start, end, is_first=attempt == 0)
            if self.ledger.is_full:
                return None
            if walk.is_steady and not walk.missing:
                break
        if walk.missing:
            self.ledger.save([("", self._complaint(walk, start, end))])
        if self.note is not None:
            self.note(end)
        return walk

    def _turn_pages(self, start: datetime, end: datetime, *, is_first: bool) -> Walk:
        """Take every page, or as many as the limit allows."""
        walk = Walk()
        tokens = {""}
        token = ""
        while True:
            page = self.feed.search(self.client, start, end, token)
            items = self.feed.items(page)
            ids = (item.remote_id for item in items)
            walk.note(ids, page.malformed, page.total_count)
            if is_first and not token and self.sums_up:
                run = self.ledger.run
                run.expected = (run.expected or 0) + (page.total_count or 0)
            self._take(page, items, start, is_steady=walk.is_steady)
            token = page.next_page_token
            if self.ledger.is_full or not token:
                return walk
            if token in tokens:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            tokens.add(token)

    def _take(
        self, page: Any, items: Sequence[Any], start: datetime, *, is_steady: bool
    ) -> None:
        """The rows, the cursor and the counts of a page, all or nothing."""
        shop, run = self.ledger.shop, self.ledger.run
        store = self.feed.preview if self.dry_run else self.feed.store
        if not self.dry_run:
            # Before the transaction: it asks the platform, and books stock by itself.
            ids = [key for item in items for key in self.feed.order_ids(item)]
            if issues := self.missing_orders.bring(ids):
                self.ledger.save(issues)
        with transaction.atomic():
            self.ledger.stop_if_told()
            result = store(shop, items, Source.API)
            if self.measures:
                note_latency(shop, result.versions)
            if self.note and is_steady and (position := self._last_moment(items)):
                self.note(max(start, position))
            run.pages += 1
            run.read += len(items) + len(page.malformed)
            run.new += result.new
            run.updated += result.updated
            run.same += result.same
            self.ledger.save([*page.malformed, *result.refused])
        self.ledger.on_page(run)

    def _last_moment(self, items: Sequence[Any]) -> datetime | None:
        """The page's latest if it came in order; else nothing is certain yet."""
        moments = [at for item in items if (at := self.feed.moment(item))]
        return moments[-1] if moments and moments == sorted(moments) else None

    def _complaint(self, walk: Walk, start: datetime, end: datetime) -> str:
        what = f"{self.feed.resource.label.lower()} {self.feed.happened}"
        return (
            f"TikTok counts {walk.total} {what} from {start:%d %b %H:%M} to "
            f"{end:%d %b %H:%M} UTC, but shows {walk.total - walk.missing}."
        )
