"""Pull a shop's cancellations and returns: what changed since last time, with their
orders."""

from typing import Any

from apps.orders.services.cancellations import (
    ingest_cancellations,
    preview_cancellations,
)
from apps.orders.services.returns import ingest_returns, preview_returns
from apps.platforms.models import Shop
from apps.platforms.services.scopes import RETURNS
from apps.sync.models import Resource, SyncRun
from apps.sync.services.pulling import pull
from apps.sync.services.walking import Feed

CANCELLATIONS_FEED = Feed(
    resource=Resource.CANCELLATIONS,
    scope=RETURNS,
    search=lambda client, since, until, token: client.search_cancellations(
        since, until, page_token=token
    ),
    items=lambda page: page.cancellations,
    store=ingest_cancellations,
    preview=preview_cancellations,
    order_ids=lambda cancellation: (cancellation.order_id,),
)
RETURNS_FEED = Feed(
    resource=Resource.RETURNS,
    scope=RETURNS,
    search=lambda client, since, until, token: client.search_returns(
        since, until, page_token=token
    ),
    items=lambda page: page.returns,
    store=ingest_returns,
    preview=preview_returns,
    order_ids=lambda order_return: (order_return.order_id,),
)


def pull_cancellations(
    shop: Shop, *, trigger: SyncRun.Trigger, **options: Any
) -> SyncRun:
    """As pull_orders, of cancellations."""
    return pull(CANCELLATIONS_FEED, shop, trigger=trigger, **options)


def pull_returns(shop: Shop, *, trigger: SyncRun.Trigger, **options: Any) -> SyncRun:
    """As pull_orders, of returns, refunds, replacements and exchanges."""
    return pull(RETURNS_FEED, shop, trigger=trigger, **options)
