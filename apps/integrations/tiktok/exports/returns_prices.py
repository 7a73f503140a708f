"""“Return unit price”: of one unit in some files, of the whole line in others.

Which it is shows in rows of several units: by the refund, by the order's amount, which
nobody gets back twice, and by what one unit of the same SKU costs elsewhere in the
file. Where nothing shows it, the amount is not known.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

_MOST_KEPT = 50_000


class Reading(Enum):
    """What the price is of."""

    UNIT = "unit"
    LINE = "line"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Price:
    """What a row says about its money; None: nothing."""

    sku: str
    quantity: int
    price: Decimal | None
    refund: Decimal | None
    order_amount: Decimal | None

    def reading(self, tolerance: Decimal) -> Reading:
        """What this row alone shows."""
        if self.price is None or self.quantity < 2 or not self.price:
            return Reading.UNCLEAR
        whole = self.price * self.quantity
        if self.refund is not None:
            if abs(self.refund - whole) <= tolerance:
                return Reading.UNIT
            if abs(self.refund - self.price) <= tolerance:
                return Reading.LINE
        if self.order_amount and self.price <= self.order_amount + tolerance < whole:
            return Reading.LINE
        return Reading.UNCLEAR

    def amount(self, reading: Reading) -> Decimal | None:
        """What goes back for the line, the price being read like this."""
        if self.price is None or self.quantity == 1 or not self.price:
            return self.price
        if reading is Reading.UNCLEAR:
            return None
        return self.price * (self.quantity if reading is Reading.UNIT else 1)


@dataclass(slots=True)
class PriceEvidence:
    """What all rows of a file show together."""

    tolerance: Decimal
    _found: set[Reading] = field(default_factory=set)
    _single: dict[str, set[Decimal]] = field(default_factory=lambda: defaultdict(set))
    _several: list[Price] = field(default_factory=list)

    def see(self, price: Price) -> None:
        """Take a row into account."""
        if price.price is None:
            return
        if price.quantity == 1:
            if len(self._single) < _MOST_KEPT or price.sku in self._single:
                self._single[price.sku].add(price.price)
            return
        self._found.add(price.reading(self.tolerance))
        if len(self._several) < _MOST_KEPT:
            self._several.append(price)

    def decide(self) -> Reading:
        """The one reading that rows show; UNCLEAR where none do, or both."""
        found = self._found | {self._compared(price) for price in self._several}
        found.discard(Reading.UNCLEAR)
        return found.pop() if len(found) == 1 else Reading.UNCLEAR

    def _compared(self, price: Price) -> Reading:
        """By the price of one unit of the same SKU in other rows."""
        known = self._single.get(price.sku)
        if not known or not price.price:
            return Reading.UNCLEAR
        is_unit = price.price in known
        is_line = any(one * price.quantity == price.price for one in known)
        if is_unit is is_line:
            return Reading.UNCLEAR
        return Reading.UNIT if is_unit else Reading.LINE
