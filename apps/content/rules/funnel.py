"""From views to money: sums first, then ratios, so that small ones weigh little."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import overload


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a video, a creator, a day. What is not known is None and adds nothing; money
    is in one currency."""

    views: int | None = None
    clicks: int | None = None
    orders: int | None = None
    net: Decimal | None = None
    commission: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Sums, and what they make; a ratio to nothing is None."""

    views: int
    clicks: int
    orders: int
    net: Decimal
    commission: Decimal

    @property
    def ctr(self) -> float | None:
        return part(self.clicks, self.views)

    @property
    def click_to_order(self) -> float | None:
        return part(self.orders, self.clicks)

    @property
    def conversion(self) -> float | None:
        return part(self.orders, self.views)

    @property
    def per_mille(self) -> Decimal | None:
        """Net of a thousand views."""
        return part(1000 * self.net, self.views)

    @property
    def effective_commission(self) -> Decimal | None:
        return part(self.commission, self.net)


def funnel(rows: Iterable[Counts]) -> Funnel:
    """All rows together."""
    known = list(rows)
    return Funnel(
        views=sum(row.views or 0 for row in known),
        clicks=sum(row.clicks or 0 for row in known),
        orders=sum(row.orders or 0 for row in known),
        net=sum((row.net or Decimal(0) for row in known), Decimal(0)),
        commission=sum((row.commission or Decimal(0) for row in known), Decimal(0)),
    )


@overload
def part(some: int, of: int) -> float | None: ...
@overload
def part(some: Decimal, of: Decimal | int) -> Decimal | None: ...
def part(some: int | Decimal, of: int | Decimal) -> float | Decimal | None:
    """Nothing has no parts: None."""
    return some / of if of else None
