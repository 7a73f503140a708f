"""Runs that pulled from a platform."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun


def make_run(shop: Shop, **fields: Any) -> SyncRun:
    """A pull that went well five minutes ago, in two seconds."""
    started = fields.get("started_at") or timezone.now() - timedelta(minutes=5)
    values: dict[str, Any] = {
        "resource": Resource.ORDERS,
        "trigger": SyncRun.Trigger.SCHEDULE,
        "state": SyncRun.State.DONE,
        "started_at": started,
        "ended_at": started + timedelta(seconds=2),
    }
    return SyncRun.objects.create(shop=shop, **values | fields)
