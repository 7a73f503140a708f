"""A platform with lists of orders and what hangs on them, paged by offset like a
careless one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import (
    CancellationPage,
    OrderPage,
    OrderStatus,
    PackagePage,
    RemoteCancellation,
    RemoteOrder,
    RemoteOrderLine,
    RemotePackage,
    RemoteReturn,
    ReturnPage,
)
from apps.integrations.errors import NotFound


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
    packages: list[RemotePackage] = field(default_factory=list)
    cancellations: list[RemoteCancellation] = field(default_factory=list)
    returns: list[RemoteReturn] = field(default_factory=list)
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)
    asked_ids: list[tuple[str, ...]] = field(default_factory=list)
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

    def search_placed_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        found = [o for o in self.orders if since <= o.placed_at < until]
        found.sort(key=lambda order: (order.placed_at, order.remote_id))
        rows, rest = self._page(found, since, until, page_token)
        bad = [(o.remote_id, "no total") for o in rows if self._is_bad(o)]
        good = tuple(o for o in rows if not self._is_bad(o))
        return OrderPage(good, malformed=tuple(bad), **rest)

    def search_packages(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> PackagePage:
        return PackagePage(*self._changed(self.packages, since, until, page_token))

    def search_cancellations(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> CancellationPage:
        found = self._changed(self.cancellations, since, until, page_token)
        return CancellationPage(*found)

    def search_returns(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> ReturnPage:
        return ReturnPage(*self._changed(self.returns, since, until, page_token))

    def get_orders(self, remote_ids: list[str]) -> list[RemoteOrder]:
        self.asked_ids.append(tuple(remote_ids))
        return [o for o in self.orders if o.remote_id in remote_ids]

    def order_details(self, remote_ids: list[str]) -> OrderPage:
        found = self.get_orders(remote_ids)
        bad = [(o.remote_id, "no total") for o in found if self._is_bad(o)]
        return OrderPage(
            orders=tuple(o for o in found if not self._is_bad(o)), malformed=tuple(bad)
        )

    def get_package(self, package_id: str) -> RemotePackage:
        for package in self.packages:
            if package.remote_id == package_id:
                return package
        raise NotFound("The package is not in this shop.")

    def cancellations_of(self, order_ids: Sequence[str]) -> CancellationPage:
        rows = [each for each in self.cancellations if each.order_id in order_ids]
        return CancellationPage(tuple(rows))

    def returns_of(self, order_ids: Sequence[str]) -> ReturnPage:
        rows = [each for each in self.returns if each.order_id in order_ids]
        return ReturnPage(tuple(rows))

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

    def _changed(
        self, items: Sequence[Any], since: datetime, until: datetime, page_token: str
    ) -> tuple[Any, ...]:
        found = [each for each in items if since <= each.updated_at < until]
        found.sort(key=lambda each: (each.updated_at, each.remote_id))
        rows, rest = self._page(found, since, until, page_token)
        return tuple(rows), rest["next_page_token"], rest["total_count"]

    def _page(
        self, found: list[Any], since: datetime, until: datetime, page_token: str
    ) -> tuple[list[Any], dict[str, Any]]:
        self.pages += 1
        self.before_page(self.pages)
        if not page_token:
            self.asked.append((since, until))
        end = int(page_token or 0) + self.page_size
        token = str(end) if end < len(found) else ""
        total = len(found) if self.counts_pages else None
        rest = {"next_page_token": token, "total_count": total}
        return found[end - self.page_size : end], rest

    def _is_bad(self, order: RemoteOrder) -> bool:
        return order.remote_id in self.unreadable
