from apps.finance.models.amounts import SettlementType, Source
from apps.finance.models.payouts import (
    Payment,
    ShopFinanceSettings,
    UnsettledTransaction,
    Withdrawal,
)
from apps.finance.models.rates import ExchangeRate
from apps.finance.models.settlements import (
    SettlementComponent,
    SettlementSku,
    SettlementTransaction,
    Statement,
)

__all__ = [
    "ExchangeRate",
    "Payment",
    "SettlementComponent",
    "SettlementSku",
    "SettlementTransaction",
    "SettlementType",
    "ShopFinanceSettings",
    "Source",
    "Statement",
    "UnsettledTransaction",
    "Withdrawal",
]
