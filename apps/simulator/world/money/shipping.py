"""Who pays the carrier: an order's shipping in the seller's books, over the SKUs."""

from collections.abc import Sequence

from apps.simulator.world.aftersales.money import shared
from apps.simulator.world.basket import Basket
from apps.simulator.world.money.figures import MORE, SHIPPING, SHIPPING_MORE, Figures
from apps.simulator.world.money.going_back import Backs
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import roll


def book_shipping(
    order: Order, basket: Basket, rows: dict[str, Figures], weights: Sequence[int]
) -> None:
    """What was paid for the way to the buyer; `weights` are the rows' shares."""
    discount = basket.shipping_platform_discount + basket.shipping_cofunded_discount
    _spread(rows, weights, SHIPPING, {
        "customer_paid_shipping_fee_amount": basket.shipping_fee,
        "shipping_fee_discount_amount": discount,
    })  # fmt: skip
    _spread(rows, weights, SHIPPING_MORE, {
        "customer_shipping_fee": basket.original_shipping_fee,
        "platform_shipping_fee_discount_amount": discount,
        "seller_shipping_fee_discount_amount": -basket.shipping_seller_discount,
    })  # fmt: skip
    fee = basket.retail_delivery_fee
    _spread(rows, weights, MORE, {
        "retail_delivery_fee_payment_amount": fee,
        "retail_delivery_fee_amount": -fee,
    })  # fmt: skip
    if order.shipping_type == "TIKTOK":
        cost = _cost(order, basket)
        _spread(rows, weights, SHIPPING, {_name_of_cost(order): -cost})
        by = "fbt" if order.is_fulfilled_by_platform else "fbm"
        _spread(rows, weights, SHIPPING_MORE, {f"{by}_shipping_cost_amount": -cost})


def book_ways_back(
    order: Order, basket: Basket, rows: dict[str, Figures], backs: Backs
) -> None:
    for unit, back in backs.units.items():
        row = rows[basket.units[unit].sku.id]
        row.add(SHIPPING, "customer_paid_shipping_fee_amount", -back.shipping)
        row.add(SHIPPING_MORE, "refund_customer_shipping_fee", -back.shipping)
        row.add(MORE, "retail_delivery_fee_refund_amount", -back.delivery_fee)
        row.add(MORE, "retail_delivery_fee_amount", back.delivery_fee)
    if order.shipping_type == "TIKTOK":
        region = order.shop.region
        is_american = region.code == "US"
        word = "label_fee_amount" if is_american else "fee_amount"
        for unit in backs.parcels:
            row = rows[basket.units[unit].sku.id]
            row.add(SHIPPING, f"return_shipping_{word}", -2 * region.step)


def _cost(order: Order, basket: Basket) -> int:
    """What the platform's carrier takes: about what the buyer was shown."""
    shown = basket.original_shipping_fee or 3 * order.shop.region.step
    return shown * (90 + roll("carrier", order.id) % 41) // 100


def _name_of_cost(order: Order) -> str:
    if order.kind.is_replacement:
        return "replacement_shipping_fee_amount"
    if order.kind.is_exchange:
        return "exchange_shipping_fee_amount"
    return "actual_shipping_fee_amount"


def _spread(
    rows: dict[str, Figures],
    weights: Sequence[int],
    section: str,
    amounts: dict[str, int],
) -> None:
    for name, amount in amounts.items():
        if amount:
            parts = shared(abs(amount), weights)
            sign = 1 if amount > 0 else -1
            for row, part in zip(rows.values(), parts, strict=True):
                row.add(section, name, sign * part)
