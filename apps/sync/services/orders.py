"""Pull a shop's orders: what changed since last time, page by page, safe to repeat."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import OrderPage, PlatformClient, Source
from apps.integrations.errors import ConsentNeeded
from apps.orders.services.ingest import IngestResult, ingest_orders, preview_orders
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.sync.services.runs import recorded_run
from apps.sync.services.windows import (
    move_cursor,
    position_of,
    start_of_pull,
    windows,
)

# A window is walked again when pages shifted under us; more often would not help.
WALKS = 2


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

    Each page is one transaction together with the cursor, so an interrupted pull is
    completed by the next. `limit` stops after so many orders and leaves the cursor
    there. `dry_run` compares and writes nothing but the run itself.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError; the run keeps the reason.
    """
    until = until or timezone.now()
    position = position_of(shop, Resource.ORDERS)
    # An asked-for period that leaves a gap behind the cursor must not hide the gap.
    is_contiguous = since is None or (position is not None and since <= position)
    start = since or start_of_pull(shop, Resource.ORDERS, until)
    with recorded_run(
        shop, Resource.ORDERS, trigger=trigger, since=start, until=until
    ) as run:
        pull = _Pull(
            shop=shop,
            client=client or client_for(shop),
            run=run,
            moves_cursor=is_contiguous and not dry_run,
            limit=limit,
            dry_run=dry_run,
            on_page=on_page or (lambda _: None),
        )
        try:
            pull.walk(start, until)
        except ConsentNeeded as error:
            note_consent_gone(shop, error)
            raise
    return run


@dataclass(slots=True)
class _Pull:
    shop: Shop
    client: PlatformClient
    run: SyncRun
    moves_cursor: bool
    limit: int | None
    dry_run: bool
    on_page: Callable[[SyncRun], None]

    def walk(self, since: datetime, until: datetime) -> None:
        self.run.expected = self.client.count_orders(since, until)
        self.run.save(update_fields=["expected"])
        self.on_page(self.run)
        for start, end in windows(since, until):
            for _ in range(WALKS):
                if self._walk_window(start, end):
                    break
            if self._limit_reached():
                return
            if self.moves_cursor:
                move_cursor(self.shop, Resource.ORDERS, end)

    def _walk_window(self, start: datetime, end: datetime) -> bool:
        """Take every page; say whether as many orders came as the platform counts."""
        seen: set[str] = set()
        token = ""
        while True:
            page = self.client.search_orders(start, end, page_token=token)
            seen.update(order.remote_id for order in page.orders)
            self._take(page, start)
            token = page.next_page_token
            if self._limit_reached() or not token:
                break
        found = len(seen) + len(page.malformed)
        return page.total_count is None or found >= page.total_count

    def _take(self, page: OrderPage, start: datetime) -> None:
        """The rows, the cursor and the counts of a page, all or nothing."""
        store = preview_orders if self.dry_run else ingest_orders
        with transaction.atomic():
            result = store(self.shop, page.orders, Source.API)
            if self.moves_cursor and (position := _last_update(page)):
                move_cursor(self.shop, Resource.ORDERS, max(start, position))
            self._count(page, result)
        self.on_page(self.run)

    def _count(self, page: OrderPage, result: IngestResult) -> None:
        issues = [*page.malformed, *result.refused]
        SyncIssue.objects.bulk_create(
            SyncIssue(run=self.run, remote_id=remote_id[:64], message=reason[:500])
            for remote_id, reason in issues
        )
        run = self.run
        run.pages += 1
        run.read += len(page.orders) + len(page.malformed)
        run.new += result.new
        run.updated += result.updated
        run.same += result.same
        run.failed += len(issues)
        if issues and not run.first_error:
            run.first_error = f"{issues[0][0]}: {issues[0][1]}"[:500]
        run.heartbeat_at = timezone.now()
        run.save()

    def _limit_reached(self) -> bool:
        return self.limit is not None and self.run.read >= self.limit


def _last_update(page: OrderPage) -> datetime | None:
    """The page's latest update if it came in order; else nothing is certain yet."""
    times = [order.updated_at for order in page.orders if order.updated_at]
    return times[-1] if times and times == sorted(times) else None
