"""Pull a shop's orders: what changed since last time, page by page, safe to repeat."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import OrderPage, PlatformClient, Source
from apps.integrations.errors import ConsentNeeded, MalformedReply
from apps.orders.services.ingest import IngestResult, ingest_orders, preview_orders
from apps.platforms.errors import ReconnectNeeded, ShopRefuses
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import ORDERS
from apps.sync.models import Resource, SyncIssue, SyncRun
from apps.sync.services.runs import recorded_run
from apps.sync.services.windows import (
    move_cursor,
    position_of,
    start_of_pull,
    windows,
)

# A window is walked again when pages shifted under us; more often would not help.
WALKS = 3
_COUNTS = ("pages", "read", "new", "updated", "same", "failed")
# A person looks on: their calls go before the schedule's.
_WAITED_FOR = {SyncRun.Trigger.USER}


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
            shop=shop,
            client=client or client_for(shop, ORDERS, urgent=trigger in _WAITED_FOR),
            run=run,
            moves_cursor=is_contiguous and not dry_run,
            limit=limit,
            dry_run=dry_run,
            on_page=on_page or (lambda _: None),
        )
        try:
            pull.walk(start, until)
        except (ConsentNeeded, ReconnectNeeded) as error:
            note_consent_gone(shop, error, ORDERS)
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
                walk = self._walk_window(start, end)
                if self._limit_reached():
                    return
                if walk.is_steady and not walk.missing:
                    break
            if walk.missing:
                self._note_issues([("", walk.complaint(start, end))])
            if self.moves_cursor:
                move_cursor(self.shop, Resource.ORDERS, end)

    def _walk_window(self, start: datetime, end: datetime) -> "_Walk":
        """Take every page, or as many as the limit allows."""
        walk = _Walk()
        tokens = {""}
        token = ""
        while True:
            page = self.client.search_orders(start, end, page_token=token)
            walk.note(page)
            self._take(page, start, is_steady=walk.is_steady)
            token = page.next_page_token
            if self._limit_reached() or not token:
                return walk
            if token in tokens:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            tokens.add(token)

    def _take(self, page: OrderPage, start: datetime, *, is_steady: bool) -> None:
        """The rows, the cursor and the counts of a page, all or nothing."""
        store = preview_orders if self.dry_run else ingest_orders
        with transaction.atomic():
            self._stop_if_told()
            result = store(self.shop, page.orders, Source.API)
            if self.moves_cursor and is_steady and (position := _last_update(page)):
                move_cursor(self.shop, Resource.ORDERS, max(start, position))
            self._count(page, result)
        self.on_page(self.run)

    def _count(self, page: OrderPage, result: IngestResult) -> None:
        run = self.run
        run.pages += 1
        run.read += len(page.orders) + len(page.malformed)
        run.new += result.new
        run.updated += result.updated
        run.same += result.same
        run.heartbeat_at = timezone.now()
        self._note_issues([*page.malformed, *result.refused])

    def _note_issues(self, issues: list[tuple[str, str]]) -> None:
        """(order ID, why it could not be taken) of each; saves the counts."""
        SyncIssue.objects.bulk_create(
            SyncIssue(run=self.run, remote_id=remote_id[:64], message=reason[:500])
            for remote_id, reason in issues
        )
        run = self.run
        run.failed += len(issues)
        if issues and not run.first_error:
            run.first_error = ": ".join(filter(None, issues[0]))[:500]
        # Not the state: whoever took us for dead has changed it and started anew.
        run.save(update_fields=[*_COUNTS, "first_error", "heartbeat_at"])

    def _stop_if_told(self) -> None:
        """Whoever pauses or disconnects a shop stops the pull under way as well."""
        current = Shop.objects.get(pk=self.shop.pk)
        stopped = (Shop.State.PAUSED, Shop.State.DISCONNECTED)
        if current.state != self.shop.state and current.state in stopped:
            words = current.get_state_display().lower()
            raise ShopRefuses(f"{current} was {words}; the pull stopped.")

    def _limit_reached(self) -> bool:
        return self.limit is not None and self.run.read >= self.limit


@dataclass(slots=True)
class _Walk:
    """Whether one walk over a window's pages may have missed an order.

    An order that changes while we turn the pages leaves the window; those behind it
    move up, perhaps onto a page we have had. The platform's count shrinks with it.
    """

    seen: set[str] = field(default_factory=set)
    nameless: int = 0
    total: int = 0
    most: int = 0

    def note(self, page: OrderPage) -> None:
        self.seen.update(order.remote_id for order in page.orders)
        self.seen.update(remote_id for remote_id, _ in page.malformed if remote_id)
        self.nameless += sum(not remote_id for remote_id, _ in page.malformed)
        self.total = page.total_count or 0
        self.most = max(self.most, self.total)

    @property
    def is_steady(self) -> bool:
        return self.total >= self.most

    @property
    def missing(self) -> int:
        """How many orders the platform counts beyond those it showed."""
        return max(0, self.total - len(self.seen) - self.nameless)

    def complaint(self, start: datetime, end: datetime) -> str:
        return (
            f"TikTok counts {self.total} orders updated from {start:%d %b %H:%M} to "
            f"{end:%d %b %H:%M} UTC, but shows {self.total - self.missing}."
        )


def _last_update(page: OrderPage) -> datetime | None:
    """The page's latest update if it came in order; else nothing is certain yet."""
    times = [order.updated_at for order in page.orders if order.updated_at]
    return times[-1] if times and times == sorted(times) else None
