"""Pull orders by hand: the same function the schedule calls."""

from typing import Any

from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.orders import pull_orders


class Command(PullCommand):
    help = (
        "Pull orders changed on TikTok Shop. Without a period: all news since the last "
        "pull, 90 days at first. Repeating it changes nothing."
    )
    resource = Resource.ORDERS

    def pull(self, shop: Shop, **options: Any) -> SyncRun:
        return pull_orders(shop, **options)
