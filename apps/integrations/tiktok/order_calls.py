"""Calls that ask for orders: those that changed, those placed, those named."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from apps.integrations.contracts import OrderPage, RemoteOrder
from apps.integrations.errors import MalformedReply
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.mapping import order_page_from_json
from apps.integrations.tiktok.pages import page_params, parts, walk, window
from apps.integrations.tiktok.reading import JsonObject

logger = logging.getLogger(__name__)

SEARCH_ORDERS = Operation("POST", "/order/202309/orders/search", is_safe=True)
ORDER_DETAILS = Operation("GET", "/order/202507/orders", is_safe=True)

LARGEST_PAGE = 100
LARGEST_BATCH = 50


class OrderCalls:
    """The part of a client that asks for orders; raises PlatformError."""

    _call: Callable[..., JsonObject]

    def search_orders(
        self,
        since: datetime,
        until: datetime,
        *,
        page_token: str = "",
        page_size: int = LARGEST_PAGE,
    ) -> OrderPage:
        """One page of the orders updated in [since, until), oldest update first.

        Give the same window and page size with each `page_token`. An empty window is
        not asked for. Source: Partner Center, "Get Order List": paging in the query,
        filters in the body.
        """
        return self._page_of("update_time", since, until, page_token, page_size)

    def search_placed_orders(
        self, since: datetime, until: datetime, *, page_token: str = ""
    ) -> OrderPage:
        """One page of the orders placed in [since, until), oldest first; as
        search_orders."""
        return self._page_of("create_time", since, until, page_token, LARGEST_PAGE)

    def latest_orders(self, since: datetime, until: datetime) -> OrderPage:
        """Of the orders updated in [since, until) those updated last: one page."""
        filters = window("update_time", since, until)
        if filters is None:
            return OrderPage(orders=(), total_count=0)
        params = page_params(LARGEST_PAGE, "", "update_time", newest_first=True)
        return order_page_from_json(self._call(SEARCH_ORDERS, params, filters))

    def count_orders(self, since: datetime, until: datetime) -> int | None:
        """How many orders were updated in [since, until), if the platform says."""
        return self.search_orders(since, until, page_size=1).total_count

    def iter_orders(self, since: datetime, until: datetime) -> Iterator[RemoteOrder]:
        """All orders updated in [since, until), oldest update first, page by page.

        Orders already yielded stay valid if a later page fails. Rows that cannot be
        read are logged and left out; `search_orders` names them.
        """
        for page in walk(
            lambda token: self.search_orders(since, until, page_token=token)
        ):
            _log_malformed(page)
            yield from page.orders

    def order_details(self, remote_ids: list[str]) -> OrderPage:
        """The orders named, in batches, with the rows that could not be read.

        Ids the shop does not have are left out by the platform, without a word.
        Source: Partner Center, "Get Order Detail".
        """
        ids = list(dict.fromkeys(remote_ids))
        orders: list[RemoteOrder] = []
        malformed: list[tuple[str, str]] = []
        for batch in parts(ids, LARGEST_BATCH):
            named = {"ids": ",".join(batch)}
            page = order_page_from_json(self._call(ORDER_DETAILS, named))
            orders += page.orders
            malformed += page.malformed
        return OrderPage(tuple(orders), malformed=tuple(malformed))

    def get_orders(self, remote_ids: list[str]) -> list[RemoteOrder]:
        """The orders named; ids the shop does not have are left out.

        Rows that cannot be read are logged and left out too, unless nothing else
        came: then MalformedReply says so.
        """
        page = self.order_details(remote_ids)
        if page.malformed and not page.orders:
            remote_id, reason = page.malformed[0]
            raise MalformedReply(f"Order {remote_id} cannot be read: {reason}.")
        _log_malformed(page)
        return list(page.orders)

    def _page_of(
        self,
        field: str,
        since: datetime,
        until: datetime,
        page_token: str,
        page_size: int,
    ) -> OrderPage:
        filters = window(field, since, until)
        if filters is None:
            return OrderPage(orders=(), total_count=0)
        params = page_params(page_size, page_token, field)
        return order_page_from_json(self._call(SEARCH_ORDERS, params, filters))


def _log_malformed(page: OrderPage) -> None:
    for remote_id, reason in page.malformed:
        logger.warning("order row unreadable order=%s reason=%s", remote_id, reason)
