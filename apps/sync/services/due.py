"""Which shops are due: found by looking at the log, so nothing can be forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.platforms.models import Authorization, Credential, Shop, ShopFeature
from apps.platforms.services import breaker
from apps.platforms.services.features import uses
from apps.platforms.services.scopes import AFFILIATE, granting
from apps.products.models import ListingSku
from apps.sync.models import Resource, SyncCursor, SyncRun, SyncSchedule

AFTER_FAILURE = timedelta(minutes=2)
LONG = timedelta(minutes=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
# Where a person has to give a permission first, so that the log does not fill up.
AFTER_REFUSAL = timedelta(hours=6)
# A recount is for the night, by the shop's own clock.
QUIET_HOUR = 3
# What hangs on orders, and is pulled after them.
OF_ORDERS = (
    Resource.PACKAGES,
    Resource.CANCELLATIONS,
    Resource.RETURNS,
    Resource.FINANCE,
    Resource.AFFILIATE,
)


def shops_due(resource: Resource, now: datetime) -> list[Shop]:
    """Connected shops that do not rest and whose last run is as old as their schedule
    says (without one, as is usual for the resource), or failed 2 minutes ago; of stock,
    those where something is matched, of what hangs on orders, those whose orders have
    been pulled. One query. Who has been due for longest comes first, so that none waits
    for the others' next turn."""
    rows = scheduled_shops(resource, now)
    due = [shop for shop in rows if _is_due(shop, resource, now)]
    return sorted(due, key=lambda shop: due_at(shop, resource) or _LONG_AGO)


def is_long(shop: Any) -> bool:
    """Of one that is due: whether its pull will take a while, because it is the first
    or because the last one took long. Such ones wait for each other alone."""
    if shop.last_started is None:
        return True
    if shop.last_ended is None:
        return False
    took: timedelta = shop.last_ended - shop.last_started
    return took > LONG


def is_due(shop: Shop, resource: Resource, now: datetime) -> bool:
    rows = scheduled_shops(resource, now).filter(pk=shop.pk)
    return any(_is_due(row, resource, now) for row in rows)


def longest_wait(resource: Resource, now: datetime) -> timedelta | None:
    """For how long the shop that waits longest has been due; None where none is, or
    none has ever been pulled. One query."""
    rows = scheduled_shops(resource, now)
    waits = [
        now - max(at, shop.rested_until or at)
        for shop in rows
        if (at := due_at(shop, resource))
    ]
    return max((wait for wait in waits if wait > timedelta(0)), default=None)


def next_pull(shop: Shop, resource: Resource, now: datetime) -> datetime | None:
    """When the sweep will find the shop due: `now` if it is. None where it will not:
    the shop is not connected, the schedule is off, or there is nothing to ask for
    yet."""
    row: Any = annotated(resource).filter(pk=shop.pk).first()
    if row is None or row.state != Shop.State.CONNECTED or not row.is_scheduled:
        return None
    return max(due_at(row, resource) or now, row.rested_until or now, now)


def scheduled_shops(resource: Resource, now: datetime) -> "QuerySet[Any]":
    """Connected shops that do not rest and whose schedule is on, annotated."""
    return annotated(resource).filter(
        breaker.not_resting(now), state=Shop.State.CONNECTED, is_scheduled=True
    )


def annotated(resource: Resource) -> "QuerySet[Any]":
    """Shops with what their last run and their schedule say; without those that have
    nothing to be asked for yet."""
    # What a notice had us look at is a part; the whole is not put off by it.
    latest = SyncRun.objects.filter(shop=OuterRef("pk"), resource=resource).exclude(
        trigger=SyncRun.Trigger.WEBHOOK
    )
    if resource is Resource.GAPS:
        # Nor is the night's recount by a day that somebody has counted again.
        latest = latest.filter(trigger=SyncRun.Trigger.SCHEDULE)
    else:
        latest = latest.filter(basis=SyncRun.Basis.CHANGED)
    schedule = SyncSchedule.objects.filter(shop=OuterRef("pk"), resource=resource)
    consents = Authorization.objects.filter(
        credentials__shop=OuterRef("pk"), connected_at__isnull=False
    ).order_by("-connected_at")
    return _worth_asking(
        resource
    ).annotate(
        last_connected=Subquery(consents.values("connected_at")[:1]),
        last_state=Subquery(latest.values("state")[:1]),
        last_started=Subquery(latest.values("started_at")[:1]),
        last_stop_asked=Subquery(latest.values("stop_asked_at")[:1]),
        last_ended=Subquery(latest.values("ended_at")[:1]),
        last_needs_person=Subquery(latest.values("needs_person")[:1]),
        is_scheduled=Coalesce(Subquery(schedule.values("is_on")[:1]), Value(True)),  # noqa: FBT003
        scheduled_minutes=Coalesce(
            Subquery(schedule.values("minutes")[:1]), Value(resource.default_minutes)
        ),
    )


def _worth_asking(resource: Resource) -> "QuerySet[Shop]":
    if resource is Resource.STOCK:
        matched = ListingSku.objects.filter(shop=OuterRef("pk"), variant__isnull=False)
        return Shop.objects.filter(Exists(matched))
    if resource in (*OF_ORDERS, Resource.GAPS):
        has_orders = SyncCursor.objects.filter(
            shop=OuterRef("pk"), resource=Resource.ORDERS
        )
        # While somebody looks on how a new shop fills, nothing else asks for it.
        first_pull = SyncRun.objects.running().filter(
            shop=OuterRef("pk"), trigger=SyncRun.Trigger.CONNECT
        )
        shops = Shop.objects.filter(Exists(has_orders), ~Exists(first_pull))
        return _with_affiliates(shops) if resource is Resource.AFFILIATE else shops
    return Shop.objects.all()


def _with_affiliates(shops: "QuerySet[Shop]") -> "QuerySet[Shop]":
    """Where the region has them, nobody has switched them off, and an app may ask:
    most shops have none that may, and need none."""
    able = Credential.objects.filter(granting(AFFILIATE), shop=OuterRef("pk")).exclude(
        authorization__state=Authorization.State.REVOKED
    )
    return shops.filter(uses(ShopFeature.Feature.AFFILIATE), Exists(able))


def _is_due(shop: Any, resource: Resource, now: datetime) -> bool:
    at = due_at(shop, resource)
    return at is None or at <= now


def due_at(shop: Any, resource: Resource) -> datetime | None:
    """When the last run's age makes an annotated shop due; None if it never ran, or was
    refused and connected anew since."""
    started: datetime | None = shop.last_started
    if started is None:
        return None
    every = timedelta(minutes=shop.scheduled_minutes)
    # A running one may have lost its process; starting the next finds that out.
    failed = shop.last_state in (SyncRun.State.FAILED, SyncRun.State.INTERRUPTED)
    if shop.last_stop_asked is not None:
        failed = False  # who stopped it does not want it back in two minutes
    if not failed:
        if resource is Resource.GAPS and every >= timedelta(days=1):
            return _quiet(shop, started + every)
        return started + every
    if not shop.last_needs_person:
        return started + min(every, AFTER_FAILURE)
    # A permission that one resource lacks does not come by asking more often.
    if resource not in OF_ORDERS:
        return started + every
    if shop.last_connected is not None and shop.last_connected > started:
        return None
    return started + max(every, AFTER_REFUSAL)


def _quiet(shop: Shop, at: datetime) -> datetime:
    """The quiet hour of the night nearest to then: a run that began late does not
    move the next one on."""
    local = (at - timedelta(hours=12)).astimezone(shop.zone)
    quiet = local.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0)
    if quiet < local:
        quiet = (quiet + timedelta(days=1)).replace(hour=QUIET_HOUR)
    return quiet.astimezone(UTC)
