"""Stock for the demo's first client: what its first shop shows is where it begins."""

import time
from collections import defaultdict
from collections.abc import Sequence

from apps.inventory.models import ShopWarehouse, StockDocument, StockLevel, Warehouse
from apps.inventory.services.documents import By, Deed, Line, book_document
from apps.inventory.services.opening import Row
from apps.inventory.services.settings import change_settings
from apps.inventory.services.warehouses import create_warehouse
from apps.orders.services.stock import book_due_orders
from apps.orders.services.warehouses import map_warehouse
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import SyncRun
from apps.sync.services.stock_compare import compare_stock
from apps.sync.services.stock_opening import take_opening
from apps.users.models import Client, User

_KEY = "demo"


def make_stock(client: Client, user: User) -> int:
    """Take the first shop's figures over as the first stock take, and let that shop be
    told from now on; how many SKUs. Nothing where stock was booked already."""
    shops = Shop.objects.connected().filter(client=client)
    shop = shops.order_by("pk").first()
    if shop is None or StockDocument.objects.filter(client=client).exists():
        return 0
    by = By(user=user, process="connect_demo")
    _compare(shop)
    _match_warehouses(shop, by)
    while book_due_orders(shop):
        pass
    taken = take_opening(shop, by, key=_KEY, is_leading=True)
    _count_the_rest(taken.opening.rows, by)
    change_settings(shop, by, is_pushed=True)
    return len(taken.opening.rows)


def _match_warehouses(shop: Shop, by: By) -> None:
    """Each place the shop sells from that is none of ours yet becomes one."""
    places = ShopWarehouse.objects.filter(shop=shop).selling()
    for place in places.filter(warehouse=None):
        map_warehouse(place, create_warehouse(shop.client, place.name, by), by)


def _count_the_rest(rows: Sequence[Row], by: By) -> None:
    """Where the shop shows nothing of a SKU, there lies what is promised, no more."""
    found = StockLevel.objects.filter(
        variant__in=[row.variant for row in rows], is_counted=False
    ).select_related("variant", "warehouse__client")
    by_warehouse: dict[Warehouse, list[Line]] = defaultdict(list)
    for level in found:
        line = Line(level.variant, level.reserved)
        by_warehouse[level.warehouse].append(line)
    for place, lines in by_warehouse.items():
        kind = StockDocument.Kind.COUNT
        deed = Deed(kind, place, lines, key=f"{_KEY}:rest:{place.pk}")
        book_document(place.client, deed, by)


def _compare(shop: Shop) -> None:
    """Which warehouses the shop has, and what it shows."""
    while True:
        try:
            compare_stock(shop, trigger=SyncRun.Trigger.COMMAND)
        except AlreadyRunning:
            time.sleep(1)
        else:
            return
