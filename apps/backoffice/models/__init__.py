"""Tables of what crosses all apps."""

from apps.backoffice.models.analytics import (
    Analytics,
    CountedOrder,
    SalesDay,
    SalesDue,
    SalesHour,
    SalesMark,
    SettledDay,
)
from apps.backoffice.models.heartbeat import Heartbeat
from apps.backoffice.models.retention import RetentionRule

__all__ = [
    "Analytics",
    "CountedOrder",
    "Heartbeat",
    "RetentionRule",
    "SalesDay",
    "SalesDue",
    "SalesHour",
    "SalesMark",
    "SettledDay",
]
