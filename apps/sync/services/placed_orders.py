"""Pull a shop's orders by when they were placed: a period, or all there ever were.

For what the pull of news does not reach: orders from before the shop was connected, and
whatever somebody wants compared. It runs beside the pull of news, keeps its own place
(`SyncRun.reached_at`), and what broke off goes on where it was.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from django.utils import timezone

from apps.integrations.contracts import OrderPage, PlatformClient
from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.platforms.models import Shop
from apps.platforms.services.scopes import ORDERS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.ledger import Ledger
from apps.sync.services.pulling import consent_watched, walker_of
from apps.sync.services.runs import recorded_run
from apps.sync.services.walking import Feed, Walker
from apps.sync.services.windows import WINDOW

# Before it there was no TikTok Shop.
SHOP_START = datetime(2015, 1, 1, tzinfo=UTC)
FEED = Feed(
    resource=Resource.ORDERS,
    scope=ORDERS,
    search=lambda client, since, until, token: client.search_placed_orders(
        since, until, page_token=token
    ),
    items=lambda page: page.orders,
    store=ingest_orders,
    preview=preview_orders,
    moment=lambda order: order.placed_at,
    happened="placed",
)
_BROKE_OFF = (SyncRun.State.FAILED, SyncRun.State.INTERRUPTED)


def pull_placed_orders(
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
    """Store the orders placed in [since, until), oldest first; by default all there
    are. The cursor of the news stays where it is.

    Asked for the same `since` again after a pull broke off, it goes on where that one
    was. For `limit`, `dry_run` and what is raised see `pull`.
    """
    now = timezone.now()
    start, until = since or SHOP_START, min(until or now, now)
    with recorded_run(
        shop,
        Resource.ORDERS,
        trigger=trigger,
        basis=SyncRun.Basis.PLACED,
        since=start,
        until=until,
    ) as run:
        ledger = Ledger(shop, run, limit, on_page or (lambda _: None))
        walker = walker_of(FEED, ledger, client, dry_run=dry_run)
        position = start
        if not dry_run:
            position = _broke_off_at(run) or start
            walker.note = partial(_reach, run)
        with consent_watched(shop, FEED):
            _walk_on(walker, position, until)
    return run


def _walk_on(walker: Walker, position: datetime, until: datetime) -> None:
    """Window by window; where one is empty, on to the next order there is."""
    ledger = walker.ledger
    page = _peek(walker, position, until)
    ledger.run.expected = page.total_count
    ledger.save()
    ledger.on_page(ledger.run)
    while page.orders or page.malformed:
        position = max(position, _first_placed(page) or position)
        is_empty = False
        while position < until and not is_empty:
            end = min(position + WINDOW, until)
            walk = walker.walk(position, end)
            if walk is None:
                return
            position, is_empty = end, not (walk.seen or walk.nameless)
        if position >= until:
            return
        page = _peek(walker, position, until)


def _peek(walker: Walker, since: datetime, until: datetime) -> OrderPage:
    page: OrderPage = FEED.search(walker.client, since, until, "")
    return page


def _first_placed(page: OrderPage) -> datetime | None:
    """In whole seconds, as a search takes them."""
    moments = [order.placed_at for order in page.orders]
    return min(moments).replace(microsecond=0) if moments else None


def _reach(run: SyncRun, position: datetime) -> None:
    """In the transaction that stores the rows it speaks of."""
    SyncRun.objects.filter(pk=run.pk).exclude(reached_at__gte=position).update(
        reached_at=position
    )


def _broke_off_at(run: SyncRun) -> datetime | None:
    """How far the last pull of this kind had come, if it began where this one does and
    did not end."""
    earlier = SyncRun.objects.filter(
        shop=run.shop_id, resource=run.resource, basis=run.basis
    )
    last = earlier.exclude(pk=run.pk).first()
    if last is None or last.since != run.since or last.state not in _BROKE_OFF:
        return None
    return last.reached_at
