"""Which days and which money are asked for, where nobody says. No database."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from apps.platforms.models import Shop
from apps.platforms.regions import REGIONS

PRESETS = (7, 28, 90)
DEFAULT_DAYS = 28
LONGEST_DAYS = 732
_FIRST = ("USD", "EUR", "GBP")
# What sums can be told in, the usual one first.
BASES = (
    *_FIRST,
    *sorted({region.currency for region in REGIONS.values()} - set(_FIRST)),
)


def last_day(shops: Iterable[Shop], now: datetime) -> date:
    """Today, where it is latest: no shop's newest sales are left out."""
    days = [now.astimezone(shop.zone).date() for shop in shops]
    return max(days, default=now.astimezone(UTC).date())
