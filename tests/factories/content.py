"""Creators and what they sold."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.content.models import AffiliateOrder, Creator
from apps.integrations.contracts.affiliate import (
    CommissionAmounts,
    ContentType,
    RemoteAffiliateSku,
    Settlement,
)
from apps.platforms.models import CreatorAccount, Shop
from apps.users.models import Client
from tests.factories.users import make_client

PLACED_AT = datetime(2026, 3, 4, 10, tzinfo=UTC)


def make_creator(
    client: Client, username: str = "rumah.rapi", **fields: Any
) -> Creator:
    return Creator.objects.create(client=client, username=username, **fields)


def make_creator_account(client: Client | None = None, **fields: Any) -> CreatorAccount:
    defaults = {"open_id": "creator-1", "username": "rumah.rapi"}
    return CreatorAccount.objects.create(
        client=client or make_client("Northwind"), **defaults | fields
    )


def make_affiliate_order(shop: Shop, **fields: Any) -> AffiliateOrder:
    """One of a shop, of 2 pieces at 50.00 and 10 % of it."""
    number = AffiliateOrder.objects.count() + 1
    sku = fields.get("remote_sku_id", f"sku-{number}")
    defaults = {
        "client": shop.client,
        "remote_order_id": f"5760000000{number:08}",
        "remote_sku_id": sku,
        "item": sku,
        "origin": fields.get("content_id", "video-1"),
        "content_id": "video-1",
        "content_type": "video",
        "settlement": "to_settle",
        "quantity": 2,
        "currency": shop.currency,
        "price_amount": Decimal(50),
        "rate": Decimal("0.1"),
        "estimated_amount": Decimal(10),
        "placed_at": PLACED_AT,
        "source": "api",
    }
    return AffiliateOrder.objects.create(shop=shop, **defaults | fields)


def make_remote_sku(**fields: Any) -> RemoteAffiliateSku:
    """The same, as the platform tells it to a shop."""
    defaults: dict[str, Any] = {
        "order_id": "576000000012345678",
        "placed_at": PLACED_AT,
        "product_id": "product-1",
        "sku_id": "sku-1",
        "content_id": "video-1",
        "content_type": ContentType.VIDEO,
        "creator_username": "Rumah.Rapi",
        "settlement": Settlement.TO_SETTLE,
        "currency": "MYR",
        "quantity": 2,
        "price": Decimal(50),
        "rate": Decimal("0.1"),
        "estimated": CommissionAmounts(base=Decimal(100), commission=Decimal(10)),
    }
    return RemoteAffiliateSku(**defaults | fields)
