"""A connected TikTok Shop: one method per operation we use.

The shop and its subscriptions stand here; orders beside, packages in `fulfilment`,
cancellations and returns in `aftersales`, listings and their stock in `products`,
money in `finance_calls`, creators in `affiliate_calls`.
"""

import time
from collections.abc import Callable

import requests

from apps.integrations.contracts import RemoteShop, Subscription
from apps.integrations.hooks import Limiter, NoLimit, NoObserver, Observer
from apps.integrations.http import Session, Timeouts
from apps.integrations.tiktok.affiliate_calls import AffiliateCalls, CreatorCalls
from apps.integrations.tiktok.aftersales.cancellation_calls import CancellationCalls
from apps.integrations.tiktok.aftersales.question_calls import AftersaleQuestions
from apps.integrations.tiktok.aftersales.return_calls import ReturnCalls
from apps.integrations.tiktok.calls import Caller, Operation
from apps.integrations.tiktok.finance_calls import FinanceCalls
from apps.integrations.tiktok.fulfilment.label_calls import LabelCalls
from apps.integrations.tiktok.fulfilment.logistics_calls import LogisticsCalls
from apps.integrations.tiktok.fulfilment.package_calls import PackageCalls
from apps.integrations.tiktok.fulfilment.shipping_calls import ShippingCalls
from apps.integrations.tiktok.fulfilment.splitting_calls import SplittingCalls
from apps.integrations.tiktok.hosts import Hosts
from apps.integrations.tiktok.mapping import shops_from_json
from apps.integrations.tiktok.order_calls import OrderCalls
from apps.integrations.tiktok.products.catalogue_calls import CatalogueCalls
from apps.integrations.tiktok.products.listing_calls import ListingCalls
from apps.integrations.tiktok.products.paper_calls import PaperCalls
from apps.integrations.tiktok.products.stock_calls import StockCalls
from apps.integrations.tiktok.products.trees import CategoryTree
from apps.integrations.tiktok.reading import objects, text
from apps.integrations.tiktok.retries import RetryPolicy

# Each endpoint has a version of its own (YYYYMM), which stands with its operation only.
AUTHORIZED_SHOPS = Operation(
    "GET", "/authorization/202309/shops", needs_cipher=False, is_safe=True
)
LIST_WEBHOOKS = Operation("GET", "/event/202309/webhooks", is_safe=True)
SET_WEBHOOK = Operation("PUT", "/event/202309/webhooks")
DELETE_WEBHOOK = Operation("DELETE", "/event/202309/webhooks")


class TikTokClient(
    OrderCalls,
    # what becomes of orders
    PackageCalls,
    ShippingCalls,
    LabelCalls,
    SplittingCalls,
    LogisticsCalls,
    CancellationCalls,
    ReturnCalls,
    AftersaleQuestions,
    # products
    ListingCalls,
    StockCalls,
    CatalogueCalls,
    PaperCalls,
    # money
    FinanceCalls,
    # creators: asked by a shop, or by themselves
    AffiliateCalls,
    CreatorCalls,
):
    """Speaks for one shop, or one creator, with one access token; raises PlatformError.

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
        self._hosts = hosts or Hosts()
        self._caller = Caller(
            app_key,
            app_secret,
            access_token,
            shop_cipher,
            base_url=self._hosts.api,
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
