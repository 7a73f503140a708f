"""check_alerts and shop_status: for people and for cron."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.alerts.models import Alert, AlertCheck
from apps.alerts.tasks import check_alerts, tell_alerts
from apps.platforms.models import Shop
from apps.sync.models import SyncCursor
from tests.alerts.looking import fail, make_well_shop
from tests.factories.alerts import make_alert

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    shop = make_well_shop(name="Main Store")
    now = timezone.now()
    SyncCursor.objects.update(position=now)
    shop.credentials.get().authorization.__class__.objects.update(
        connected_at=now,
        refreshed_at=now,
        access_expires_at=now + timedelta(days=7),
        refresh_expires_at=now + timedelta(days=365),
    )
    return shop


def test_nothing_wrong_is_said_in_so_many_words(shop, capsys):
    call_command("check_alerts")

    assert capsys.readouterr().out == "Nothing is wrong.\n"
    assert AlertCheck.objects.get().at is not None


def test_what_is_critical_ends_with_four(shop, capsys):
    Shop.objects.update(state=Shop.State.RECONNECT_NEEDED)

    with pytest.raises(SystemExit, match="4"):
        call_command("check_alerts", "--json")

    *lines, summary = map(json.loads, capsys.readouterr().out.splitlines())
    assert [(line["kind"], line["severity"]) for line in lines] == [
        ("RECONNECT_NEEDED", "critical")
    ]
    assert summary == {"type": "summary", "open": 1, "critical": 1}


def test_a_warning_is_listed_and_needs_no_person_at_once(shop, capsys):
    fail(shop, 4, at=timezone.now())
    make_alert(make_well_shop(name="Other"), title="Not asked for")

    call_command("check_alerts", "--shop", "Main Store")

    said = capsys.readouterr().out
    assert "Orders: 4 syncs in a row failed" in said
    assert "Not asked for" not in said


def test_a_dry_run_looks_at_nothing(shop, capsys):
    Shop.objects.update(state=Shop.State.RECONNECT_NEEDED)

    call_command("check_alerts", "--dry-run")

    assert not Alert.objects.exists()


def test_a_shop_nobody_knows_is_wrong_usage(shop):
    with pytest.raises(CommandError, match="No shop “Elsewhere”") as raised:
        call_command("check_alerts", "--shop", "Elsewhere")

    assert raised.value.returncode == 2


def test_shop_status_counts_open_alerts(shop, capsys):
    make_alert(shop, severity="critical")
    make_alert(shop, subject="stock")
    make_alert(shop, subject="past", state="resolved")

    call_command("shop_status")
    assert "2 (1 critical)" in capsys.readouterr().out
    call_command("shop_status", "--json")
    row, _ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["open_alerts"], row["critical_alerts"]) == (2, 1)


def test_the_schedule_looks_once_and_tells(shop):
    fail(shop, 4, at=timezone.now())

    check_alerts()
    check_alerts()
    tell_alerts()

    alert = Alert.objects.get()
    assert alert.times == 1
    assert not alert.events.filter(told_at=None).exists()
