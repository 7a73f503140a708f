"""What went between us and the platforms, how far it has come, what shops were told."""

from apps.sync.models.creators import CreatorRun
from apps.sync.models.gaps import SyncGap, SyncGapOrder
from apps.sync.models.latency import SyncLatency
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
    "CreatorRun",
    "Resource",
    "StockDrift",
    "StockPush",
    "SyncCursor",
    "SyncDashboard",
    "SyncGap",
    "SyncGapOrder",
    "SyncIssue",
    "SyncLatency",
    "SyncRun",
    "SyncSchedule",
]
