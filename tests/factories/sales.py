"""Orders that figures are made of, and what a euro was worth."""

import itertools
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.content.models import AffiliateOrder
from apps.finance.models import ExchangeRate
from apps.orders.models import Order, OrderLine, Return, ReturnLine
from apps.platforms.models import Shop

SKU = "1730000000000000101"

_numbers = itertools.count(1)


def make_sale(
    shop: Shop,
    paid_at: datetime | None,
    *lines: str | tuple[str, dict[str, Any]],
    **changes: Any,
) -> Order:
    """A paid order; each line is what was paid for it, or (paid, changes of its
    columns)."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "remote_id": f"5890{number:014}",
        "status": Order.Status.TO_SHIP,
        "currency": shop.currency,
        "placed_at": paid_at or timezone.now(),
        "paid_at": paid_at,
        "lines_source": "api",
        "is_stock_due": False,
    }
    order = Order.objects.create(shop=shop, **values | changes)
    for position, line in enumerate(lines or ["40"], start=1):
        paid, own = (line, {}) if isinstance(line, str) else line
        add_line(order, position, Decimal(paid), **own)
    return order


def add_line(order: Order, position: int, paid: Decimal, **changes: Any) -> OrderLine:
    values: dict[str, Any] = {
        "key": f"{position}",
        "remote_sku_id": SKU,
        "quantity": 1,
        "unit_price": paid,
        "original_amount": paid,
        "platform_discount_amount": Decimal(0),
        "seller_discount_amount": Decimal(0),
        "amount": paid,
    }
    return OrderLine.objects.create(order=order, position=position, **values | changes)


def make_refund(
    order: Order, amount: str, *, line: OrderLine | None = None, **changes: Any
) -> Return:
    """A return that is complete, of one line or of the order as a whole."""
    values: dict[str, Any] = {
        "kind": Return.Kind.REFUND,
        "status": Return.Status.COMPLETE,
        "currency": order.currency,
        "source": "api",
        "refund_amount": None if line else Decimal(amount),
    }
    made = Return.objects.create(
        shop=order.shop,
        order=order,
        order_remote_id=order.remote_id,
        remote_id=f"4036{next(_numbers):014}",
        **values | changes,
    )
    if line is not None:
        ReturnLine.objects.create(
            request=made,
            order_line=line,
            remote_id="1",
            refund_amount=Decimal(amount),
        )
    return made


def make_affiliate(order: Order, sku: str, **changes: Any) -> AffiliateOrder:
    """What the shop tells of an item that a creator sold."""
    values: dict[str, Any] = {
        "remote_order_id": order.remote_id,
        "remote_sku_id": sku,
        "item": sku or "product",
        "origin": f"{next(_numbers)}",
        "quantity": 1,
        "placed_at": order.placed_at,
        "source": "api",
    }
    return AffiliateOrder.objects.create(
        client=order.shop.client, shop=order.shop, order=order, **values | changes
    )


def make_rates(on: date, **per_euro: str) -> None:
    """What one euro bought that day: make_rates(day, USD="1.25")."""
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            on=on,
            currency=currency,
            per_euro=Decimal(units),
            source=ExchangeRate.Source.ECB,
        )
        for currency, units in per_euro.items()
    )
