"""A connected TikTok Shop: one method per operation we use.

Orders and subscriptions stand here, listings and what they are made of in `products`.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import requests

from apps.integrations.contracts import OrderPage, RemoteOrder, RemoteShop
from apps.integrations.errors import MalformedReply
from apps.integrations.hooks import Limiter, NoLimit, NoObserver, Observer
from apps.integrations.http import Session, Timeouts
from apps.integrations.tiktok.calls import Caller, Operation
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.mapping import order_page_from_json, shops_from_json
from apps.integrations.tiktok.products.catalogue_calls import CatalogueCalls
from apps.integrations.tiktok.products.listing_calls import ListingCalls
from apps.integrations.tiktok.products.paper_calls import PaperCalls
from apps.integrations.tiktok.products.trees import CategoryTree
from apps.integrations.tiktok.reading import objects, text
from apps.integrations.tiktok.retries import RetryPolicy

logger = logging.getLogger(__name__)

# Each endpoint has a version of its own (YYYYMM), which stands with its operation only.
AUTHORIZED_SHOPS = Operation(
    "GET", "/authorization/202309/shops", needs_cipher=False, is_safe=True
)
SEARCH_ORDERS = Operation("POST", "/order/202309/orders/search", is_safe=True)
ORDER_DETAILS = Operation("GET", "/order/202507/orders", is_safe=True)
LIST_WEBHOOKS = Operation("GET", "/event/202309/webhooks", is_safe=True)
SET_WEBHOOK = Operation("PUT", "/event/202309/webhooks")
DELETE_WEBHOOK = Operation("DELETE", "/event/202309/webhooks")

LARGEST_PAGE = 100
LARGEST_BATCH = 50


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where the shop's events of one type are posted to."""

    event_type: str
    address: str


class TikTokClient(ListingCalls, CatalogueCalls, PaperCalls):
    """Speaks for one shop with one access token; raises PlatformError.

    `clock` gives Unix seconds. `renew_token` is asked for the present access token when
    the platform says ours has expired or is invalid (a refresh elsewhere may have ended
    it); the call is then made once more. `category_version` is where the shop lists,
    "v1" or "v2"; not given, or refused, the client finds out. Not for sharing by
    threads: a client remembers that, the new token, and how far our clock is off.
    """

    def __init__(
        self,
        app_key: str,
        app_secret: str,
        access_token: str,
        shop_cipher: str = "",
        *,
        hosts: Hosts | None = None,
        session: Session | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        limiter: Limiter | None = None,
        observer: Observer | None = None,
        retries: RetryPolicy | None = None,
        timeouts: Timeouts | None = None,
        renew_token: Callable[[], str] | None = None,
        category_version: str = "",
    ) -> None:
        self._caller = Caller(
            app_key,
            app_secret,
            access_token,
            shop_cipher,
            base_url=(hosts or Hosts()).api,
            session=session or requests.Session(),
            limiter=limiter or NoLimit(),
            observer=observer or NoObserver(),
            retries=retries or RetryPolicy(),
            timeouts=timeouts or Timeouts(),
            clock=clock,
            sleep=sleep,
            renew_token=renew_token,
        )
        self._call = self._caller.call
        self._upload = self._caller.upload
        self._tree = CategoryTree(category_version)

    def authorized_shops(self) -> list[RemoteShop]:
        """The shops this token may work for, each with its cipher.

        Source: Partner Center, "Get Authorized Shops".
        """
        return shops_from_json(self._call(AUTHORIZED_SHOPS))

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
        window = {"update_time_ge": _seconds(since), "update_time_lt": _seconds(until)}
        if window["update_time_ge"] >= window["update_time_lt"]:
            return OrderPage(orders=(), total_count=0)
        params = {
            "page_size": str(page_size),
            "sort_field": "update_time",
            "sort_order": "ASC",
        }
        if page_token:
            params["page_token"] = page_token
        return order_page_from_json(self._call(SEARCH_ORDERS, params, window))

    def count_orders(self, since: datetime, until: datetime) -> int | None:
        """How many orders were updated in [since, until), if the platform says."""
        return self.search_orders(since, until, page_size=1).total_count

    def iter_orders(self, since: datetime, until: datetime) -> Iterator[RemoteOrder]:
        """All orders updated in [since, until), oldest update first, page by page.

        Orders already yielded stay valid if a later page fails. Rows that cannot be
        read are logged and left out; `search_orders` names them.
        """
        seen: set[str] = set()
        token = ""
        while True:
            page = self.search_orders(since, until, page_token=token)
            _log_malformed(page)
            yield from page.orders
            token = page.next_page_token
            if not token:
                return
            if token in seen:
                raise MalformedReply("TikTok Shop sent us to a page we have been on.")
            seen.add(token)

    def order_details(self, remote_ids: list[str]) -> OrderPage:
        """The orders named, in batches, with the rows that could not be read.

        Ids the shop does not have are left out by the platform, without a word.
        Source: Partner Center, "Get Order Detail".
        """
        ids = list(dict.fromkeys(remote_ids))
        orders: list[RemoteOrder] = []
        malformed: list[tuple[str, str]] = []
        for start in range(0, len(ids), LARGEST_BATCH):
            batch = ",".join(ids[start : start + LARGEST_BATCH])
            page = order_page_from_json(self._call(ORDER_DETAILS, {"ids": batch}))
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

    def webhooks(self) -> list[Subscription]:
        """The shop's own subscriptions; those of Partner Center are not among them.

        Source: Partner Center, "Get Shop Webhooks".
        """
        rows = objects(self._call(LIST_WEBHOOKS), "webhooks")
        return [
            Subscription(text(row, "event_type"), text(row, "address")) for row in rows
        ]

    def set_webhook(self, event_type: str, address: str) -> None:
        """Post the shop's events of a type to `address`, instead of any other.

        The platform wants https, a domain name without port, at most 255 characters.
        Source: Partner Center, "Update Shop Webhook".
        """
        self._call(SET_WEBHOOK, body={"event_type": event_type, "address": address})

    def delete_webhook(self, event_type: str) -> None:
        """End a subscription; ending one that is not there is no error."""
        self._call(DELETE_WEBHOOK, body={"event_type": event_type})


def _seconds(moment: datetime) -> int:
    """The first whole Unix second not before `moment`: keeps [since, until) exact."""
    if moment.tzinfo is None:
        raise ValueError("an instant without a zone names no moment")
    return math.ceil(moment.timestamp())


def _log_malformed(page: OrderPage) -> None:
    for remote_id, reason in page.malformed:
        logger.warning("order row unreadable order=%s reason=%s", remote_id, reason)
