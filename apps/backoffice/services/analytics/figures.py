"""What shops brought in over a period, in one currency: every figure that is shown.

Three clocks that are never mixed: GMV and net by the day of payment, settled by the
day of settlement. A sum in the base currency holds only what there was a rate for; the
rest is in `left_out`.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from apps.backoffice.models import SalesDay
from apps.backoffice.services.analytics import sums
from apps.backoffice.services.analytics.sums import Amounts, Factors, Row, Span
from apps.finance.rules.rates import Rate, RateTable
from apps.finance.services.rates import rate_table
from apps.platforms.models import Shop

DAY = timedelta(days=1)
_ZERO = Decimal(0)
K = TypeVar("K", bound=Hashable)
Split = SalesDay.Split


@dataclass(frozen=True, slots=True)
class Ask:
    """`since` and `until` are the shops' own days, both included; settled money is of
    the UTC days of the same dates."""

    shops: Sequence[Shop]
    since: date
    until: date
    base: str

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def span(self) -> Span:
        return Span([shop.pk for shop in self.shops], self.since, self.until)

    def before(self) -> "Ask":
        """The same number of days just before."""
        length = timedelta(days=self.days)
        return replace(self, since=self.since - length, until=self.until - length)


@dataclass(slots=True)
class Figures:
    """In the base currency; `orders` counts cancelled ones, too, `units` does not."""

    money: Amounts = field(default_factory=Amounts)
    orders: int = 0
    units: int = 0

    @property
    def gmv(self) -> Decimal:
        return self.money.gmv

    @property
    def net(self) -> Decimal:
        return self.money.net

    @property
    def order_value(self) -> Decimal | None:
        """What an order is worth on average."""
        return self.money.gmv / self.orders if self.orders else None

    @property
    def refund_rate(self) -> Decimal | None:
        """What of the money that was not cancelled went back, 0..1."""
        kept = self.money.gmv - self.money.cancelled
        return self.money.refunds / kept if kept > 0 else None

    def share_of(self, whole: "Figures") -> Decimal | None:
        return part(self.gmv, whole.gmv)

    def add(self, row: Row) -> None:
        self.money += row.base
        self.orders += row.orders
        self.units += row.units


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """A shop's sales in one of its currencies. `rate` is the newest that was used, None
    where none is needed or known; `effective_rate` is what a unit was worth over
    all."""

    shop: Shop
    currency: str
    own: Amounts
    own_orders: int
    figures: Figures
    rate: Rate | None

    @property
    def left_out(self) -> int:
        """Orders that no rate is known for."""
        return self.own_orders - self.figures.orders

    @property
    def effective_rate(self) -> Decimal | None:
        if self.left_out:
            return None
        return part(self.figures.gmv, self.own.gmv)

    @property
    def own_order_value(self) -> Decimal | None:
        return self.own.gmv / self.own_orders if self.own_orders else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Orders of a shop that are in no sum: no rate of `currency` for these days."""

    shop: Shop
    currency: str
    days: list[date]
    orders: int
    gmv: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    amount: Decimal
    transactions: int
    left_out: int


class Report:
    """Figures of what was asked; each is one statement, and the rates are read once."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.span = ask.span

    @cached_property
    def currencies(self) -> set[str]:
        """Those of the shops and of what was sold and settled."""
        found = {shop.currency for shop in self.ask.shops}
        found |= {row.key[0] for row in sums.sales(self.span, ["currency"], {})}
        return found | {row.key[0] for row in sums.settled(self.span, ["currency"], {})}

    @cached_property
    def table(self) -> RateTable:
        """A shop's day can be a UTC day earlier or later."""
        needed = {*self.currencies, self.ask.base}
        return rate_table(self.ask.since - DAY, self.ask.until + DAY, needed)

    @cached_property
    def factors(self) -> Factors:
        found: dict[tuple[str, date], Decimal] = {}
        days = [self.ask.since + n * DAY for n in range(-1, self.ask.days + 1)]
        for currency in self.currencies:
            for day in days:
                rate = self.table.rate(currency, self.ask.base, day)
                if rate is not None:
                    found[currency, day] = rate.factor
        return found

    @cached_property
    def total(self) -> Figures:
        rows = sums.sales(self.span, [], self.factors)
        return _added(rows, lambda row: ()).get((), Figures())

    @property
    def has_sales(self) -> bool:
        """Also of those that no rate is known for."""
        return any(each.own_orders for each in self.by_shop)

    @cached_property
    def by_shop(self) -> list[ShopFigures]:
        """Each of the shops in each currency it sold in, best first; shops that sold
        nothing among them."""
        named = {shop.pk: shop for shop in self.ask.shops}
        rows = sums.sales(self.span, ["shop_id", "currency"], self.factors)
        found = [
            ShopFigures(
                named[row.key[0]],
                row.key[1],
                row.own,
                row.all_orders,
                Figures(row.base, row.orders, row.units),
                self._rate_of(row.key[1], row.last_on),
            )
            for row in rows
        ]
        idle = named.keys() - {each.shop.pk for each in found}
        found += [
            ShopFigures(named[key], named[key].currency, Amounts(), 0, Figures(), None)
            for key in idle
        ]
        return sorted(
            found, key=lambda one: (-one.figures.net, str(one.shop), one.currency)
        )

    @cached_property
    def by_day(self) -> dict[date, Figures]:
        """Every day of the period, also those with nothing."""
        rows = sums.sales(self.span, ["day"], self.factors)
        found = _added(rows, lambda row: row.key[0])
        days = (self.ask.since + n * DAY for n in range(self.ask.days))
        return {day: found.get(day, Figures()) for day in days}

    def by_day_of(self, shops: Iterable[Shop]) -> dict[int, dict[date, Figures]]:
        """{shop's key: {day: its figures}}, of some of the shops."""
        keys = [shop.pk for shop in shops]
        span = Span(keys, self.ask.since, self.ask.until)
        found: dict[int, dict[date, Figures]] = {key: {} for key in keys}
        for row in sums.sales(span, ["shop_id", "day"], self.factors):
            found[row.key[0]].setdefault(row.key[1], Figures()).add(row)
        return found

    def by_shops(self, name: Callable[[Shop], Hashable]) -> dict[Hashable, Figures]:
        """By something that each shop has one of, as its client; best first."""
        found: dict[Hashable, Figures] = {}
        for each in self.by_shop:
            sum_ = found.setdefault(name(each.shop), Figures())
            sum_.money += each.figures.money
            sum_.orders += each.figures.orders
            sum_.units += each.figures.units
        return _best_first(found)

    @cached_property
    def by_channel(self) -> dict[str, Figures]:
        return self._by_key(Split.CHANNEL)

    @cached_property
    def by_creator(self) -> dict[str, Figures]:
        """{key of a creator, blank for none: their figures}"""
        return self._by_key(Split.CREATOR)

    @cached_property
    def by_item(self) -> dict[tuple[int, str], Figures]:
        """{(shop's key, item): its figures}; an order counts with each of its items."""
        rows = sums.sales(self.span, ["shop_id", "key"], self.factors, split=Split.ITEM)
        return _added(rows, lambda row: row.key)

    @cached_property
    def season(self) -> dict[tuple[int, int], Figures]:
        """{(weekday, hour): its figures}, by each shop's own clock; 0 is Monday."""
        rows = sums.sales_by_hour(self.span, ["weekday", "hour"], self.factors)
        return _added(rows, lambda row: row.key)

    @cached_property
    def settled(self) -> Settled:
        for row in sums.settled(self.span, [], self.factors):
            return Settled(row.base, row.transactions, row.left_out)
        return Settled(_ZERO, 0, 0)

    @cached_property
    def settled_by_shop(self) -> dict[int, Decimal]:
        rows = sums.settled(self.span, ["shop_id"], self.factors)
        return {row.key[0]: row.base for row in rows}

    @cached_property
    def left_out(self) -> list[LeftOut]:
        """What no rate is known for. One more statement where there is any."""
        if not any(each.left_out for each in self.by_shop):
            return []
        named = {shop.pk: shop for shop in self.ask.shops}
        rows = sums.sales(self.span, ["shop_id", "currency", "rate_on"], self.factors)
        found: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.key[1:] not in self.factors:
                found[row.key[:2]].append(row)
        return [
            LeftOut(
                named[shop],
                currency,
                sorted(row.key[2] for row in some),
                sum(row.all_orders for row in some),
                sum((row.own.gmv for row in some), _ZERO),
            )
            for (shop, currency), some in sorted(found.items())
        ]

    @cached_property
    def is_provisional(self) -> bool:
        """Whether the newest rate is older than the last day with sales, as before the
        day's publication."""
        foreign = self.currencies - {self.ask.base}
        newest = max(self.table.rows, default=None)
        last = max((d for d, each in self.by_day.items() if each.orders), default=None)
        return bool(foreign and newest and last and newest < last)

    def _rate_of(self, currency: str, on: date | None) -> Rate | None:
        if on is None or currency == self.ask.base:
            return None
        return self.table.rate(currency, self.ask.base, on)

    def _by_key(self, split: Split) -> dict[str, Figures]:
        rows = sums.sales(self.span, ["key"], self.factors, split=split)
        return _best_first(_added(rows, lambda row: row.key[0]))


def part(some: Decimal, whole: Decimal) -> Decimal | None:
    """None of nothing."""
    return some / whole if whole > 0 else None


def _added(rows: Iterable[Row], key: Callable[[Row], K]) -> dict[K, Figures]:
    found: dict[K, Figures] = {}
    for row in rows:
        found.setdefault(key(row), Figures()).add(row)
    return found


def _best_first(found: dict[K, Figures]) -> dict[K, Figures]:
    return dict(sorted(found.items(), key=lambda each: (-each[1].net, str(each[0]))))
