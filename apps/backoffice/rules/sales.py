"""What an order's lines come to in the figures. Plain Python, exact.

A line's value is what its goods cost after the seller's discount: what the buyer paid
for them and what the platform added, without shipping and tax. The platform counts its
sales so: "SKU subtotal after discount" plus "SKU platform discount".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_STEP = Decimal("0.0001")
_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a paid order.

    `paid` is the buyer's part of its goods, `added` the platform's. `called_off`,
    `back` and `refunded_units` count units: cancelled, returned as a file tells, and
    paid back by returns. `cancel_refund` and `refund` are the money of cancellations
    and returns that pays for goods, None where none tells.
    """

    quantity: int
    paid: Decimal
    added: Decimal = _ZERO
    is_gift: bool = False
    called_off: int = 0
    back: int = 0
    refunded_units: int = 0
    cancel_refund: Decimal | None = None
    refund: Decimal | None = None

    @property
    def value(self) -> Decimal:
        return self.paid + self.added


@dataclass(frozen=True, slots=True)
class Sales:
    """`cancelled` and `refunds` are parts of `gmv` and never more than all of it."""

    gmv: Decimal
    cancelled: Decimal
    refunds: Decimal
    units: int

    @property
    def net(self) -> Decimal:
        return self.gmv - self.cancelled - self.refunds


def sales_of(
    lines: Sequence[Sold], *, is_cancelled: bool, order_refund: Decimal | None = None
) -> list[Sales]:
    """One for each line. `order_refund` is all that went back to the buyer, which is
    spread over the lines only where no return says what it was for."""
    if is_cancelled:
        return [Sales(line.value, line.value, _ZERO, 0) for line in lines]
    cancelled = [_cancelled_share(line) for line in lines]
    refunded = _refunded_shares(lines, cancelled, order_refund)
    return [
        _sales(line, off, back)
        for line, off, back in zip(lines, cancelled, refunded, strict=True)
    ]


def _sales(line: Sold, cancelled_share: Decimal, refunded_share: Decimal) -> Sales:
    cancelled = _part(line.value, cancelled_share)
    refunds = min(line.value - cancelled, _part(line.value, refunded_share))
    units = 0 if line.is_gift else max(0, line.quantity - line.called_off)
    return Sales(line.value, cancelled, refunds, units)


def _cancelled_share(line: Sold) -> Decimal:
    """By units, or by the money that went back for it where that is more."""
    by_units = Decimal(min(line.called_off, line.quantity)) / line.quantity
    by_money = _share(line.cancel_refund or _ZERO, line.paid)
    return max(by_units, by_money)


def _refunded_shares(
    lines: Sequence[Sold], cancelled: Sequence[Decimal], order_refund: Decimal | None
) -> list[Decimal]:
    if any(line.refund is not None for line in lines) or not order_refund:
        return [_refunded_share(line) for line in lines]
    explained = [line.paid * off for line, off in zip(lines, cancelled, strict=True)]
    left = max(_ZERO, order_refund - sum(explained, _ZERO))
    rest = [line.paid - off for line, off in zip(lines, explained, strict=True)]
    if any(line.back for line in lines):
        rest = [
            min(most, line.paid * min(line.back, line.quantity) / line.quantity)
            for line, most in zip(lines, rest, strict=True)
        ]
    spread = _share(left, sum(rest, _ZERO))
    return [
        _share(most * spread, line.paid) for line, most in zip(lines, rest, strict=True)
    ]


def _refunded_share(line: Sold) -> Decimal:
    """What the platform had paid for alone goes back by the piece."""
    if not line.paid and line.added:
        return Decimal(min(line.refunded_units, line.quantity)) / line.quantity
    return _share(line.refund or _ZERO, line.paid)


def _share(part: Decimal, whole: Decimal) -> Decimal:
    if whole <= 0 or part <= 0:
        return _ZERO
    return min(_ONE, part / whole)


def _part(value: Decimal, share: Decimal) -> Decimal:
    return value if share == _ONE else (value * share).quantize(_STEP, ROUND_HALF_UP)
