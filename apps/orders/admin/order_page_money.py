"""What an order costs, who paid which part of it, and what is left after refunds."""

from decimal import Decimal
from typing import Any, NamedTuple

from apps.core.money import Money
from apps.orders.models import Order


class Row(NamedTuple):
    name: str
    amount: Money
    is_sum: bool = False
    note: str = ""


def money_context(order: Order) -> dict[str, Any]:
    """For templates/orders/order_money.html. Rows no source told of are left out."""
    return {"money": [row for row in _rows(order) if row is not None]}


def remaining(order: Order) -> Decimal | None:
    """What the buyer has paid and not got back; None where nothing was told."""
    if order.total_amount is None:
        return None
    left: Decimal = order.total_amount - (order.refund_amount or Decimal(0))
    return left


def _rows(order: Order) -> list[Row | None]:
    def row(
        name: str,
        amount: Decimal | None,
        sign: int = 1,
        *,
        is_sum: bool = False,
        note: str = "",
    ) -> Row | None:
        if amount is None or (not is_sum and not amount and sign < 0):
            return None
        shown = Money(sign * amount if amount else amount, order.currency)
        return Row(name, shown, is_sum, note)

    refunded = bool(order.refund_amount)
    return [
        row("Products at list price", order.original_amount),
        row("Seller's discount", order.seller_discount_amount, -1),
        row("TikTok's discount", order.platform_discount_amount, -1),
        row("Products after discounts", order.subtotal_amount, is_sum=True),
        row("Shipping at list price", order.original_shipping_amount),
        row("Shipping, seller's discount", order.shipping_seller_discount_amount, -1),
        row("Shipping, TikTok's discount", order.shipping_platform_discount_amount, -1),
        row("Shipping paid by the buyer", order.shipping_amount, is_sum=True),
        row("Payment discount, from TikTok", order.payment_discount_amount, -1),
        row("Fees paid by the buyer", order.buyer_fees_amount),
        row("Tax", order.tax_amount),
        row("Total", order.total_amount, is_sum=True),
        row("Refunded", order.refund_amount, -1) if refunded else None,
        row("What remains", remaining(order), is_sum=True) if refunded else None,
    ]
