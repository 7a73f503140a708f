"""Amounts of one currency in another, by what a euro was worth on a day.

Exact: decimals in, decimals out. What no rate is known for is said to be missing, and
never counted one to one.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

EURO = "EUR"
# A rate may be this old: over the longest holidays no bank publishes any.
MOST_DAYS_BACK = 7

# {currency: units of it that one euro buys}; None where a day has no figure for it.
Row = Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Rate:
    """`worth` units of the base for `units` of the currency, kept apart so that nothing
    is rounded before it must be. `on` is the day of the row it comes from."""

    worth: Decimal
    units: Decimal
    on: date
    days_back: int

    @property
    def factor(self) -> Decimal:
        """Units of the base that one unit of the currency is worth."""
        return self.worth / self.units

    def of(self, amount: Decimal) -> Decimal:
        return amount * self.worth / self.units


@dataclass(frozen=True, slots=True)
class Conversion:
    """`amount_base` in the base currency; all is None where the rate is missing."""

    status: Literal["ok", "missing"]
    amount_base: Decimal | None = None
    rate: Decimal | None = None
    rate_date: date | None = None
    days_back: int | None = None


MISSING = Conversion("missing")


class RateTable:
    """Rows of rates by day. Asked often for the same days: what was found is kept."""

    def __init__(self, rows: Mapping[date, Row]) -> None:
        self._rows = {on: _usable(row) for on, row in rows.items()}
        self._days = sorted(self._rows)
        self._found: dict[tuple[str, str, date], Rate | None] = {}

    @property
    def rows(self) -> Mapping[date, Mapping[str, Decimal]]:
        """{date: {currency: units per euro}}, the euro itself among them."""
        return self._rows

    def convert(
        self, amount: Decimal, currency: str, base: str, on: date
    ) -> Conversion:
        """`amount` of `currency` in `base`; `on` is the UTC date of payment, also for
        the payment's refunds and commissions, so that these net to exactly nothing."""
        rate = self.rate(currency, base, on)
        if rate is None:
            return MISSING
        return Conversion("ok", rate.of(amount), rate.factor, rate.on, rate.days_back)

    def rate(self, currency: str, base: str, on: date) -> Rate | None:
        """The newest one of that day or the seven before it; None if there is none."""
        key = (currency, base, on)
        try:
            return self._found[key]
        except KeyError:
            rate = self._found[key] = self._look_up(currency, base, on)
            return rate

    def _look_up(self, currency: str, base: str, on: date) -> Rate | None:
        if currency == base:
            return Rate(Decimal(1), Decimal(1), on, 0)
        for at in range(bisect_right(self._days, on) - 1, -1, -1):
            day = self._days[at]
            days_back = (on - day).days
            if days_back > MOST_DAYS_BACK:
                return None
            row = self._rows[day]
            if currency in row and base in row:
                return Rate(row[base], row[currency], day, days_back)
        return None


def _usable(row: Row) -> dict[str, Decimal]:
    """What a row says, without its gaps; a euro is worth a euro."""
    return {code: rate for code, rate in row.items() if rate and rate > 0} | {
        EURO: Decimal(1)
    }
