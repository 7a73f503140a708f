"""Orders that nobody told us of: one call a shop, several times a minute.

A delivery is here within seconds, and a pull brings all that changed every quarter of
an hour. Where deliveries fail, or nobody has asked for them, this keeps orders from
being that late: who has one that is not here is pulled at once.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from apps.integrations.contracts import PlatformClient
from apps.integrations.http import Timeouts
from apps.integrations.tiktok.retries import RetryPolicy
from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for
from apps.sync.models import Resource, SyncCursor
from apps.sync.services.due import scheduled_shops
from apps.sync.services.orders import FEED
from apps.sync.services.pulling import consent_watched

# Orders may appear a little late behind their update time, and a look may be missed.
SPAN = timedelta(minutes=2)
# What was told of just now is on its way here.
UNDER_WAY = timedelta(seconds=5)
# Who is further behind is being pulled, or cannot be.
FURTHEST_BEHIND = timedelta(hours=1)
# The next look comes soon enough.
_PATIENCE = RetryPolicy(tries=1)
_TIMEOUTS = Timeouts(connect=5.0, read=10.0)


def shops_to_look_at(now: datetime) -> list[Shop]:
    """Whose orders are kept in step. One query.

    Also where a pull is under way: it may be one whose worker is gone, which the next
    to start finds out.
    """
    in_step = SyncCursor.objects.filter(
        shop=OuterRef("pk"),
        resource=Resource.ORDERS,
        position__gte=now - FURTHEST_BEHIND,
    )
    # A shop that failed until it had to rest is looked at by the schedule alone.
    shops = scheduled_shops(Resource.ORDERS, now).filter(rested_until__isnull=True)
    return list(shops.filter(Exists(in_step)))


def has_unannounced(
    shop: Shop, now: datetime, client: PlatformClient | None = None
) -> bool:
    """Whether one of the orders that changed last is not here as it is now.

    One call. Raises PlatformError and ReconnectNeeded; a consent that
    turns out to be gone stops the shop.
    """
    with consent_watched(shop, FEED):
        asked = client or client_for(
            shop,
            FEED.scope,
            retries=_PATIENCE,
            timeouts=_TIMEOUTS,
            keeps_answers=False,
        )
        page = asked.latest_orders(now - SPAN, now - UNDER_WAY)
    theirs = {order.remote_id: order.updated_at for order in page.orders}
    stored = Order.objects.filter(shop=shop, remote_id__in=theirs)
    ours = dict(stored.values_list("remote_id", "remote_updated_at"))
    return any(at and not _is_here(ours.get(key), at) for key, at in theirs.items())


def _is_here(known: datetime | None, at: datetime) -> bool:
    return known is not None and known >= at
