"""What a publication says of one currency on one day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


class UnreadableRates(Exception):
    """A file or an answer that holds no rates; `str()` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """`per_euro` units of `currency` are one euro."""

    on: date
    currency: str
    per_euro: Decimal


def quote(on: date, currency: str, written: str) -> Quote:
    """Raises UnreadableRates where it is no rate."""
    try:
        per_euro = Decimal(written)
    except ArithmeticError:
        per_euro = Decimal(0)
    if not per_euro.is_finite() or not Decimal("1e-8") <= per_euro < Decimal("1e12"):
        raise UnreadableRates(f"“{written[:20]}” is no rate of {currency} on {on}.")
    return Quote(on, currency, per_euro)


def day(written: str) -> date:
    """Raises UnreadableRates for what is no date as 2025-12-05."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        raise UnreadableRates(
            f"“{written.strip()[:20]}” is no date as 2025-12-05."
        ) from None
