"""Money that refuses to be added across currencies. Plain Python."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

# ISO 4217 minor units that differ from two; IDR has two on paper and none in use.
_DECIMALS = {"IDR": 0, "VND": 0, "JPY": 0, "KRW": 0, "CLP": 0}


class CurrencyMismatch(Exception):
    """Two currencies were added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in major units of an ISO 4217 currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: Self) -> "Money":
        self._same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Self) -> "Money":
        self._same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def rounded(self) -> "Money":
        """To the decimals usual for the currency, half away from zero."""
        step = Decimal(1).scaleb(-decimals(self.currency))
        return Money(self.amount.quantize(step, ROUND_HALF_UP), self.currency)

    def exact(self) -> "Money":
        """With the decimals usual for the currency; of a part of a cent, with all."""
        usual = self.rounded()
        if usual.amount == self.amount:
            return usual
        return Money(self.amount.normalize(), self.currency)

    def __str__(self) -> str:
        return f"{self.currency} {self.rounded().amount:,}"

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} cannot be added; convert first."
            )


def decimals(currency: str) -> int:
    """Decimals people use when they write an amount of this currency."""
    return _DECIMALS.get(currency, 2)
