"""Pull what creators sold for a shop.

The platform finds these by when they were placed and by nothing else, while a
commission may change for weeks. So each pull asks for the last 90 days anew; what has
not changed is known by its hash and costs no more than being read.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.content.services.affiliate import (
    ingest_of_shop,
    link_orders,
    preview_of_shop,
)
from apps.content.services.sides import Side
from apps.platforms.models import Shop
from apps.platforms.services.scopes import AFFILIATE
from apps.sync.models import Resource, SyncRun
from apps.sync.services.pulling import pull
from apps.sync.services.walking import Feed
from apps.sync.services.windows import FIRST_PULL

AFFILIATE_FEED = Feed(
    resource=Resource.AFFILIATE,
    scope=AFFILIATE,
    search=lambda client, since, until, token: client.search_affiliate_orders(
        since, until, page_token=token
    ),
    items=lambda page: page.skus,
    store=ingest_of_shop,
    preview=preview_of_shop,
    moment=lambda sku: sku.placed_at,
    happened="placed",
)


def pull_affiliate(
    shop: Shop,
    *,
    trigger: SyncRun.Trigger,
    since: datetime | None = None,
    **options: Any,
) -> SyncRun:
    """As pull_orders, of affiliate orders placed in [since, until); without `since`,
    in the last 90 days."""
    ends_at = options.get("until") or timezone.now()
    since = since or ends_at - FIRST_PULL
    run = pull(AFFILIATE_FEED, shop, trigger=trigger, since=since, **options)
    if not options.get("dry_run"):
        link_orders(Side(shop=shop))
    return run
