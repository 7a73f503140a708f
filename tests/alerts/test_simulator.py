"""Bad weather at the platform, from the first failed pull to the end of the alert."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.alerts.models import Alert, Code
from apps.alerts.services import checking
from apps.alerts.services.mail import send_due
from apps.alerts.services.telling import tell
from apps.integrations.errors import PlatformUnavailable
from apps.integrations.tiktok import retries
from apps.platforms.models import Shop
from apps.sync.models import SyncRun
from apps.sync.services.orders import pull_orders
from apps.users.roles import Role
from tests.factories.platforms import connect_simulator_shops
from tests.factories.team import make_member

pytestmark = pytest.mark.django_db

SEARCH = "/order/202309/orders/search"


@pytest.fixture
def shop(simulator) -> Shop:
    return connect_simulator_shops(simulator, 0)[0]


def pull(shop):
    return pull_orders(shop, trigger=SyncRun.Trigger.SCHEDULE)


def test_an_outage_is_one_alert_that_is_mailed_once_and_over_by_itself(
    shop, simulator, monkeypatch
):
    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", lambda *_: None)
    make_member(shop.client, Role.ORDER_FULFILLMENT)
    pull(shop)
    now = timezone.now()
    assert checking.check(now).firing == []

    simulator.control("faults", {"kind": "status", "path": SEARCH})
    for _ in range(4):
        with pytest.raises(PlatformUnavailable):
            pull(shop)
    for _ in range(2):
        checking.check(timezone.now())
        tell(timezone.now())
        send_due(timezone.now())

    alert = Alert.objects.get(code=Code.SYNC_FAILURES)
    assert (alert.subject, alert.value, alert.times) == ("orders", 4, 2)
    [sent] = mail.outbox
    assert "Orders: 4 syncs in a row failed" in sent.body

    simulator.control("faults", method="DELETE")
    pull(shop)
    checking.check(timezone.now() + timedelta(seconds=1))

    alert.refresh_from_db()
    assert not alert.is_open
    assert not Alert.objects.open().filter(shop=shop).exists()
