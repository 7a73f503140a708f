"""What an order has brought its seller by a moment, SKU by SKU.

Two moments taken from each other are a transaction: all of the order on the day it is
settled, and on later days what refunds have changed. So the sums cannot drift.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.simulator.world.affiliate.deals import Deal
from apps.simulator.world.aftersales.money import basket_of, shared
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.basket import Basket
from apps.simulator.world.catalogue import Sku
from apps.simulator.world.lifecycle import DAY, Event
from apps.simulator.world.money.figures import (
    FEE,
    MORE,
    REVENUE,
    TAX,
    Figures,
    share_of,
)
from apps.simulator.world.money.going_back import Backs, backs_of
from apps.simulator.world.money.shipping import book_shipping, book_ways_back
from apps.simulator.world.money.terms import TERMS, Terms
from apps.simulator.world.orders import Order

_ARRIVALS = frozenset({Event.DELIVERED, Event.REFUNDED, Event.COMPLETED})


@dataclass(frozen=True, slots=True)
class SkuRow:
    sku: Sku
    quantity: int
    figures: Figures


@dataclass
class Position:
    """`rows` by SKU, in the order of the basket; `backs` is what went back."""

    basket: Basket
    backs: Backs
    rows: dict[str, SkuRow] = field(default_factory=dict)

    def units_of(self, sku_id: str) -> list[int]:
        units = enumerate(self.basket.units)
        return [number for number, unit in units if unit.sku.id == sku_id]


def arrived_at(order: Order) -> int:
    """When the holding period began: with the delivery, or with the order's end if it
    never arrived and yet was not cancelled. 0 before that."""
    past = order.events[: order.done]
    places = (place for place, event in enumerate(past) if event in _ARRIVALS)
    return order.moment(next(places, -1) + 1)


def settles_at(order: Order) -> int:
    """0 for not yet known."""
    arrived = arrived_at(order)
    holding = TERMS[order.shop.region.code].holding_days
    return arrived + holding * DAY if arrived else 0


def position(
    order: Order, requests: Iterable[Request], deal: Deal | None, until: int
) -> Position:
    """As if it were settled: with everything that went back before `until`."""
    basket = basket_of(order)
    backs = backs_of(basket, requests, until)
    rows: dict[str, Figures] = {}
    counts: dict[str, int] = {}
    for unit in basket.units:
        rows.setdefault(unit.sku.id, Figures())
        counts[unit.sku.id] = counts.get(unit.sku.id, 0) + 1
    _book_goods(basket, rows)
    lists = [row.revenue for row in rows.values()]
    book_shipping(order, basket, rows, lists)
    _book_backs(basket, rows, backs)
    book_ways_back(order, basket, rows, backs)
    _book_fees(order, basket, rows, lists, deal)
    skus = {unit.sku.id: unit.sku for unit in basket.units}
    return Position(
        basket,
        backs,
        {id: SkuRow(skus[id], counts[id], figures) for id, figures in rows.items()},
    )


def _book_goods(basket: Basket, rows: dict[str, Figures]) -> None:
    for unit in basket.units:
        row = rows[unit.sku.id]
        row.add(REVENUE, "subtotal_before_discount_amount", unit.list_price)
        row.add(REVENUE, "seller_discount_amount", -unit.seller_discount)
        row.add(MORE, "customer_payment_amount", unit.sale_price)
        row.add(MORE, "platform_discount_amount", unit.platform_discount)
        row.add(MORE, "sales_tax_payment_amount", unit.tax)
        row.add(MORE, "sales_tax_amount", -unit.tax)


def _book_backs(basket: Basket, rows: dict[str, Figures], backs: Backs) -> None:
    for number, back in backs.units.items():
        row = rows[basket.units[number].sku.id]
        row.add(REVENUE, "refund_subtotal_before_discount_amount", -back.list_price)
        row.add(REVENUE, "seller_discount_refund_amount", back.seller_discount)
        row.add(MORE, "customer_refund_amount", -back.goods)
        row.add(MORE, "platform_discount_refund_amount", -back.platform_discount)
        row.add(MORE, "sales_tax_refund_amount", -back.tax)
        row.add(MORE, "sales_tax_amount", back.tax)


def _book_fees(
    order: Order,
    basket: Basket,
    rows: dict[str, Figures],
    sold: list[int],
    deal: Deal | None,
) -> None:
    """Of what is left of the revenue; `sold` is what it was before anything went
    back, by SKU. A fee for the order as a whole stays."""
    terms = TERMS[order.shop.region.code]
    rates = _rates(terms, basket)
    for (sku_id, row), before in zip(rows.items(), sold, strict=True):
        left = row.revenue
        for name, rate in rates:
            row.add(FEE, name, -share_of(left, rate))
        if terms.refund_administration:
            given_up = share_of(before, rates[0][1]) - share_of(left, rates[0][1])
            kept = share_of(given_up, terms.refund_administration)
            row.add(FEE, "refund_administration_fee_amount", -kept)
        for name, rate in terms.taxes:
            row.add(TAX, name, -share_of(left, rate))
        for name, rate in terms.taxes_on_fees:
            row.add(TAX, name, -share_of(-row.total(FEE), rate))
        if deal and deal.covers(basket, sku_id):
            for name, amount in deal.commissions(left).items():
                row.add(FEE, name, -amount)
    if not order.kind.is_free:
        for name, amount in terms.per_order:
            for row, part in zip(rows.values(), shared(amount, sold), strict=True):
                row.add(FEE, name, -part)


def _rates(terms: Terms, basket: Basket) -> tuple[tuple[str, int], ...]:
    rates = terms.fees
    if basket.shipping_platform_discount:
        rates += terms.shipping_program
    if basket.platform_discount:
        rates += terms.voucher_program
    return rates
