"""Orders as the figures see them, read from the rows in batches."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.backoffice.rules.sales import Sales, Sold, sales_of
from apps.backoffice.services.analytics.attribution import (
    Attribution,
    attributions_of,
)
from apps.backoffice.services.analytics.moments import COLUMNS, Moment, moment_of
from apps.backoffice.services.analytics.refunds import Refunds, Worth, refunds_of
from apps.orders.models import Order, OrderLine

_ORDER = ("shop_id", "remote_id", "currency", "refund_amount", "sales_channel")
_LINE = (
    "order_id",
    "pk",
    "remote_sku_id",
    "remote_product_id",
    "seller_sku",
    "is_gift",
    "quantity",
    "amount",
    "platform_discount_amount",
    "cancelled_quantity",
    "returned_quantity",
)


@dataclass(frozen=True, slots=True)
class CountedLine:
    """`item` is the key of a SalesDay of that split."""

    item: str
    sales: Sales
    sold_through: Attribution


@dataclass(frozen=True, slots=True)
class Counted:
    """A paid order."""

    order_id: int
    moment: Moment
    currency: str
    lines: list[CountedLine]


@dataclass(frozen=True, slots=True)
class _Line:
    key: int
    sku: str
    product: str
    item: str
    is_gift: bool
    quantity: int
    paid: Decimal
    added: Decimal
    called_off: int
    back: int


def counted_orders(keys: Collection[int], zone: ZoneInfo) -> Iterator[Counted]:
    """Those of a shop's orders with these keys that are sales; `zone` is the shop's.
    Some six queries, however many there are."""
    columns = (*COLUMNS, *_ORDER)
    rows = Order.objects.filter(pk__among=sorted(keys)).order_by("pk").only(*columns)
    moments = {order.pk: (order, moment_of(order, zone)) for order in rows}
    orders = {key: order for key, (order, at) in moments.items() if at is not None}
    if not orders:
        return
    lines = _lines_of(orders)
    worth: dict[int, Worth] = {
        key: {line.key: (line.paid, line.quantity) for line in some}
        for key, some in lines.items()
    }
    refunds = refunds_of(orders, worth)
    attributions = attributions_of(orders)
    for key, order in orders.items():
        moment = moments[key][1]
        assert moment is not None
        some = lines.get(key, [])
        yield Counted(
            key,
            moment,
            order.currency,
            [
                CountedLine(
                    line.item,
                    sales,
                    attributions.of(order, line.sku, line.product),
                )
                for line, sales in zip(
                    some, _sales_of(order, some, refunds), strict=True
                )
            ],
        )


def _lines_of(orders: Mapping[int, Order]) -> dict[int, list[_Line]]:
    rows = OrderLine.objects.filter(order__among=sorted(orders)).order_by()
    found: dict[int, list[_Line]] = {}
    for row in rows.values_list(*_LINE):
        order_id, key, sku, product, seller_sku, is_gift, quantity = row[:7]
        paid, added, called_off, back = row[7:]
        item = sku or f"seller:{seller_sku}"
        line = _Line(
            key,
            sku,
            product,
            item,
            is_gift,
            quantity,
            paid,
            added,
            called_off or 0,
            back or 0,
        )
        found.setdefault(order_id, []).append(line)
    for some in found.values():
        some.sort(key=lambda line: line.key)
    return found


def _sales_of(order: Order, lines: list[_Line], refunds: Refunds) -> list[Sales]:
    sold = []
    for line in lines:
        told = refunds.of(line.key)
        sold.append(
            Sold(
                line.quantity,
                line.paid,
                line.added,
                is_gift=line.is_gift,
                called_off=line.called_off,
                back=line.back,
                refunded_units=told.refunded_units,
                cancel_refund=told.cancelled,
                refund=told.refunded,
            )
        )
    return sales_of(
        sold,
        is_cancelled=order.status == Order.Status.CANCELLED,
        order_refund=order.refund_amount,
    )
