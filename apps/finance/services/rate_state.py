"""Which rates are missing, of the currencies our shops have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from apps.finance.models import ExchangeRate
from apps.finance.services.rate_loading import EURO
from apps.platforms.models import Shop

# As far as a credit score and a quarter's figures look.
LOOK_BACK_DAYS = 120
# The ECB's weekend is two days, with a holiday beside it three.
LONGEST_PAUSE_DAYS = 3


@dataclass(frozen=True, slots=True)
class CurrencyState:
    """`gaps` are [first, last] days without a rate, longer than a long weekend;
    `newest` is None where there is no rate at all."""

    currency: str
    shops: int
    newest: date | None
    gaps: tuple[tuple[date, date], ...]
    today: date

    @property
    def age_days(self) -> int | None:
        return None if self.newest is None else (self.today - self.newest).days

    @property
    def is_late(self) -> bool:
        return self.age_days is None or self.age_days > LONGEST_PAUSE_DAYS


def currency_states(today: date) -> list[CurrencyState]:
    """One for each currency of our shops but the euro, those in trouble first."""
    shops: dict[str, int] = {}
    for currency in Shop.objects.order_by().values_list("currency", flat=True):
        shops[currency] = shops.get(currency, 0) + 1
    shops.pop(EURO, None)
    since = today - timedelta(days=LOOK_BACK_DAYS)
    days: dict[str, list[date]] = {currency: [] for currency in shops}
    rows = ExchangeRate.objects.filter(currency__in=shops, on__gt=since, on__lte=today)
    for currency, on in rows.order_by("on").values_list("currency", "on"):
        days[currency].append(on)
    states = [
        CurrencyState(
            currency,
            count,
            max(days[currency], default=None),
            tuple(_gaps(days[currency])),
            today,
        )
        for currency, count in sorted(shops.items())
    ]
    return sorted(states, key=lambda state: (not state.is_late, not state.gaps))


def _gaps(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    for before, after in pairwise(days):
        if (after - before).days - 1 > LONGEST_PAUSE_DAYS:
            yield before + timedelta(days=1), after - timedelta(days=1)
