"""Order-level amounts, and the sums which TikTok's own columns obey.

Where a sum does not come out staff are told; it is no reason to refuse, for columns
come and go. Tolerance: one minor unit.
"""

from decimal import Decimal
from typing import NamedTuple

from apps.integrations.contracts import RemoteOrderLine
from apps.integrations.tiktok.exports.cells import ZERO, RowCells
from apps.integrations.tiktok.exports.headers import Column

AMOUNTS = (
    Column.ORDER_AMOUNT,
    Column.REFUND,
    Column.SHIPPING,
    Column.TAXES,
    Column.PAYMENT_DISCOUNT,
    Column.SHIPPING_BEFORE,
    Column.SHIPPING_SELLER,
    Column.SHIPPING_PLATFORM,
    Column.SHIPPING_SHARED,
)
FEES = (
    Column.SMALL_ORDER_FEE,
    Column.RETAIL_FEE,
    Column.DISTANCE_SHIPPING_FEE,
    Column.DISTANCE_FEE,
    Column.SERVICE_FEE,
    Column.HANDLING_FEE,
    Column.SHIPPING_INSURANCE,
    Column.ITEM_INSURANCE,
)


class OrderAmounts(NamedTuple):
    """Amounts told once per order; None if blank or missing."""

    total: Decimal | None
    refund: Decimal | None
    shipping: Decimal | None
    taxes: Decimal | None
    payment_discount: Decimal | None
    shipping_before: Decimal | None
    shipping_seller: Decimal | None
    shipping_platform: Decimal | None
    shipping_shared: Decimal | None
    fees: Decimal | None = None

    @property
    def extras(self) -> Decimal:
        """What the buyer pays beside the goods."""
        shipping_and_taxes = (self.shipping or ZERO) + (self.taxes or ZERO)
        return (
            shipping_and_taxes + (self.fees or ZERO) - (self.payment_discount or ZERO)
        )

    @property
    def shipping_by_platform(self) -> Decimal | None:
        """What the platform takes off the shipping fee, alone or with the seller."""
        told = (self.shipping_platform, self.shipping_shared)
        known = [amount for amount in told if amount is not None]
        return sum(known, ZERO) if known else None

    @property
    def shipping_expected(self) -> Decimal | None:
        """The original shipping fee less its discounts."""
        if self.shipping_before is None:
            return None
        seller = (self.shipping_seller or ZERO) + (self.shipping_shared or ZERO)
        return self.shipping_before - seller - (self.shipping_platform or ZERO)


def read_order_amounts(row: RowCells) -> OrderAmounts:
    """The order-level amounts as this row has them."""
    fees = [fee for fee in row.amounts(FEES) if fee is not None]
    told = OrderAmounts(*row.amounts(AMOUNTS))
    return told._replace(fees=sum(fees, ZERO) if fees else None)


def check_line(row: RowCells, line: RemoteOrderLine) -> None:
    """after = before - discounts; before = unit price x quantity."""
    tolerance = row.sheet.money.tolerance
    discounts = line.platform_discount_amount + line.seller_discount_amount
    if abs(line.original_amount - discounts - line.amount) > tolerance:
        row.note(
            Column.AFTER, "is not the subtotal before discount less the discounts."
        )
    if abs(line.unit_price * line.quantity - line.original_amount) > tolerance and (
        row.has(Column.BEFORE) and row.has(Column.UNIT_PRICE)
    ):
        row.note(Column.BEFORE, "is not the unit price times the quantity.")


def adds_up(row: RowCells, amounts: OrderAmounts, goods: Decimal) -> bool:
    """Order amount = goods + extras."""
    left = goods + amounts.extras - (amounts.total or ZERO)
    return abs(left) <= row.sheet.money.tolerance


def check_order(row: RowCells, amounts: OrderAmounts, goods: Decimal) -> None:
    """Order amount = goods + extras; shipping = original fee - discounts."""
    tolerance = row.sheet.money.tolerance
    if not adds_up(row, amounts, goods):
        row.note(
            Column.ORDER_AMOUNT,
            "is not the sum of its SKUs, shipping, taxes and fees.",
        )
    if amounts.refund and amounts.refund > (amounts.total or ZERO) + tolerance:
        row.note(Column.REFUND, "is more than the order's amount.")
    expected = amounts.shipping_expected
    if expected is None or not row.has(Column.SHIPPING):
        return
    if abs(expected - (amounts.shipping or ZERO)) > tolerance:
        row.note(
            Column.SHIPPING, "is not the original shipping fee less its discounts."
        )
