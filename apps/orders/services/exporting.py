"""Orders as rows of a file: one an order, or one a line item."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Prefetch

from apps.core.money import Money
from apps.core.storing import portions
from apps.orders.models import Order, OrderLine

AT_A_TIME = 500


class RowPer(StrEnum):
    """What a row is about."""

    ORDER = "orders"
    ITEM = "items"


Cell = Callable[[Order], object]
_ORDER: tuple[tuple[str, Cell], ...] = (
    ("order_id", lambda o: o.remote_id),
    ("shop", lambda o: o.shop.name),
    ("region", lambda o: o.shop.region),
    ("status", lambda o: o.get_status_display()),
    ("status_on_tiktok", lambda o: o.status_text),
    ("priority", lambda o: o.get_priority_display()),
    ("return", lambda o: o.get_return_state_display()),
    ("placed_at", lambda o: instant(o.placed_at)),
    ("paid_at", lambda o: instant(o.paid_at)),
    ("ship_by_at", lambda o: instant(o.ship_by_at)),
    ("shipped_at", lambda o: instant(o.shipped_at)),
    ("delivered_at", lambda o: instant(o.delivered_at)),
    ("cancelled_at", lambda o: instant(o.cancelled_at)),
    ("cancel_reason", lambda o: o.cancel_reason),
    ("currency", lambda o: o.currency),
    ("products", lambda o: amount(o.subtotal_amount, o.currency)),
    ("shipping", lambda o: amount(o.shipping_amount, o.currency)),
    ("tax", lambda o: amount(o.tax_amount, o.currency)),
    ("total", lambda o: amount(o.total_amount, o.currency)),
    ("refunded", lambda o: amount(o.refund_amount, o.currency)),
    ("payment_method", lambda o: o.payment_method),
    ("cash_on_delivery", lambda o: yes_no(o.is_cod)),
    ("fulfilled_by", lambda o: o.fulfilment),
    ("warehouse", lambda o: o.warehouse),
    ("delivery_option", lambda o: o.delivery_option),
    ("carrier", lambda o: o.carrier),
    ("tracking_number", lambda o: o.tracking_number),
    ("sales_channel", lambda o: o.sales_channel),
    ("creator", lambda o: o.creator_handle),
    ("items", lambda o: sum(line.quantity for line in o.lines.all())),
)
_LINE: tuple[tuple[str, Callable[[OrderLine, Order], object]], ...] = (
    ("sku_id", lambda line, o: line.remote_sku_id),
    ("seller_sku", lambda line, o: line.seller_sku),
    ("product", lambda line, o: line.product_name),
    ("variation", lambda line, o: line.variation),
    ("gift", lambda line, o: yes_no(line.is_gift)),
    ("quantity", lambda line, o: line.quantity),
    ("cancelled_quantity", lambda line, o: line.cancelled_quantity),
    ("returned_quantity", lambda line, o: line.returned_quantity),
    ("unit_price", lambda line, o: amount(line.unit_price, o.currency)),
    ("item_amount", lambda line, o: amount(line.amount, o.currency)),
)
OUR_SKU = "our_sku"
# Of the buyer, and in which people may have written of them.
_BUYER: tuple[tuple[str, Cell], ...] = (
    ("buyer", lambda o: str(o.buyer) if o.buyer else ""),
    ("recipient", lambda o: o.recipient_name),
    ("phone", lambda o: o.recipient_phone),
    ("address", lambda o: o.recipient_address),
    ("postal_code", lambda o: o.recipient_postal_code),
    ("recipient_region", lambda o: o.recipient_region),
    ("buyer_message", lambda o: o.buyer_message),
    ("seller_note", lambda o: o.seller_note),
)


def header(per: RowPer, *, has_buyers: bool) -> tuple[str, ...]:
    columns = [name for name, _ in _ORDER]
    if per is RowPer.ITEM:
        columns += [*(name for name, _ in _LINE), OUR_SKU]
    if has_buyers:
        columns += [name for name, _ in _BUYER]
    return tuple(columns)


def rows_of(
    keys: Sequence[int],
    per: RowPer,
    *,
    buyers_at: Collection[int] | None = None,
    ours_at: Collection[int] = (),
) -> Iterator[tuple[Any, ...]]:
    """Rows below `header` of orders by their keys, in their order; what is gone
    meanwhile is left out. An order without items has one row, with none.

    `buyers_at` are the shops (keys) whose buyers are told; of others the cells stay
    empty. None: there are no such columns. `ours_at` are those of which it is told what
    of ours an item is. A few statements for every 500 orders.
    """
    for some in portions(keys, AT_A_TIME):
        for order in _orders(some):
            yield from _rows(order, per, buyers_at, names_ours=order.shop_id in ours_at)


def _orders(keys: Sequence[int]) -> list[Order]:
    lines = OrderLine.objects.select_related("variant").defer("units")
    found = (
        Order.objects.select_related("shop", "buyer")
        .defer("testimony")
        .prefetch_related(Prefetch("lines", lines))
        .in_bulk(keys)
    )
    return [found[key] for key in keys if key in found]


def _rows(
    order: Order, per: RowPer, buyers_at: Collection[int] | None, *, names_ours: bool
) -> Iterator[tuple[Any, ...]]:
    start = tuple(cell(order) for _, cell in _ORDER)
    end: tuple[object, ...] = ()
    if buyers_at is not None:
        is_told = order.shop_id in buyers_at and order.buyer_erased_at is None
        end = tuple(cell(order) if is_told else "" for _, cell in _BUYER)
    if per is RowPer.ORDER:
        yield (*start, *end)
        return
    lines = list(order.lines.all())
    for line in lines:
        ours = line.variant.sku if names_ours and line.variant else ""
        yield (*start, *(cell(line, order) for _, cell in _LINE), ours, *end)
    if not lines:
        yield (*start, *("" for _ in _LINE), "", *end)


def instant(at: datetime | None) -> str:
    """ISO 8601 in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else ""


def amount(value: Decimal | None, currency: str) -> str:
    """A plain number in major units, with the currency's usual decimals."""
    return "" if value is None else f"{Money(value, currency).rounded().amount:f}"


def yes_no(answer: object) -> str:
    """Empty where nobody said."""
    return "" if answer is None else ("yes" if answer else "no")
