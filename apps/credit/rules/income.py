"""Income as a person reckons it on paper."""

from dataclasses import dataclass

from apps.credit.rules.table import MONTH_DAYS, WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class Income:
    """`monthly` is of thirty days; None of no days."""

    net_seller: float
    commission: float
    total: float
    monthly: float | None


def income(
    gmv: float = 0.0,
    return_rate: float = 0.0,
    sales_generated: float = 0.0,
    commission_rate: float = 0.0,
    commission: float | None = None,
    days: float = WINDOW_DAYS,
) -> Income:
    """Rates are fractions of 1. A commission that is given is not reckoned again."""
    net = gmv * (1 - return_rate)
    if commission is None:
        commission = sales_generated * commission_rate
    total = net + commission
    return Income(net, commission, total, total * MONTH_DAYS / days if days else None)
