"""The log of runs, and what shops are told of our stock."""

from django.contrib import admin

from apps.sync.admin.creator_runs import CreatorRunAdmin
from apps.sync.admin.dashboard import DashboardAdmin
from apps.sync.admin.drifts import DriftAdmin
from apps.sync.admin.gaps import GapAdmin
from apps.sync.admin.pushes import PushAdmin
from apps.sync.admin.runs import STATE_BADGES, ShopFilter
from apps.sync.models import (
    CreatorRun,
    StockDrift,
    StockPush,
    SyncDashboard,
    SyncGap,
)

__all__ = ["STATE_BADGES", "ShopFilter"]

admin.site.register(StockPush, PushAdmin)
admin.site.register(StockDrift, DriftAdmin)
admin.site.register(SyncDashboard, DashboardAdmin)
admin.site.register(SyncGap, GapAdmin)
admin.site.register(CreatorRun, CreatorRunAdmin)
