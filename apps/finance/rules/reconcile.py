"""Whether money adds up, and by how much it does not. No database.

Amounts are signed and added: settlement = revenue + shipping + fees and taxes +
adjustment (the platform's documents subtract, its figures do not). Nothing is forced:
a difference is what the parts come to beyond the whole, to the last decimal told. None
means that it cannot be told, which is no agreement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.core.money import Money

ZERO = Decimal(0)
# Of a rate, which is told with six decimals.
_HALF_A_STEP = Decimal("0.0000005")
Amount = Decimal | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a settlement is made of."""

    settlement: Amount
    revenue: Amount = None
    shipping: Amount = None
    fee_tax: Amount = None
    adjustment: Amount = None

    @property
    def told(self) -> list[Decimal]:
        parts = (self.revenue, self.shipping, self.fee_tax, self.adjustment)
        return [part for part in parts if part is not None]


def difference_of(parts: Parts) -> Amount:
    """What the parts come to beyond what was settled; None where no part is told."""
    if parts.settlement is None or not parts.told:
        return None
    return sum(parts.told, ZERO) - parts.settlement


def difference_of_rows(whole: Amount, rows: Iterable[Amount]) -> Amount:
    """What rows come to beyond their whole; None without rows, or where one does not
    say."""
    amounts = list(rows)
    known = [amount for amount in amounts if amount is not None]
    if whole is None or not known or len(known) != len(amounts):
        return None
    return sum(known, ZERO) - whole


def unnamed_of(total: Amount, named: Iterable[Decimal]) -> Amount:
    """What of a total no part by name accounts for; None where none is named."""
    parts = list(named)
    if total is None or not parts:
        return None
    return total - sum(parts, ZERO)


@dataclass(frozen=True, slots=True)
class Payout:
    """A payment, and the statements it is for: what was settled in each, None where a
    statement does not say. `is_complete` whether all of them are known."""

    amount: Decimal
    currency: str
    settlement: Amount = None
    settlement_currency: str = ""
    reserve: Amount = None
    before_exchange: Amount = None
    rate: Amount = None
    statements: Sequence[Amount] = ()
    is_complete: bool = True


def difference_of_payment(paid: Payout) -> Amount:
    """What settlement and reserve, exchanged, come to beyond what was paid.

    In one currency exactly. After an exchange to the minor unit, as far as the sixth
    decimal of the rate tells: of a large amount it hides more than one.
    """
    before = paid.before_exchange
    if paid.settlement is not None:
        kept = paid.settlement + (paid.reserve or ZERO)
        if before is not None and kept != before:
            return kept - before
        before = kept
    if before is None:
        return None
    source = paid.settlement_currency or paid.currency
    if source == paid.currency and (paid.rate is None or paid.rate == 1):
        return before - paid.amount
    if paid.rate is None:
        return None
    least, most = sorted(
        _exchanged(before, rate, paid.currency)
        for rate in (paid.rate - _HALF_A_STEP, paid.rate + _HALF_A_STEP)
    )
    if least <= paid.amount <= most:
        return ZERO
    return _exchanged(before, paid.rate, paid.currency) - paid.amount


def _exchanged(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    return Money(amount * rate, currency).rounded().amount


def difference_of_statements(paid: Payout) -> Amount:
    """What the payment's statements come to beyond what it says was settled."""
    if not paid.is_complete:
        return None
    return difference_of_rows(paid.settlement, paid.statements)


def is_off(*differences: Amount) -> bool:
    """Whether one of them is told and not zero."""
    return any(differences)
