"""Which warehouses hold a SKU: the platform wants all of them named, and no other."""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from apps.core.storing import portions
from apps.integrations.contracts import RemoteStock
from apps.integrations.errors import PlatformError
from apps.platforms.errors import ReconnectNeeded, RefreshInProgress
from apps.platforms.models import Shop
from apps.products.services.publishing.channel import Channel
from apps.sync.models import StockPush
from apps.sync.services.stock_push.claiming import ready
from apps.sync.services.stock_push.noting import note

logger = logging.getLogger(__name__)
AT_ONCE = 600  # SKUs of one search


def look_first(shop: Shop, make_channel: Callable[[], Channel]) -> None:
    """Look at those that are due and of which nothing was ever seen or taken: cheaper
    than to have each refused."""
    unseen = StockPush.objects.filter(
        ready(timezone.now()), shop=shop, found_at=None, accepted_at=None
    )
    pushes = list(unseen.select_related("listing_sku").order_by("pk"))
    for some in portions(pushes, AT_ONCE):
        look_at(some, make_channel)


def look_at(pushes: Sequence[StockPush], make_channel: Callable[[], Channel]) -> None:
    """Keep what the shop shows of these. Where that is in other warehouses than was
    thought, what was refused is due again.

    What cannot be asked now is left to the hourly comparison.
    """
    of_sku = {push.listing_sku.remote_id: push for push in pushes}
    try:
        answer = make_channel().reads.search_stock(sku_ids=list(of_sku))
    except (PlatformError, ReconnectNeeded, RefreshInProgress) as error:
        logger.warning("stock not seen shop=%s error=%s", pushes[0].shop_id, error)
        return
    with transaction.atomic():
        moved = [
            of_sku[stock.remote_sku_id].listing_sku_id
            for stock in answer.stock
            if stock.remote_sku_id in of_sku
            and _keep(of_sku[stock.remote_sku_id], stock)
        ]
        note(moved)


def _keep(push: StockPush, stock: RemoteStock) -> bool:
    """Whether it is held elsewhere than we sent it to."""
    places = {
        each.remote_warehouse_id: each.available or 0 for each in stock.by_warehouse
    }
    if not places:
        return False
    row = StockPush.objects.filter(pk=push.pk)
    row.update(found=places, found_total=sum(places.values()), found_at=timezone.now())
    has_moved = set(places) != set(push.sent)
    if has_moved:
        row.update(next_try_at=None)
    return has_moved
