"""Orders, as a source tells of them and as we keep them."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.integrations.contracts import (
    OrderStatus,
    RemoteBuyer,
    RemoteOrder,
    RemoteOrderLine,
    Source,
)
from apps.orders.models import (
    Order,
    OrderAction,
    OrderLine,
    OrderPackage,
    OrderPayload,
    Package,
)
from apps.platforms.models import Shop
from tests.factories.platforms import make_shop

PLACED = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)

_numbers = itertools.count(1)


def make_remote_line(
    remote_sku_id: str = "1730000000000000101",
    *,
    quantity: int = 1,
    unit_price: str = "40",
    discount: str = "0",
    **changes: Any,
) -> RemoteOrderLine:
    """`discount` is the seller's, for the whole line; all of it makes a gift."""
    original = Decimal(unit_price) * quantity
    values: dict[str, Any] = {
        "remote_sku_id": remote_sku_id,
        "seller_sku": "LAMP-30",
        "quantity": quantity,
        "unit_price": Decimal(unit_price),
        "original_amount": original,
        "platform_discount_amount": Decimal(0),
        "seller_discount_amount": Decimal(discount),
        "amount": original - Decimal(discount),
        "product_name": "Rattan lamp",
        "variation": "Natural",
    }
    return RemoteOrderLine(**values | changes)


def make_remote_order(
    remote_id: str = "580000000000000001",
    *,
    version: int | None = 1,
    **changes: Any,
) -> RemoteOrder:
    """Version 2 was updated an hour after version 1; a file has none (None).

    The payload follows from the values, so that equal orders have equal payloads.
    """
    values: dict[str, Any] = {
        "remote_id": remote_id,
        "status": OrderStatus.TO_SHIP,
        "status_text": "AWAITING_SHIPMENT",
        "currency": "MYR",
        "placed_at": PLACED,
        "lines": (make_remote_line(),),
        "buyer": RemoteBuyer(remote_id="7200000000000000009"),
        "updated_at": None if version is None else PLACED + timedelta(hours=version),
        "total_amount": Decimal("40.40"),
    }
    order = RemoteOrder(**values | changes)
    return order if order.raw else replace(order, raw={"said": repr(order)})


def make_order(
    shop: Shop | None = None,
    remote_id: str = "",
    *,
    sku: str = "LAMP-30",
    remote_sku_id: str = "1730000000000000101",
    source: Source | None = Source.API,
    **changes: Any,
) -> Order:
    """A stored order with one line (unless `sku` is empty) and a source's payload."""
    shop = shop or make_shop()
    number = next(_numbers)
    values: dict[str, Any] = {
        "remote_id": remote_id or f"5810{number:014}",
        "status": Order.Status.TO_SHIP,
        "currency": shop.currency,
        "total_amount": Decimal("40.40"),
        "placed_at": timezone.now() - timedelta(days=1),
        "lines_source": Source.API.value,
    }
    order = Order.objects.create(shop=shop, **values | changes)
    if sku:
        OrderLine.objects.create(
            order=order,
            key=f"{remote_sku_id}|40",
            position=1,
            remote_sku_id=remote_sku_id,
            seller_sku=sku,
            product_name="Rattan lamp",
            quantity=2,
            unit_price=Decimal(40),
            original_amount=Decimal(80),
            platform_discount_amount=Decimal(0),
            seller_discount_amount=Decimal(0),
            amount=Decimal(80),
        )
    if source is not None:
        OrderPayload.objects.create(
            order=order,
            source=source.value,
            body={},
            content_hash="",
            received_at=timezone.now(),
        )
    return order


def make_package(
    order: Order, remote_id: str = "", tracking_number: str = "", **changes: Any
) -> Package:
    """A package that something of the order travels in."""
    package = Package.objects.create(
        shop=order.shop,
        remote_id=remote_id,
        tracking_number=tracking_number,
        **changes,
    )
    OrderPackage.objects.create(order=order, package=package)
    return package


def make_action(
    order: Order, kind: str = OrderAction.Kind.PULL, **changes: Any
) -> OrderAction:
    """Something the platform was asked to do with the order."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "target": order.remote_id,
        "idempotency_key": f"action-{number}",
    }
    return OrderAction.objects.create(
        shop=order.shop, order=order, kind=kind, **values | changes
    )
