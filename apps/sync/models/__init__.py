"""What went between us and the platforms, how far it has come, what shops were told."""

from apps.sync.models.runs import (
    Resource,
    SyncCursor,
    SyncDashboard,
    SyncIssue,
    SyncRun,
    SyncSchedule,
)
from apps.sync.models.stock import StockDrift, StockPush

__all__ = [
    "Resource",
    "StockDrift",
    "StockPush",
    "SyncCursor",
    "SyncDashboard",
    "SyncIssue",
    "SyncRun",
    "SyncSchedule",
]
