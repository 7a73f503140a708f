"""What tests of looks share: shops that fare badly, looks five minutes apart."""

from datetime import UTC, datetime, timedelta

from apps.alerts.models import Alert, AlertEvent, Code
from apps.alerts.services import checking
from apps.platforms.models import Shop
from apps.sync.models import Resource, SyncCursor, SyncRun
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.sync import make_run

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
FIVE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def make_well_shop(**fields) -> Shop:
    """Connected, its orders here until now, the last pull went well."""
    shop = make_shop(**fields)
    make_authorization(shops=[shop], now=NOW, connected_at=NOW)
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=NOW)
    make_run(shop, started_at=NOW - timedelta(hours=2))
    return shop


def fail(shop, times=1, *, at=NOW, resource=Resource.ORDERS):
    """So many failed pulls, the last of them just before then."""
    for number in range(times):
        make_run(
            shop,
            resource=resource,
            state=SyncRun.State.FAILED,
            first_error="TikTok did not answer.",
            started_at=at - (number + 1) * MINUTE,
        )


def stay_current(at):
    SyncCursor.objects.update(position=at)


def look(at=NOW):
    """As the schedule does; orders are in time, unless a test is about that."""
    return checking.check(at)


def alert_of(shop, code=Code.SYNC_FAILURES):
    return Alert.objects.filter(shop=shop, code=code).latest("pk")


def names(alert):
    """What happened, in turn."""
    return [event.name for event in AlertEvent.objects.filter(alert=alert)]
