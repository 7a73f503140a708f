"""Pull a shop's listings: find what changed, then ask for the details of that alone.

A search gives short rows of what changed since last time; they are stored first, and a
listing whose stored details are of another version is due. So a pull costs as much as
has changed, and one that ends in the middle is continued by the next. Now and then all
rows are compared, and listings that did not show up are asked for one by one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.integrations.contracts import ListingPage, PlatformClient, Source
from apps.integrations.errors import (
    ConsentNeeded,
    MalformedReply,
    ScopeMissing,
    TooManyFound,
)
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import PRODUCTS
from apps.products.services.ingest import (
    IngestResult,
    Outcome,
    ingest_listings,
    preview_listings,
)
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import WAITED_FOR, WALKS, Ledger, Walk
from apps.sync.services.listing_details import Details
from apps.sync.services.listing_windows import Window
from apps.sync.services.runs import recorded_run
from apps.sync.services.windows import (
    OVERLAP,
    compared_at,
    move_cursor,
    note_compared,
    position_of,
)

# What one search shows; beyond it the platform counts no further, or refuses.
MOST_FOUND = 10_000
COMPARE_EVERY = timedelta(days=7)


def pull_products(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    is_full: bool = False,
    limit: int | None = None,
    dry_run: bool = False,
    client: PlatformClient | None = None,
    on_page: Callable[[SyncRun], None] | None = None,
    on_detail: Callable[[int, int], None] | None = None,
) -> SyncRun:
    """Store the listings changed in [since, until]; by default all news since last
    time, and at first, each week or if `is_full`, everything there is (which a period
    is not).

    Each page of the search, and each few details, are a transaction; the cursor moves
    when a window has been walked whole. `limit` reads so many listings and leaves the
    cursor where it is. `dry_run` compares what the search shows and writes nothing but
    the run itself. `on_detail` is told details asked for, and in all.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError, and ShopRefuses where
    somebody paused or disconnected the shop meanwhile; the run keeps the reason.
    """
    now = timezone.now()
    until = min(until or now, now).replace(microsecond=0)
    position = position_of(shop, Resource.PRODUCTS)
    is_full = since is None and (
        is_full or position is None or _is_comparison_due(shop, now)
    )
    if since is None and not is_full and position is not None:
        since = position - OVERLAP
    is_contiguous = since is None or (position is not None and since <= position)
    with recorded_run(
        shop, Resource.PRODUCTS, trigger=trigger, since=since, until=until
    ) as run:
        ledger = Ledger(shop, run, limit, on_page or (lambda _: None))
        try:
            asked = client or client_for(shop, PRODUCTS, urgent=trigger in WAITED_FOR)
            pull = _Pull(asked, ledger, dry_run=dry_run)
            pull.search(since, until, moves_cursor=is_contiguous and not dry_run)
            if not dry_run:
                pull.fetch(until, is_full=is_full, on_detail=on_detail)
        except ScopeMissing:
            raise  # the run says so; orders may well be permitted and go on
        except (ConsentNeeded, ReconnectNeeded) as error:
            note_consent_gone(shop, error, PRODUCTS)
            raise
    return run


def _is_comparison_due(shop: Shop, now: datetime) -> bool:
    last = compared_at(shop, Resource.PRODUCTS)
    return last is None or now - last >= COMPARE_EVERY


@dataclass(slots=True)
class _Pull:
    """`outcomes` is what became of each listing of this run."""

    client: PlatformClient
    ledger: Ledger
    dry_run: bool
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def search(
        self, since: datetime | None, until: datetime, *, moves_cursor: bool
    ) -> None:
        """All short rows; those of deleted listings are asked for by themselves, too,
        because the page does not say that a search for all has them."""
        for status in ("ALL", "DELETED"):
            self._read(Window(status, since, until))
            if self.ledger.is_full:
                return
        if moves_cursor:
            move_cursor(self.ledger.shop, Resource.PRODUCTS, until)

    def fetch(
        self,
        until: datetime,
        *,
        is_full: bool,
        on_detail: Callable[[int, int], None] | None,
    ) -> None:
        """Details of what is due; in a full pull, also of what did not show up."""
        details = Details(self.client, self.ledger, on_detail or (lambda *_: None))
        was_cut = self.ledger.is_full
        details.shown = set(self.outcomes)
        if is_full and not was_cut:
            for result in details.ask_for_missing():
                self._count(result)
            note_compared(self.ledger.shop, Resource.PRODUCTS, until)
        for result in details.ask_for_due(only_shown=was_cut):
            self._count(result)

    def _read(self, window: Window) -> None:
        """A window whole, in parts where it holds too much for one search."""
        for _ in range(WALKS):
            walk = self._turn_pages(window)
            if walk is None:
                self._read_parts(window)
                return
            if self.ledger.is_full or (walk.is_steady and not walk.missing):
                return
        if walk is not None and walk.missing:
            shown = walk.total - walk.missing
            complaint = f"TikTok counts {walk.total} listings {window}, shows {shown}."
            self.ledger.save([("", complaint)])

    def _read_parts(self, window: Window) -> None:
        halves = window.halves()
        if halves is None:
            complaint = (
                f"TikTok does not show all listings {window}: they are too many."
            )
            self.ledger.save([("", complaint)])
            return
        for half in halves:
            if not self.ledger.is_full:
                self._read(half)

    def _turn_pages(self, window: Window) -> Walk | None:
        """Take every page, or as many as the limit allows; None if there are more than
        a search shows."""
        walk = Walk()
        tokens = {""}
        token = ""
        while True:
            try:
                page = self.client.search_listings(**window.filters, page_token=token)
            except TooManyFound:
                return None
            if (page.total_count or 0) >= MOST_FOUND:
                return None
            ids = (listing.remote_id for listing in page.listings)
            walk.note(ids, page.malformed, page.total_count)
            if not token and window.status == "ALL":
                self._expect(page)
            self._take(page)
            token = page.next_page_token
            if self.ledger.is_full or not token:
                return walk
            if token in tokens:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            tokens.add(token)

    def _expect(self, page: ListingPage) -> None:
        run = self.ledger.run
        run.expected = max(run.read, run.expected or 0) + (page.total_count or 0)

    def _take(self, page: ListingPage) -> None:
        """The rows and the counts of a page, all or nothing."""
        store = preview_listings if self.dry_run else ingest_listings
        with transaction.atomic():
            self.ledger.stop_if_told()
            result = store(self.ledger.shop, page.listings, Source.API)
            self.ledger.run.pages += 1
            self._count(result, page.malformed)
        self.ledger.on_page(self.ledger.run)

    def _count(
        self, result: IngestResult, malformed: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Each listing once, however often it was read: as the greatest change."""
        run = self.ledger.run
        for remote_id, outcome in result.outcomes.items():
            known = self.outcomes.get(remote_id)
            if known is not None and known >= outcome:
                continue
            self.outcomes[remote_id] = outcome
            if known is None:
                run.read += 1
            else:
                self._add(known, -1)
            self._add(outcome, 1)
        issues = [*malformed, *result.refused]
        run.read += sum(key not in self.outcomes for key, _ in issues)
        self.ledger.save(issues)

    def _add(self, outcome: Outcome, number: int) -> None:
        name = outcome.name.lower()
        setattr(self.ledger.run, name, getattr(self.ledger.run, name) + number)
