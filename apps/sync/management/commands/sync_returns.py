"""Pull cancellations and returns by hand: the same functions the schedule calls."""

from typing import Any

from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.aftersales import pull_cancellations, pull_returns


class Command(PullCommand):
    help = (
        "Pull cancellations, returns and refunds changed on TikTok Shop. Without a "
        "period: all news since the last pull, 90 days at first. Orders they name that "
        "are not here yet are brought along. Repeating it changes nothing."
    )
    resources = (Resource.CANCELLATIONS, Resource.RETURNS)

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        if resource is Resource.CANCELLATIONS:
            return pull_cancellations(shop, **options)
        return pull_returns(shop, **options)
