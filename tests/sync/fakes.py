"""A platform with a list of orders, paged by offset like a careless one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from apps.integrations.contracts import (
    OrderPage,
    OrderStatus,
    RemoteOrder,
    RemoteOrderLine,
)


def make_remote_order(
    remote_id: str, updated_at: datetime, status: OrderStatus = OrderStatus.TO_SHIP
) -> RemoteOrder:
    line = RemoteOrderLine(
        remote_sku_id="1730",
        seller_sku="LAMP-30",
        quantity=1,
        unit_price=Decimal(40),
        original_amount=Decimal(40),
        platform_discount_amount=Decimal(0),
        seller_discount_amount=Decimal(0),
        amount=Decimal(40),
    )
    return RemoteOrder(
        remote_id=remote_id,
        status=status,
        status_text=status.value,
        currency="MYR",
        placed_at=updated_at - timedelta(hours=1),
        updated_at=updated_at,
        lines=(line,),
        raw={"id": remote_id, "status": status.value, "at": updated_at.isoformat()},
    )


def changed(order: RemoteOrder, at: datetime) -> RemoteOrder:
    """The order in transit since `at`."""
    return make_remote_order(order.remote_id, at, OrderStatus.IN_TRANSIT)


@dataclass
class FakePlatform:
    """`before_page` is called with the number of each page asked for, from 1; it may
    change `orders` or raise. Orders named in `unreadable` come as malformed rows."""

    orders: list[RemoteOrder]
    page_size: int = 2
    unreadable: frozenset[str] = frozenset()
    before_page: Callable[[int], None] = lambda number: None
    counts_pages: bool = True
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    pages: int = 0

    def search_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        self.pages += 1
        self.before_page(self.pages)
        if not page_token:
            self.asked.append((since, until))
        found = self._found(since, until)
        start = int(page_token or 0)
        end = start + self.page_size
        rows = found[start:end]
        bad = [(o.remote_id, "no total") for o in rows if self._is_bad(o)]
        return OrderPage(
            orders=tuple(o for o in rows if not self._is_bad(o)),
            next_page_token=str(end) if end < len(found) else "",
            total_count=len(found) if self.counts_pages else None,
            malformed=tuple(bad),
        )

    def count_orders(self, since: datetime, until: datetime) -> int | None:
        return len(self._found(since, until)) if self.counts_pages else None

    def iter_orders(self, since: datetime, until: datetime) -> Iterator[RemoteOrder]:
        yield from self._found(since, until)

    def get_orders(self, remote_ids: list[str]) -> list[RemoteOrder]:
        return [o for o in self.orders if o.remote_id in remote_ids]

    def move_on(self, remote_id: str, at: datetime) -> None:
        self.orders = [
            changed(o, at) if o.remote_id == remote_id else replace(o)
            for o in self.orders
        ]

    def _found(self, since: datetime, until: datetime) -> list[RemoteOrder]:
        rows = [
            o for o in self.orders if o.updated_at and since <= o.updated_at < until
        ]
        return sorted(rows, key=lambda o: (o.updated_at, o.remote_id))

    def _is_bad(self, order: RemoteOrder) -> bool:
        return order.remote_id in self.unreadable
