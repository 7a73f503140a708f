"""Which shops are due: found by looking at the log, so nothing can be forgotten."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncRun

EVERY = timedelta(minutes=15)
AFTER_FAILURE = timedelta(minutes=2)


def shops_due(resource: Resource, now: datetime) -> list[Shop]:
    """Connected shops whose last run is 15 minutes old, or failed 2 minutes ago."""
    latest = SyncRun.objects.filter(shop=OuterRef("pk"), resource=resource)
    shops = Shop.objects.connected().annotate(
        last_state=Subquery(latest.values("state")[:1]),
        last_started=Subquery(latest.values("started_at")[:1]),
    )
    return [shop for shop in shops if _is_due(shop, now)]


def is_due(shop: Shop, resource: Resource, now: datetime) -> bool:
    return any(due.pk == shop.pk for due in shops_due(resource, now))


def _is_due(shop: Shop, now: datetime) -> bool:
    started = shop.last_started  # type: ignore[attr-defined]
    state = shop.last_state  # type: ignore[attr-defined]
    if started is None:
        return True
    if state in (SyncRun.State.FAILED, SyncRun.State.INTERRUPTED):
        return bool(now - started >= AFTER_FAILURE)
    # A running one may have lost its process; starting the next finds that out.
    return bool(now - started >= EVERY)
