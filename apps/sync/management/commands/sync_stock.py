"""Compare stock by hand: the same function the schedule calls."""

from typing import Any

from apps.platforms.models import Shop
from apps.sync.management.pulling import PullCommand
from apps.sync.models import Resource, SyncRun
from apps.sync.services.stock_compare import compare_stock


class Command(PullCommand):
    help = (
        "Compare the stock that shops show with what they are to show, as it is now: "
        "“updated” are SKUs that show another number. What is not explained by orders "
        "is noted as drift, and repaired or asked about as is set for the shop. A dry "
        "run says how many differ. Telling shops our stock is push_inventory."
    )
    resources = (Resource.STOCK,)
    has_period = False

    def pull(self, shop: Shop, resource: Resource, **options: Any) -> SyncRun:
        return compare_stock(shop, **options)
