"""What an order should bring, what it brought, and what is late. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.core.money import Money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of an order, in the order's currency: its list price, what the seller and
    what the platform took off, what the buyer pays."""

    original: Decimal
    seller_discount: Decimal
    amount: Decimal
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """Revenue before fees. `is_exact` is False where a part was refunded: how much of
    the platform's discount goes back with it is only known when it is settled."""

    revenue: Decimal
    is_exact: bool


def expected_revenue(
    lines: Sequence[Sold], refunded: Decimal | None, *, currency: str
) -> Expected:
    """The seller's price of what was sold: the platform's own discounts are its to
    bear. Of a refund (what went back to the buyer, goods alone) the same share of the
    seller's price goes."""
    kept = [line for line in lines if not line.is_cancelled]
    revenue = sum((line.original - line.seller_discount for line in kept), ZERO)
    paid = sum((line.amount for line in kept), ZERO)
    if not refunded or refunded <= 0:
        return Expected(revenue, is_exact=True)
    if refunded >= paid:
        return Expected(ZERO, is_exact=True)
    left = revenue * (1 - refunded / paid)
    return Expected(Money(left, currency).rounded().amount, is_exact=False)


@dataclass(frozen=True, slots=True)
class Settled:
    """One appearance of an order in a statement."""

    settlement: Decimal
    revenue: Decimal | None
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """An order's money: what was expected and what came, in the order's currency.

    `revenue_gap` is what came beyond what was expected; None until something is
    settled. `estimate_gap` is what was settled beyond the platform's own estimate.
    """

    expected: Expected
    settled: Decimal | None
    revenue: Decimal | None
    revenue_gap: Decimal | None
    estimate: Decimal | None
    estimate_gap: Decimal | None
    times: int


def judge_order(
    expected: Expected, settlements: Sequence[Settled], estimate: Decimal | None
) -> Judgement:
    """Sums over all its statements: a later refund is a settlement of its own."""
    if not settlements:
        return Judgement(expected, None, None, None, estimate, None, 0)
    settled = sum((each.settlement for each in settlements), ZERO)
    revenues = [each.revenue for each in settlements if each.revenue is not None]
    revenue = sum(revenues, ZERO) if len(revenues) == len(settlements) else None
    return Judgement(
        expected=expected,
        settled=settled,
        revenue=revenue,
        revenue_gap=None if revenue is None else revenue - expected.revenue,
        estimate=estimate,
        estimate_gap=None if estimate is None else settled - estimate,
        times=len(settlements),
    )


def is_settlement_late(
    delivered_at: datetime | None, now: datetime, *, holding: timedelta
) -> bool:
    """Of an order without a settlement: whether the time it is held is over."""
    return delivered_at is not None and now - delivered_at > holding


def owed(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """{currency: sum}: two currencies are never added."""
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, ZERO) + amount
    return sums
