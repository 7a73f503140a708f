"""What is done about which event: the whole table. A topic that does not stand here is
kept and counted, nothing else."""

from datetime import timedelta

from apps.integrations.tiktok.topics import Topic
from apps.platforms.services.scopes import AUTHORIZATION, PRODUCTS, RETURNS
from apps.webhooks.handlers.consents import check_consent, note_end
from apps.webhooks.handlers.listings import read_listings
from apps.webhooks.handlers.news import Handler, News, Outcome, Outcomes
from apps.webhooks.handlers.orders import read_orders, read_requests, read_returns
from apps.webhooks.handlers.stock import compare

__all__ = ["HANDLERS", "Handler", "News", "Outcome", "Outcomes"]

_ORDERS = Handler(read_orders)
_REQUESTS = Handler(read_requests)
_RETURNS = Handler(read_returns, scope=RETURNS, wait=timedelta(seconds=5))
_LISTINGS = Handler(read_listings, most=20, scope=PRODUCTS)
# Each of our own pushes is told of, too, and each sale: a few seconds make one of many.
_STOCK = Handler(compare, most=200, scope=PRODUCTS, wait=timedelta(seconds=15))

HANDLERS: dict[Topic, Handler] = {
    # The order, its packages, cancellations and returns are read again.
    Topic.ORDER_STATUS_CHANGE: _ORDERS,
    Topic.RECIPIENT_ADDRESS_UPDATE: _ORDERS,
    Topic.PACKAGE_UPDATE: _ORDERS,
    Topic.REVERSE_STATUS_UPDATE: _REQUESTS,
    Topic.CANCELLATION_STATUS_CHANGE: _REQUESTS,
    Topic.RETURN_STATUS_CHANGE: _REQUESTS,
    Topic.REFUND_SUCCESS: _REQUESTS,
    # They name no order: what changed since last time is pulled.
    Topic.AFTERSALES_REQUEST_STATUS_UPDATE: _RETURNS,
    Topic.RMA_STATUS_UPDATE: _RETURNS,
    # The listing is read again, whole.
    Topic.PRODUCT_STATUS_CHANGE: _LISTINGS,
    Topic.PRODUCT_INFORMATION_CHANGE: _LISTINGS,
    Topic.PRODUCT_CREATION: _LISTINGS,
    Topic.PRODUCT_CATEGORY_CHANGE: _LISTINGS,
    Topic.PRODUCT_AUDIT_STATUS_CHANGE: _LISTINGS,
    Topic.SKU_STATUS_CHANGE: _LISTINGS,
    Topic.PRODUCT_PACKAGE_RECOMMENDED: _LISTINGS,
    # What the shop shows of these SKUs is compared with ours.
    Topic.INVENTORY_STATUS_CHANGE: _STOCK,
    Topic.INVENTORY_CHANGED_BY_SHOP: _STOCK,
    # The platform is asked first: an old notice must not stop a shop.
    Topic.SELLER_DEAUTHORIZATION: Handler(check_consent, most=1, scope=AUTHORIZATION),
    Topic.UPCOMING_AUTHORIZATION_EXPIRATION: Handler(
        note_end, most=1, scope=AUTHORIZATION
    ),
}
