"""One engine for what is pulled by windows of time: orders and all that hangs on them.

The cursor moves in the transaction that stores the rows, so an interrupted pull is
completed by the next. What a resource needs of its own stands in its `Feed`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from django.utils import timezone

from apps.integrations.contracts import PlatformClient
from apps.integrations.errors import ConsentNeeded, ScopeMissing
from apps.platforms.errors import ReconnectNeeded
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for, note_consent_gone
from apps.platforms.services.scopes import ORDERS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import WAITED_FOR, Ledger
from apps.sync.services.missing_orders import MissingOrders
from apps.sync.services.runs import recorded_run
from apps.sync.services.walking import Feed, Walker
from apps.sync.services.windows import (
    move_cursor,
    position_of,
    start_of_pull,
    windows,
)


def pull(
    feed: Feed,
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
    """Store what was updated in [since, until); by default all news since last time.

    `until` is now at the latest: a cursor in the future would hide what comes before.
    `limit` stops after so many items and leaves the cursor there. `dry_run` compares
    and writes nothing but the run itself.

    Raises AlreadyRunning, ReconnectNeeded and PlatformError, and ShopRefuses where
    somebody paused or disconnected the shop meanwhile; the run keeps the reason.
    """
    now = timezone.now()
    until = min(until or now, now)
    position = position_of(shop, feed.resource)
    # An asked-for period that leaves a gap behind the cursor must not hide the gap.
    is_contiguous = since is None or (position is not None and since <= position)
    start = since or start_of_pull(shop, feed.resource, until)
    with recorded_run(
        shop, feed.resource, trigger=trigger, since=start, until=until
    ) as run:
        ledger = Ledger(shop, run, limit, on_page or (lambda _: None))
        walker = walker_of(feed, ledger, client, dry_run=dry_run)
        if is_contiguous and not dry_run:
            walker.note = partial(move_cursor, shop, feed.resource)
        # The first pull, and a period somebody asks for, bring what is old.
        walker.measures = since is None and position is not None and not dry_run
        with consent_watched(shop, feed):
            walker.expect(start, until)
            for since_, until_ in windows(start, until):
                if walker.walk(since_, until_) is None:
                    break
    return run


def walker_of(
    feed: Feed, ledger: Ledger, client: PlatformClient | None, *, dry_run: bool
) -> Walker:
    """`client` serves all calls if given. Raises ReconnectNeeded."""
    shop, urgent = ledger.shop, ledger.run.trigger in WAITED_FOR
    asked = client or client_for(shop, feed.scope, urgent=urgent)

    def of_orders() -> PlatformClient:
        return client or client_for(shop, ORDERS, urgent=urgent)

    return Walker(feed, asked, ledger, MissingOrders(shop, of_orders), dry_run=dry_run)


@contextmanager
def consent_watched(shop: Shop, feed: Feed) -> Iterator[None]:
    """A consent that turns out to be gone stops the shop. A permission that only one
    resource lacks does not, as the orders go on; the run says so."""
    try:
        yield
    except (ConsentNeeded, ReconnectNeeded) as error:
        is_of_one = isinstance(error, ScopeMissing)
        if not is_of_one or feed.resource is Resource.ORDERS:
            note_consent_gone(shop, error, feed.scope)
        raise
