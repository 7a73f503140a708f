"""Where the money of settlements went: parts by name, summed up."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from apps.finance.models import SettlementComponent, SettlementTransaction

_TOTALS = {
    SettlementComponent.Group.REVENUE: "revenue_amount",
    SettlementComponent.Group.SHIPPING: "shipping_amount",
    SettlementComponent.Group.FEE: "fee_tax_amount",
}


@dataclass(frozen=True, slots=True)
class Part:
    """`group` is a SettlementComponent.Group; `name` the platform's, empty for what of
    a total none accounts for."""

    group: str
    name: str
    amount: Decimal


def breakdown_of(rows: "QuerySet[SettlementTransaction]") -> list[Part]:
    """Of settlements in one currency: two queries. The largest of each group first;
    what is for information alone comes last."""
    named = (
        SettlementComponent.objects.filter(transaction__in=rows.order_by().values("pk"))
        .order_by()
        .values_list("group", "name")
        .annotate(Sum("amount"))
    )
    found = [Part(group, name, amount) for group, name, amount in named if amount]
    sums = rows.order_by().aggregate(
        **{name: Sum(name) for name in (*_TOTALS.values(), "adjustment_amount")}
    )
    return arranged([*found, *_rest(found, sums)])


def parts_of(components: Iterable[SettlementComponent]) -> list[Part]:
    """Of one settlement, as breakdown_of."""
    return arranged(Part(row.group, row.name, row.amount) for row in components)


def arranged(parts: Iterable[Part]) -> list[Part]:
    order = list(SettlementComponent.Group.values)
    return sorted(
        parts, key=lambda part: (order.index(part.group), -abs(part.amount), part.name)
    )


def _rest(found: list[Part], sums: dict[str, Any]) -> list[Part]:
    """What no name accounts for. Fees and taxes share a total."""
    group = SettlementComponent.Group
    rest = []
    for key, column in _TOTALS.items():
        total = sums[column]
        if total is None:
            continue
        groups = (group.FEE, group.TAX) if key == group.FEE else (key,)
        named = sum((p.amount for p in found if p.group in groups), Decimal(0))
        if total != named:
            rest.append(Part(key, "", total - named))
    return rest
