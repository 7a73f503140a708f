"""The amounts of TikTok Shop's settlements, those we know by name and those we do not.

Source: Partner Center, "Get Transactions by Statement" (202501). Its formula subtracts
costs though its own samples show them below zero: they are signed, and are added.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal

from apps.integrations.contracts import AmountGroup, NamedAmount, SettledAmounts
from apps.integrations.tiktok.reading import JsonObject, mapping, money

_SUPPLEMENTARY = "supplementary_component"


def settled_amounts(row: JsonObject, prefix: str = "") -> SettledAmounts:
    """Those of a transaction or a SKU; `prefix` where they are estimates. Raises
    Unreadable."""
    return SettledAmounts(
        settlement=money(row, f"{prefix}settlement_amount"),
        revenue=money(row, f"{prefix}revenue_amount"),
        shipping=money(row, f"{prefix}shipping_cost_amount"),
        fee_tax=money(row, f"{prefix}fee_tax_amount"),
        adjustment=money(row, f"{prefix}adjustment_amount"),
        named=named_amounts(row),
    )


def named_amounts(row: JsonObject) -> tuple[NamedAmount, ...]:
    """All parts by the platform's own names, without zeros; raises Unreadable."""
    fees = mapping(row, "fee_tax_breakdown")
    sums: dict[tuple[AmountGroup, str], Decimal] = defaultdict(Decimal)
    for group, parts in (
        (AmountGroup.REVENUE, mapping(row, "revenue_breakdown")),
        (AmountGroup.SHIPPING, mapping(row, "shipping_cost_breakdown")),
        (AmountGroup.TAX, mapping(fees, "tax")),
        (AmountGroup.FEE, {k: v for k, v in fees.items() if k != "tax"}),
        (AmountGroup.SUPPLEMENTARY, mapping(row, _SUPPLEMENTARY)),
    ):
        for found in _parts(group, parts):
            sums[found.group, found.name] += found.amount
    return tuple(
        NamedAmount(group, name, amount)
        for (group, name), amount in sums.items()
        if amount
    )


def _parts(group: AmountGroup, parts: JsonObject) -> Iterator[NamedAmount]:
    for name, value in parts.items():
        if isinstance(value, Mapping):
            inner = AmountGroup.SUPPLEMENTARY if name == _SUPPLEMENTARY else group
            yield from _parts(inner, value)
        elif amount := money(parts, name):
            yield NamedAmount(group, str(name), amount)
