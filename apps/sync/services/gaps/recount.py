"""Count a shop's orders on both sides, day by day, and pull again what differs.

It runs beside the pull of news. What agrees after it was pulled closes its gap by
itself; what does not is listed with both sides until a later recount finds it settled.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import OrderPage, PlatformClient, Source
from apps.orders.services.ingest import read_again
from apps.orders.services.results import IngestResult
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncGap, SyncRun
from apps.sync.services import placed_orders
from apps.sync.services.gaps.day_count import Day, DayCount, days_of, last_days
from apps.sync.services.gaps.rows import MOST_LISTED, note_found, note_pulled
from apps.sync.services.ledger import Ledger
from apps.sync.services.pull_some import pull_some
from apps.sync.services.pulling import consent_watched, walker_of
from apps.sync.services.runs import recorded_run
from apps.sync.services.walking import Walker
from apps.sync.services.windows import position_of

logger = logging.getLogger(__name__)

DAYS = 7
# Older days with an open gap that are looked at with them.
MOST_OLDER = 31
# Orders pulled again in one go.
SOME = 50


def _nothing(*_: object) -> IngestResult:
    return IngestResult()


# The same walk, of which nothing is stored.
FEED = replace(
    placed_orders.FEED, resource=Resource.GAPS, store=_nothing, preview=_nothing
)


def recount(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    until: datetime | None = None,
    days: int = DAYS,
    dry_run: bool = False,
    client: PlatformClient | None = None,
    on_page: Callable[[SyncRun], None] | None = None,
) -> SyncRun:
    """Compare the orders placed on the shop's days that [since, until) touches, by
    default on the last `days` that are over, and pull again those that differ.

    By default, days of gaps that are still open are looked at again, too. Of the run,
    `read` counts the platform's orders, `same` those that agreed, `new` and `updated`
    what pulling the others brought, `failed` those that still differ. `dry_run`
    compares, pulls nothing and opens no gap. Repeating it changes nothing. For what is
    raised see `pull`.
    """
    now = timezone.now()
    older: list[Day] = []
    if since is None:
        since, until = last_days(shop, days, now)
        older = _open_before(shop, since)
    until = min(until or now, now)
    with recorded_run(
        shop,
        Resource.GAPS,
        trigger=trigger,
        basis=SyncRun.Basis.PLACED,
        since=since,
        until=until,
    ) as run:
        ledger = Ledger(shop, run, None, on_page or (lambda _: None))
        walker = walker_of(FEED, ledger, client, dry_run=dry_run)
        walker.sums_up = True
        with consent_watched(shop, FEED):
            for day in [*older, *days_of(shop, since, until)]:
                count = _walk(walker, day)
                if dry_run:
                    _tell(ledger, count)
                else:
                    _settle(walker, count, client)
    return run


def _open_before(shop: Shop, since: datetime) -> list[Day]:
    gaps = SyncGap.objects.open().filter(shop=shop, since__lt=since).order_by("-day")
    return [
        day
        for gap in reversed(list(gaps[:MOST_OLDER]))
        for day in days_of(shop, gap.since, gap.until)
    ]


def _walk(walker: Walker, day: Day) -> DayCount:
    """Both sides of a day. What is placed from now on belongs to none."""
    ledger = walker.ledger
    began = timezone.now()
    day = replace(day, until=min(day.until, began))
    stored = position_of(ledger.shop, Resource.ORDERS) or began
    count = DayCount(ledger.shop, day, began, min(stored, began))

    def search(
        client: PlatformClient, since: datetime, until: datetime, token: str
    ) -> OrderPage:
        page: OrderPage = FEED.search(client, since, until, token)
        count.note_unreadable(page)
        return page

    walker.feed = replace(FEED, search=search, store=count.take, preview=count.take)
    walker.walk(count.day.since, count.day.until)
    count.add_ours_alone()
    return count


def _settle(walker: Walker, count: DayCount, client: PlatformClient | None) -> None:
    run = walker.ledger.run
    gap = note_found(count, run)
    if gap is None:
        return
    logger.info(
        "gap found shop=%s day=%s orders=%s", count.shop.pk, count.day.day, gap.left
    )
    pulled = _pull_again(walker, count, client)
    note_pulled(gap, count, run, pulled)
    _tell(walker.ledger, count)
    if gap.state == SyncGap.State.CLOSED:
        logger.info("gap closed shop=%s day=%s", count.shop.pk, count.day.day)


def _pull_again(walker: Walker, count: DayCount, client: PlatformClient | None) -> int:
    """How many agree now. What cannot be read would not be read better."""
    ledger, agreeing = walker.ledger, 0
    for ids in portions(sorted(count.pairs.keys() - count.unreadable_there), SOME):
        ledger.stop_if_told()
        pulled = pull_some(
            count.shop, ids, trigger=SyncRun.Trigger(ledger.run.trigger), client=client
        )
        page = walker.client.order_details(list(ids))
        agreeing += count.take_again(ids, page)
        agreeing += _read_anew(count, page)
        ledger.run.new += pulled.orders.new
        ledger.run.updated += pulled.orders.updated
        ledger.save()
    return agreeing


def _read_anew(count: DayCount, page: OrderPage) -> int:
    """What was no news, because it came before, and is stored otherwise all the same:
    read as if it had never been. How many agree then."""
    rest = tuple(o for o in page.orders if o.remote_id in count.pairs)
    if not rest:
        return 0
    read_again(count.shop, rest, Source.API)
    ids = [order.remote_id for order in rest]
    return count.take_again(ids, OrderPage(rest))


def _tell(ledger: Ledger, count: DayCount) -> None:
    """What differs, as the run's issues; what is not readable is among them already."""
    issues = [
        (remote_id, "; ".join(each.in_words for each in pair.found))
        for remote_id, pair in sorted(count.pairs.items())
        if remote_id not in count.unreadable_there
    ]
    ledger.save(issues[:MOST_LISTED])
    ledger.run.failed += max(0, len(issues) - MOST_LISTED)
    ledger.on_page(ledger.run)
