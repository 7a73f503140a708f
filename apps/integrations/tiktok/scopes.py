"""The permissions a seller grants, in plain words.

Source: Partner Center, "Scope list". The platform's list is not closed: a key that is
missing here is shown as it is.
"""

import re

READ: dict[str, str] = {
    "seller.authorization.info": "which shops this access covers",
    "seller.shop.info": "shop details",
    "seller.order.info": "orders and their buyers",
    "seller.order.ext_ref.read": "our own references on orders",
    "seller.fulfillment.basic": "packages and shipping",
    "seller.logistics": "warehouses and carriers",
    "seller.return_refund.basic": "returns, refunds and cancellations",
    "seller.product.basic": "products, prices and stock",
    "seller.global_product.info": "global products",
    "seller.finance.info": "statements, fees and payouts",
    "seller.promotion.info": "promotions",
    "seller.customer_service": "conversations with buyers",
    "seller.affiliate_collaboration.read": "affiliate collaborations",
    "seller.creator_marketplace.read": "creators of the marketplace",
    "data.shop_analytics.public.read": "the shop's analytics",
    "seller.fbt.info": "stock in TikTok's own warehouses",
}
WRITE: dict[str, str] = {
    "seller.order.ext_ref.write": "our own references on orders",
    "seller.fulfillment.package.write": "packages and tracking numbers",
    "seller.delivery.status.write": "delivery states",
    "seller.product.write": "products, prices and stock",
    "seller.product.delete": "the list of products (delete)",
    "seller.global_product.write": "global products",
    "seller.promotion.write": "promotions",
    "seller.affiliate_collaboration.write": "affiliate collaborations",
    "seller.affiliate_messages.write": "messages to creators",
}
# One of the platform's keys is spelled "serller".
_KEY = re.compile(r"\b(?:seller|serller|creator|partner|data)(?:\.[a-z_]+){2,}\b")


def in_words(scope: str) -> str:
    """“read orders and their buyers (seller.order.info)”; an unknown key alone."""
    if scope in READ:
        return f"read {READ[scope]} ({scope})"
    if scope in WRITE:
        return f"change {WRITE[scope]} ({scope})"
    return scope


def scopes_named_in(text: str) -> list[str]:
    """The keys a refusal speaks of, each once, in its order."""
    return list(dict.fromkeys(_KEY.findall(text)))
