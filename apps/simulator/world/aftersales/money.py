"""What goes back to a buyer, unit by unit, and to the cent what the order cost.

Amounts are integers in the currency's smallest unit. What belongs to no unit, shipping
with its tax and the delivery fee, goes back with the last units, shared by their price.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.simulator.world.basket import Basket, fill_basket
from apps.simulator.world.orders import Order


@dataclass(frozen=True, slots=True)
class Refund:
    subtotal: int = 0
    shipping: int = 0
    tax: int = 0
    delivery_fee: int = 0

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax + self.delivery_fee

    def __add__(self, other: "Refund") -> "Refund":
        return Refund(
            self.subtotal + other.subtotal,
            self.shipping + other.shipping,
            self.tax + other.tax,
            self.delivery_fee + other.delivery_fee,
        )


def basket_of(order: Order) -> Basket:
    return fill_basket(order, random.Random(order.seed))


def whole(refunds: Iterable[Refund]) -> Refund:
    return sum(refunds, Refund())


def refunds_of(
    order: Order, units: Sequence[int], *, with_shipping: bool
) -> dict[int, Refund]:
    """By unit."""
    basket = basket_of(order)
    prices = [basket.units[unit].sale_price for unit in units]
    nothing = [0] * len(units)
    shipping = shared(basket.shipping_fee, prices) if with_shipping else nothing
    more_tax = shared(basket.shipping_tax, prices) if with_shipping else nothing
    fees = shared(basket.retail_delivery_fee, prices) if with_shipping else nothing
    return {
        unit: Refund(
            subtotal=prices[n],
            shipping=shipping[n],
            tax=basket.units[unit].tax + more_tax[n],
            delivery_fee=fees[n],
        )
        for n, unit in enumerate(units)
    }


def part_of(refunds: dict[int, Refund], amount: int) -> dict[int, Refund]:
    """These refunds cut down to `amount` in all, each in proportion; within a unit
    what the goods cost goes first."""
    totals = [refund.total for refund in refunds.values()]
    parts = shared(amount, totals)
    cut = {}
    for (unit, refund), part in zip(refunds.items(), parts, strict=True):
        tax = part * refund.tax // refund.total if refund.total else 0
        subtotal = min(part - tax, refund.subtotal)
        shipping = min(part - tax - subtotal, refund.shipping)
        fee = part - tax - subtotal - shipping
        cut[unit] = Refund(subtotal, shipping, tax, fee)
    return cut


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in whole parts, as near to the weights as can be; what is left over
    goes to the largest remainders, the first of them first."""
    total = sum(weights)
    if not total:
        weights, total = [1] * len(weights), len(weights)
    if not total:
        return []
    parts = [amount * weight // total for weight in weights]
    rests = [amount * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-rests[n], n))
    for n in order[: amount - sum(parts)]:
        parts[n] += 1
    return parts
