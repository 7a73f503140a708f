"""What lines and settlements of a period come to, over shops and currencies.

GMV is what buyers paid, cancelled and refunded or not; net is GMV without both. What
was settled is another clock, by settlement date and after fees: it stands beside net
and is never taken from it.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from apps.finance.rules.rates import RateTable

UNPAID, CANCELLED = "UNPAID", "CANCELLED"
_ZERO = Decimal(0)
Row = TypeVar("Row", "Line", "Settlement")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `amount` is what was paid for all of it. `line_id` None: one
    that cannot be told from others, so it is taken as it is."""

    shop_id: str
    order_id: str
    line_id: str | None
    paid_at: datetime | None
    amount: Decimal
    currency: str
    status: str
    refunded: Decimal = _ZERO
    quantity: int = 1
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Settlement:
    """Money paid out; `at` is a date where no more is known."""

    shop_id: str
    at: date | datetime
    amount: Decimal
    currency: str
    settlement_id: str | None = None


@dataclass(slots=True)
class Sums:
    """In the base currency. `units` are of lines that were not cancelled."""

    gmv: Decimal = _ZERO
    cancelled: Decimal = _ZERO
    refunds: Decimal = _ZERO
    settled: Decimal = _ZERO
    units: int = 0
    order_keys: set[tuple[str, str]] = field(default_factory=set)

    @property
    def net(self) -> Decimal:
        return self.gmv - self.cancelled - self.refunds

    @property
    def orders(self) -> int:
        """Different paid orders, those cancelled later among them."""
        return len(self.order_keys)


@dataclass(frozen=True, slots=True)
class Revenue:
    """Every day of the period and every shop is there, also with nothing in it.
    `fx_missing` lines and settlements are in no sum."""

    total: Sums
    by_day: dict[date, Sums]
    by_shop: dict[str, Sums]
    fx_missing: int


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included, by the shops' own calendars ({shop: zone}),
    or by that of `zone` for all."""

    since: date
    until: date
    zones: Mapping[str, ZoneInfo]
    zone: ZoneInfo | None = None

    def day_of(self, shop_id: str, moment: date | datetime) -> date | None:
        """None for what is not in the period."""
        day = moment
        if isinstance(moment, datetime):
            zone = self.zone or self.zones.get(shop_id) or UTC
            day = moment.astimezone(zone).date()
        return day if self.since <= day <= self.until else None

    def days(self) -> list[date]:
        length = (self.until - self.since).days + 1
        return [self.since + timedelta(days=n) for n in range(length)]


def revenue(
    lines: Iterable[Line],
    settlements: Iterable[Settlement],
    *,
    period: Period,
    rates: RateTable,
    base: str,
) -> Revenue:
    """Of a line or settlement that comes again, the last one counts."""
    found = Revenue(
        Sums(),
        {day: Sums() for day in period.days()},
        {shop_id: Sums() for shop_id in period.zones},
        0,
    )
    missing = 0
    for line in _last(lines):
        missing += not _add_line(found, line, period, rates, base)
    for settlement in _last(settlements):
        missing += not _add_settlement(found, settlement, period, rates, base)
    return Revenue(found.total, found.by_day, found.by_shop, missing)


def _add_line(
    found: Revenue, line: Line, period: Period, rates: RateTable, base: str
) -> bool:
    """Whether there was a rate for it, if it counts at all."""
    status = line.status.upper()
    if line.paid_at is None or line.is_sample or status == UNPAID:
        return True
    day = period.day_of(line.shop_id, line.paid_at)
    if day is None:
        return True
    rate = rates.rate(line.currency, base, _utc_date(line.paid_at))
    if rate is None:
        return False
    amount = rate.of(line.amount)
    refunded = rate.of(min(line.amount, line.refunded))
    for sums in _places(found, day, line.shop_id):
        sums.gmv += amount
        sums.order_keys.add((line.shop_id, line.order_id))
        if status == CANCELLED:
            sums.cancelled += amount
        else:
            sums.refunds += refunded
            sums.units += line.quantity
    return True


def _add_settlement(
    found: Revenue, given: Settlement, period: Period, rates: RateTable, base: str
) -> bool:
    day = period.day_of(given.shop_id, given.at)
    if day is None:
        return True
    rate = rates.rate(given.currency, base, _utc_date(given.at))
    if rate is None:
        return False
    for sums in _places(found, day, given.shop_id):
        sums.settled += rate.of(given.amount)
    return True


def _places(found: Revenue, day: date, shop_id: str) -> list[Sums]:
    shop = found.by_shop.setdefault(shop_id, Sums())
    return [found.total, found.by_day[day], shop]


def _utc_date(moment: date | datetime) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).date()
    return moment


def _last(rows: Iterable[Row]) -> Iterable[Row]:
    last: dict[Hashable, Row] = {}
    for at, row in enumerate(rows):
        last[_identity(row) or at] = row
    return last.values()


def _identity(row: Line | Settlement) -> Hashable | None:
    if isinstance(row, Line):
        return row.line_id and (row.shop_id, row.order_id, row.line_id)
    return row.settlement_id and (row.shop_id, row.settlement_id)
