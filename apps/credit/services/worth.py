"""Orders and commissions in US dollars, and the rates that this takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from apps.credit.rules.rows import USD
from apps.credit.services.commission_rows import Earned
from apps.credit.services.order_rows import Known
from apps.finance.rules.rates import RateTable


@dataclass(frozen=True, slots=True)
class Worth:
    """Of an order, in US dollars."""

    gross: Decimal
    refund: Decimal


def narrowed(
    rates: RateTable, asked: Iterable[tuple[str, datetime | None]]
) -> RateTable:
    """Only what these (currency, moment) ask for, which gives the same answers: what is
    kept with a score."""
    used: dict[date, set[str]] = {}
    for currency, moment in asked:
        if moment is not None and currency != USD:
            rate = rates.rate(currency, USD, utc_day(moment))
            if rate is not None:
                used.setdefault(rate.on, {USD}).add(currency)
    return RateTable(
        {
            day: {code: rates.rows[day][code] for code in sorted(codes)}
            for day, codes in sorted(used.items())
        }
    )


def worth_of(orders: Iterable[Known], rates: RateTable) -> dict[int, Worth]:
    """{order key: what it came to}, of sales with a rate."""
    found = {}
    for known in orders:
        row = known.row
        if not known.is_sale or row.paid_at is None or row.value is None:
            continue
        rate = rates.rate(row.currency, USD, utc_day(row.paid_at))
        if rate is not None:
            refund = min(row.value, row.refunded)
            found[known.order.pk] = Worth(rate.of(row.value), rate.of(refund))
    return found


def commission_worth(one: Earned, rates: RateTable) -> Decimal | None:
    """As it was estimated, or else settled; None where that or the rate is missing."""
    row = one.row
    amount = row.actual if row.estimated is None else row.estimated
    return in_dollars(amount, row.currency, row.at, rates)


def in_dollars(
    amount: Decimal | None, currency: str, at: datetime | None, rates: RateTable
) -> Decimal | None:
    if amount is None or at is None:
        return None
    rate = rates.rate(currency, USD, utc_day(at))
    return None if rate is None else rate.of(amount)


def utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
