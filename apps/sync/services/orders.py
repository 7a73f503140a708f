"""Pull a shop's orders: what changed since last time, page by page, safe to repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import OrderPage, PlatformClient, Source
from apps.integrations.errors import ConsentNeeded, MalformedReply
from apps.orders.services.ingest import IngestResult, ingest_orders, preview_orders
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import ORDERS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import WAITED_FOR, WALKS, Ledger, Walk
from apps.sync.services.runs import recorded_run
from apps.sync.services.windows import (
    move_cursor,
    position_of,
    start_of_pull,
    windows,
)


def pull_orders(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    dry_run: bool = False,
    client: PlatformClient | None = None,
    on_page: Callable[[SyncRun], None] | None = None,
) -> SyncRun:
    """Store the orders updated in [since, until); by default all news since last time.

    `until` is now at the latest: a cursor in the future would hide what comes before.

    Each page is one transaction together with the cursor, so an interrupted pull is
    completed by the next. `limit` stops after so many orders and leaves the cursor
    there. `dry_run` compares and writes nothing but the run itself.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError, and ShopRefuses where
    somebody paused or disconnected the shop meanwhile; the run keeps the reason.
    """
    now = timezone.now()
    until = min(until or now, now)
    position = position_of(shop, Resource.ORDERS)
    # An asked-for period that leaves a gap behind the cursor must not hide the gap.
    is_contiguous = since is None or (position is not None and since <= position)
    start = since or start_of_pull(shop, Resource.ORDERS, until)
    with recorded_run(
        shop, Resource.ORDERS, trigger=trigger, since=start, until=until
    ) as run:
        pull = _Pull(
            client=client or client_for(shop, ORDERS, urgent=trigger in WAITED_FOR),
            ledger=Ledger(shop, run, limit, on_page or (lambda _: None)),
            moves_cursor=is_contiguous and not dry_run,
            dry_run=dry_run,
        )
        try:
            pull.walk(start, until)
        except (ConsentNeeded, ReconnectNeeded) as error:
            note_consent_gone(shop, error, ORDERS)
            raise
    return run


@dataclass(slots=True)
class _Pull:
    client: PlatformClient
    ledger: Ledger
    moves_cursor: bool
    dry_run: bool

    @property
    def shop(self) -> Shop:
        return self.ledger.shop

    def walk(self, since: datetime, until: datetime) -> None:
        self.ledger.run.expected = self.client.count_orders(since, until)
        self.ledger.save()
        self.ledger.on_page(self.ledger.run)
        for start, end in windows(since, until):
            for _ in range(WALKS):
                walk = self._walk_window(start, end)
                if self.ledger.is_full:
                    return
                if walk.is_steady and not walk.missing:
                    break
            if walk.missing:
                self.ledger.save([("", _complaint(walk, start, end))])
            if self.moves_cursor:
                move_cursor(self.shop, Resource.ORDERS, end)

    def _walk_window(self, start: datetime, end: datetime) -> Walk:
        """Take every page, or as many as the limit allows."""
        walk = Walk()
        tokens = {""}
        token = ""
        while True:
            page = self.client.search_orders(start, end, page_token=token)
            ids = (order.remote_id for order in page.orders)
            walk.note(ids, page.malformed, page.total_count)
            self._take(page, start, is_steady=walk.is_steady)
            token = page.next_page_token
            if self.ledger.is_full or not token:
                return walk
            if token in tokens:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            tokens.add(token)

    def _take(self, page: OrderPage, start: datetime, *, is_steady: bool) -> None:
        """The rows, the cursor and the counts of a page, all or nothing."""
        store = preview_orders if self.dry_run else ingest_orders
        with transaction.atomic():
            self.ledger.stop_if_told()
            result = store(self.shop, page.orders, Source.API)
            if self.moves_cursor and is_steady and (position := _last_update(page)):
                move_cursor(self.shop, Resource.ORDERS, max(start, position))
            self._count(page, result)
        self.ledger.on_page(self.ledger.run)

    def _count(self, page: OrderPage, result: IngestResult) -> None:
        run = self.ledger.run
        run.pages += 1
        run.read += len(page.orders) + len(page.malformed)
        run.new += result.new
        run.updated += result.updated
        run.same += result.same
        self.ledger.save([*page.malformed, *result.refused])


def _complaint(walk: Walk, start: datetime, end: datetime) -> str:
    return (
        f"TikTok counts {walk.total} orders updated from {start:%d %b %H:%M} to "
        f"{end:%d %b %H:%M} UTC, but shows {walk.total - walk.missing}."
    )


def _last_update(page: OrderPage) -> datetime | None:
    """The page's latest update if it came in order; else nothing is certain yet."""
    times = [order.updated_at for order in page.orders if order.updated_at]
    return times[-1] if times and times == sorted(times) else None
