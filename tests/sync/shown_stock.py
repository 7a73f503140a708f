"""A shop whose stock is moved by others, too, and that shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.utils import timezone

from apps.integrations.contracts import (
    OrderPage,
    RemoteStock,
    RemoteWarehouse,
    RemoteWarehouseStock,
    StockAnswer,
)
from apps.platforms.models import Shop
from apps.products.models import ListingSku
from apps.sync.models import Resource, StockDrift, SyncCursor, SyncRun
from apps.sync.services.stock_compare import compare_stock
from apps.sync.services.stock_push import noting
from tests.sync.fakes import FakePlatform, make_remote_order
from tests.sync.stock_shop import FakeStockShop, tell

PLACE = "69001"


@dataclass
class FakeShownShop(FakeStockShop):
    """`before_search` is told how often stock was searched, from 1, and may change
    anything or raise. SKUs in `silent` say no number, in `unreadable` nonsense."""

    committed: dict[str, int] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    places: list[RemoteWarehouse] = field(
        default_factory=lambda: [
            RemoteWarehouse(PLACE, "Shah Alam", "SALES_WAREHOUSE", is_default=True)
        ]
    )
    orders: FakePlatform = field(default_factory=lambda: FakePlatform([]))
    searches: list[Sequence[str]] = field(default_factory=list)
    before_search: Callable[[int], None] = lambda number: None
    before_orders: Callable[[], None] = lambda: None

    def search_stock(
        self, *, sku_ids: Sequence[str] = (), product_ids: Sequence[str] = ()
    ) -> StockAnswer:
        self.searches.append(list(sku_ids))
        self.before_search(len(self.searches))
        shown = [key for key in sku_ids if key in self.stock]
        return StockAnswer(
            stock=tuple(
                map(self._shown, (k for k in shown if k not in self.unreadable))
            ),
            missing=tuple(key for key in sku_ids if key not in self.stock),
            malformed=tuple((k, "no number") for k in shown if k in self.unreadable),
        )

    def warehouses(self) -> list[RemoteWarehouse]:
        return self.places

    def search_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        return self.orders.search_orders(since, until, page_token=page_token)

    def count_orders(self, since: datetime, until: datetime) -> int | None:
        self.before_orders()
        return self.orders.count_orders(since, until)

    def sells(self, sku: ListingSku, units: int = 1) -> None:
        """An order that we have not heard of yet."""
        self.moves(sku, -units)
        self.committed[sku.remote_id] = self.committed.get(sku.remote_id, 0) + units
        number = len(self.orders.orders) + 1
        order = make_remote_order(f"58{number:016}", timezone.now())
        line = replace(order.lines[0], remote_sku_id=sku.remote_id, quantity=units)
        self.orders.orders.append(replace(order, lines=(line,)))

    def moves(self, sku: ListingSku, units: int, place: str = PLACE) -> None:
        """Somebody in Seller Center."""
        rows = self.stock[sku.remote_id]
        self.stock[sku.remote_id] = rows | {place: rows[place] + units}

    def _shown(self, key: str) -> RemoteStock:
        is_silent = key in self.silent
        return RemoteStock(
            key,
            "",
            committed=self.committed.get(key, 0),
            by_warehouse=tuple(
                RemoteWarehouseStock(
                    place,
                    None if is_silent else pieces,
                    0 if number else self.committed.get(key, 0),
                )
                for number, (place, pieces) in enumerate(self.stock[key].items())
            ),
            campaign=self.set_aside.get(key, 0),
        )


def hears_of_orders(shop: Shop) -> None:
    """Its orders were pulled a while ago, so that their news is few."""
    position = timezone.now() - timedelta(minutes=5)
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=position)


def compare(shop: Shop, platform: FakeShownShop, **options) -> SyncRun:
    platform.searches.clear()
    run = compare_stock(
        shop,
        trigger=SyncRun.Trigger.COMMAND,
        client=platform,  # type: ignore[arg-type]
        **options,
    )
    run.refresh_from_db()
    return run


def settle(shop: Shop, platform: FakeShownShop) -> None:
    """All that is due is told."""
    noting.drain()
    tell(shop, platform)


def drifts() -> list[tuple[str, str, int, int]]:
    """State, mover, what it is to show, what it shows, of all, oldest first."""
    rows = StockDrift.objects.order_by("pk")
    return list(rows.values_list("state", "mover", "wanted", "found"))
