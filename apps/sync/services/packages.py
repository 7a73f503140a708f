"""Pull a shop's packages: what changed since last time, with their orders."""

from typing import Any

from apps.orders.services.packages import ingest_packages, preview_packages
from apps.platforms.models import Shop
from apps.platforms.services.scopes import FULFILMENT
from apps.sync.models import Resource, SyncRun
from apps.sync.services.pulling import pull
from apps.sync.services.walking import Feed

FEED = Feed(
    resource=Resource.PACKAGES,
    scope=FULFILMENT,
    search=lambda client, since, until, token: client.search_packages(
        since, until, page_token=token
    ),
    items=lambda page: page.packages,
    store=ingest_packages,
    preview=preview_packages,
    order_ids=lambda package: package.order_ids,
)


def pull_packages(shop: Shop, *, trigger: SyncRun.Trigger, **options: Any) -> SyncRun:
    """As pull_orders, of packages."""
    return pull(FEED, shop, trigger=trigger, **options)
