"""Values of contracts as columns take them, and what cannot be stored."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from apps.core.storing import clean
from apps.integrations.contracts import SettledAmounts

_LARGEST = Decimal(10) ** 15
_STEP = Decimal("0.0001")
# {column: its place in SettledAmounts}
AMOUNTS = {
    "settlement_amount": "settlement",
    "revenue_amount": "revenue",
    "shipping_amount": "shipping",
    "fee_tax_amount": "fee_tax",
    "adjustment_amount": "adjustment",
}


def stored(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_STEP, ROUND_HALF_UP)


def columns_of(amounts: SettledAmounts) -> dict[str, Decimal | None]:
    return {name: stored(getattr(amounts, ours)) for name, ours in AMOUNTS.items()}


def unusable_amount(amounts: Iterable[Decimal | None]) -> str:
    """Why one of them cannot be stored; "" if all can."""
    told = (amount for amount in amounts if amount is not None)
    if all(a.is_finite() and abs(a) < _LARGEST for a in told):
        return ""
    return "an amount is out of range"


def unusable_id(what: str, value: str, longest: int, *, is_needed: bool = True) -> str:
    """Why an ID cannot be stored; "" if it can."""
    if not value and not is_needed:
        return ""
    if not 0 < len(value) <= longest:
        return f"the {what} ID is missing or too long"
    if clean(value) != value:
        return f"the {what} ID holds characters that cannot be stored"
    return ""


def write(row: Any, values: Mapping[str, Any], *, only_gaps: bool = False) -> bool:
    """Set columns of a row (not saved); whether one changed. What is not told, None or
    an empty text, never erases; with `only_gaps` nothing is replaced."""
    changed = False
    for name, value in values.items():
        known = getattr(row, name)
        if value in (None, "") or value == known:
            continue
        if only_gaps and known not in (None, ""):
            continue
        setattr(row, name, value)
        changed = True
    return changed


def text(value: str, longest: int) -> str:
    return clean(value)[:longest]
