"""The table of rates, read; and amounts of many currencies in one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from apps.finance.models import ExchangeRate
from apps.finance.rules.rates import MOST_DAYS_BACK, Conversion, RateTable


def rate_table(
    since: date, until: date, currencies: Collection[str] | None = None
) -> RateTable:
    """What is needed to convert amounts of [since, until]: one query. `currencies`
    (all if None) must name the base as well."""
    rows = ExchangeRate.objects.filter(
        on__gte=since - timedelta(days=MOST_DAYS_BACK), on__lte=until
    )
    if currencies is not None:
        rows = rows.filter(currency__in=currencies)
    days: dict[date, dict[str, Decimal]] = {}
    for on, currency, per_euro in rows.order_by().values_list(
        "on", "currency", "per_euro"
    ):
        days.setdefault(on, {})[currency] = per_euro
    return RateTable(days)


@dataclass(slots=True)
class BaseSum:
    """Amounts added up in `base`. What no rate is known for is left out and listed:
    {(currency, day): its amount}. `rates` are those used, {(currency, day): …}."""

    base: str
    amount: Decimal = Decimal(0)
    left_out: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    rates: dict[tuple[str, date], Conversion] = field(default_factory=dict)

    def add(self, table: RateTable, amount: Decimal, currency: str, on: date) -> None:
        converted = table.convert(amount, currency, self.base, on)
        if converted.amount_base is None:
            known = self.left_out.get((currency, on), Decimal(0))
            self.left_out[currency, on] = known + amount
            return
        self.amount += converted.amount_base
        if currency != self.base:
            self.rates[currency, on] = converted

    @property
    def is_provisional(self) -> bool:
        """Whether a rate is older than its day: the day's own may still come."""
        return any(used.days_back for used in self.rates.values())


def base_sum(
    table: RateTable, base: str, amounts: Iterable[tuple[Decimal, str, date]]
) -> BaseSum:
    """The sum of (amount, currency, UTC day of payment)."""
    total = BaseSum(base)
    for amount, currency, on in amounts:
        total.add(table, amount, currency, on)
    return total


def newest_rates(currencies: Collection[str]) -> Mapping[str, date]:
    """{currency: the day of its newest rate}, of those that have one."""
    rows = ExchangeRate.objects.filter(currency__in=currencies).order_by("on")
    return dict(rows.values_list("currency", "on"))
