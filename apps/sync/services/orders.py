"""Pull a shop's orders: what changed since last time, page by page, safe to repeat."""

from typing import Any

from apps.orders.services.ingest import ingest_orders, preview_orders
from apps.platforms.models import Shop
from apps.platforms.services.scopes import ORDERS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.pulling import pull
from apps.sync.services.walking import Feed

FEED = Feed(
    resource=Resource.ORDERS,
    scope=ORDERS,
    search=lambda client, since, until, token: client.search_orders(
        since, until, page_token=token
    ),
    items=lambda page: page.orders,
    store=ingest_orders,
    preview=preview_orders,
    count=lambda client, since, until: client.count_orders(since, until),
)


def pull_orders(shop: Shop, *, trigger: SyncRun.Trigger, **options: Any) -> SyncRun:
    """Store the orders updated in [since, until); by default all news since last time.
    See `pull` for what else can be asked for, and what is raised."""
    return pull(FEED, shop, trigger=trigger, **options)
