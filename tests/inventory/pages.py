"""What the tests of the stock's pages share: people, orders, and what a page says."""

import re
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client as Browser

from apps.integrations.contracts import Source
from apps.orders.models import Order
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.products.models import ListingSku, Variant
from apps.users.models import Client
from apps.users.roles import Role
from tests.factories.orders import make_remote_line, make_remote_order
from tests.factories.products import make_listing_sku
from tests.factories.users import make_user


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def working_for(client: Client, role: str = Role.ORDER_FULFILLMENT) -> Browser:
    return signed_in(make_user(clients=[client], role=role))


def sell(
    variant: Variant,
    quantity: int = 1,
    *,
    shop: Shop,
    remote_id: str,
    **changes: Any,
) -> Order:
    """An order of the shop for what it lists as this variant, booked."""
    rows = ListingSku.objects.filter(shop=shop, variant=variant)
    sku = rows.first() or make_listing_sku(shop=shop, variant=variant)
    line = make_remote_line(sku.remote_id, quantity=quantity)
    remote = make_remote_order(remote_id, lines=(line,), **changes)
    ingest_orders(shop, [remote], Source.API)
    return Order.objects.get(shop=shop, remote_id=remote_id)


def words(page: Any) -> str:
    """What a reader of the page reads."""
    assert page.status_code == 200
    text = re.sub(r"<[^>]+>", " ", unescape(page.content.decode()))
    return re.sub(r"\s+", " ", text)


def lines_of(page: Any) -> list[str]:
    """Of a file that is streamed."""
    assert page.status_code == 200
    return b"".join(page.streaming_content).decode().splitlines()


def notices(page: Any) -> list[str]:
    """What the page, or the one it sends on to, says on top."""
    return [str(message) for message in get_messages(page.wsgi_request)]
