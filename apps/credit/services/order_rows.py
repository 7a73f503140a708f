"""Orders of shops as a snapshot takes them: what was paid, and who bought.

Buyers and addresses come as keyed hashes (see marks), never as they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from apps.credit.rules import OrderRow
from apps.credit.rules.snapshot import NOT_PAID, age_of, in_window
from apps.credit.rules.table import WINDOW_DAYS
from apps.credit.services.marks import Mark, marks_of
from apps.credit.services.refunds import Line, Paying, refund_of, requests_of
from apps.orders.models import Order, OrderLine
from apps.orders.services.aftersales import paid_moment
from apps.platforms.models import Shop

# Cash on delivery is paid so much later than it is placed, at most.
LATEST_PAYMENT = timedelta(days=45)
_COLUMNS = (
    "shop",
    "remote_id",
    "buyer",
    "buyer__remote_id",
    "status",
    "cancellation_stage",
    "cancelled_by",
    "return_state",
    "currency",
    "original_amount",
    "seller_discount_amount",
    "refund_amount",
    "placed_at",
    "paid_at",
    "delivered_at",
    "shipped_at",
    "ship_by_at",
    "is_cod",
    "is_sample",
    "is_replacement",
    "creator_handle",
    "recipient_address",
    "recipient_postal_code",
    "recipient_region",
)


class Sold(NamedTuple):
    """A product as an order names it: by our listing's key, or the platform's ID."""

    listing_id: int | None
    remote_product_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """An order of the window, and what is counted of it beside its income; `row` is
    what a snapshot takes. Ages are by the shop's days, None where outside."""

    order: Order
    row: OrderRow
    placed_age: int | None
    paid_age: int | None
    sold: frozenset[Sold]

    @property
    def age(self) -> int | None:
        """Of the day that it counts on."""
        return self.placed_age if self.paid_age is None else self.paid_age

    @property
    def is_sale(self) -> bool:
        """A paid order of the window, before anything is left out."""
        return (
            self.paid_age is not None
            and self.row.value is not None
            and self.row.status.upper() not in NOT_PAID
            and not self.row.is_sample
        )


def orders_of(shops: Collection[Shop], as_of: date) -> list[Known]:
    """Orders placed or paid in the window before `as_of`, in the order in which they
    came in. Five queries, however many there are."""
    places = {shop.pk: shop for shop in shops}
    found: list[tuple[Order, int | None, int | None]] = []
    for order in _orders(places, as_of):
        order.shop = places[order.shop_id]
        placed, paid = (
            _age(moment, order.shop, as_of)
            for moment in (order.placed_at, paid_moment(order))
        )
        if placed is not None or paid is not None:
            found.append((order, placed, paid))
    orders = {order.pk: order for order, _, _ in found}
    lines, sold = _lines_of(orders)
    requests = requests_of(orders)
    marks = marks_of(orders.values())
    return [
        Known(
            order,
            _row(
                order,
                lines.get(order.pk, []),
                requests.get(order.pk, []),
                marks[order.pk],
            ),
            placed_age,
            paid_age,
            frozenset(sold.get(order.pk, ())),
        )
        for order, placed_age, paid_age in found
    ]


def _orders(places: Collection[int], as_of: date) -> Collection[Order]:
    # A day more on both sides: a shop's day begins up to 14 hours from UTC's.
    last = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    first = last - timedelta(days=WINDOW_DAYS + 2) - LATEST_PAYMENT
    rows = Order.objects.filter(
        shop__in=list(places), placed_at__gte=first, placed_at__lt=last
    )
    return list(rows.select_related("buyer").only(*_COLUMNS).order_by("pk"))


def _age(moment: datetime | None, shop: Shop, as_of: date) -> int | None:
    if moment is None:
        return None
    age = age_of(moment, shop.zone, as_of)
    return age if in_window(age) else None


def _lines_of(
    orders: Collection[int],
) -> tuple[dict[int, list[Line]], dict[int, list[Sold]]]:
    rows = OrderLine.objects.filter(order__among=list(orders)).order_by("pk")
    lines: dict[int, list[Line]] = {}
    sold: dict[int, list[Sold]] = {}
    for (
        key,
        quantity,
        paid,
        added,
        off,
        back,
        listing_id,
        remote_id,
    ) in rows.values_list(
        "order_id",
        "quantity",
        "amount",
        "platform_discount_amount",
        "cancelled_quantity",
        "returned_quantity",
        "listing_sku__listing",
        "remote_product_id",
    ):
        lines.setdefault(key, []).append(Line(quantity, paid, added, off, back))
        sold.setdefault(key, []).append(Sold(listing_id, remote_id))
    return lines, sold


def _value(order: Order, lines: Collection[Line]) -> Decimal | None:
    """Goods after the seller's discount, with what the platform paid of it."""
    if lines:
        return sum((line.value for line in lines), Decimal(0))
    original: Decimal | None = order.original_amount
    if original is None:
        return None
    return original - (order.seller_discount_amount or Decimal(0))


def _row(
    order: Order,
    lines: Sequence[Line],
    requests: Sequence[Paying],
    mark: Mark,
) -> OrderRow:
    value = _value(order, lines)
    refund = refund_of(order, value or Decimal(0), lines, requests)
    return OrderRow(
        shop_id=str(order.shop_id),
        order_id=order.remote_id,
        currency=order.currency,
        value=value,
        paid_at=paid_moment(order),
        status=order.status.upper(),
        refunded=refund.amount,
        refund_at=refund.at,
        buyer_id=mark.buyer_hash or None,
        addr_hash=mark.address_hash or None,
        # A piece sent in place of another is no sale, either.
        is_sample=bool(order.is_sample or order.is_replacement),
    )
