"""Pull packages by hand: the same function the schedule calls."""

from typing import Any

from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.packages import pull_packages


class Command(PullCommand):
    help = (
        "Pull packages changed on TikTok Shop. Without a period: all news since the "
        "last pull, 90 days at first. Orders they hold that are not here yet are "
        "brought along. Repeating it changes nothing."
    )
    resources = (Resource.PACKAGES,)

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        return pull_packages(shop, **options)
