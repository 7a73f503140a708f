"""Who is mailed what, when, and in how many mails."""

from datetime import time, timedelta
from smtplib import SMTPException

import pytest
from django.core import mail

from apps.alerts.models import (
    AlertEvent,
    AlertHours,
    AlertMail,
    AlertPreference,
    Code,
    Delivery,
)
from apps.alerts.services.mail import send_due
from apps.alerts.services.telling import tell
from apps.users.models import Membership
from apps.users.roles import Role
from tests.alerts.looking import FIVE, NOW
from tests.factories.alerts import make_alert
from tests.factories.platforms import make_shop
from tests.factories.team import as_user, make_member
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company, name="Main Store")


@pytest.fixture
def packer(company):
    return as_user(make_member(company, Role.ORDER_FULFILLMENT))


def happen(shop, *, at=NOW, **fields):
    """An alert that opened, and that people are to be told of."""
    alert = make_alert(shop, opened_at=at, **fields)
    for name in ("opened", "notify"):
        AlertEvent.objects.create(
            alert=alert, at=at, name=name, severity=alert.severity
        )
    return alert


def deliver(at=NOW):
    tell(at)
    return send_due(at)


def test_who_can_do_something_about_it_is_mailed_once(shop, packer):
    alert = happen(shop)

    assert deliver() == 1
    assert deliver(NOW + FIVE) == 0

    [sent] = mail.outbox
    assert sent.to == [packer.email]
    assert sent.subject == "Warning: Orders: 4 syncs in a row failed"
    assert "Main Store (MY), since 10 Mar 2026 08:00 UTC" in sent.body
    assert f"http://testserver/admin/alerts/alert/{alert.pk}/change/" in sent.body
    assert "/admin/alerts/alert/reading/" in sent.body


def test_several_go_in_one_mail_the_worst_first(shop, packer):
    happen(shop, title="Orders are late", code=Code.ORDER_DELAY)
    happen(shop, title="Cut off", code=Code.RECONNECT, severity="critical")

    deliver()

    [sent] = mail.outbox
    assert sent.subject == "2 alerts, 1 critical"
    assert sent.body.index("Cut off") < sent.body.index("Orders are late")


def test_who_looks_on_is_mailed_only_what_they_ask_for(shop, company):
    analyst = as_user(make_member(company, Role.ANALYST))
    happen(shop)
    deliver()
    assert mail.outbox == []

    AlertPreference.objects.create(
        user=analyst, code=Code.SYNC_FAILURES, delivery=Delivery.NOW
    )
    happen(shop, subject="products")
    deliver()

    assert [sent.to for sent in mail.outbox] == [[analyst.email]]


def test_nobody_is_mailed_of_shops_they_do_not_see(shop, packer):
    stranger = as_user(make_member(make_client(), Role.ADMIN))
    Membership.objects.filter(user=packer).delete()
    happen(shop)

    deliver()

    assert mail.outbox == []
    assert not AlertMail.objects.filter(user=stranger).exists()


def test_who_has_left_by_then_is_mailed_no_more(shop, packer):
    happen(shop)
    tell(NOW)
    assert AlertMail.objects.get().user == packer
    Membership.objects.filter(user=packer).delete()

    assert send_due(NOW) == 0

    assert mail.outbox == []
    assert AlertMail.objects.get().state == AlertMail.State.DROPPED


def test_quiet_hours_put_mails_off(shop, packer):
    AlertHours.objects.create(
        user=packer,
        time_zone="Asia/Jakarta",
        quiet_from=time(15),
        quiet_until=time(16),
    )
    happen(shop)  # 15:00 there

    assert deliver() == 0
    assert deliver(NOW + timedelta(minutes=59)) == 0
    assert deliver(NOW + timedelta(hours=1)) == 1


def test_the_digest_comes_in_the_morning_and_says_what_is_over(shop, packer):
    AlertPreference.objects.create(
        user=packer, code=Code.SYNC_FAILURES, delivery=Delivery.DIGEST
    )
    alert = happen(shop)
    assert deliver() == 0
    alert.state, alert.resolved_at = "resolved", NOW + FIVE
    alert.save()

    assert deliver(NOW + timedelta(hours=24)) == 1

    [sent] = mail.outbox
    assert sent.subject == "Over: Orders: 4 syncs in a row failed"
    assert "since the last digest" in sent.body
    assert "Over since 10 Mar 2026 08:05 UTC" in sent.body


def test_a_mail_host_that_is_away_is_asked_again(shop, packer, monkeypatch):
    happen(shop)
    with monkeypatch.context() as patched:

        def refuse(*args, **kwargs):
            raise SMTPException("quotes the mail")

        patched.setattr("apps.alerts.services.mail.send_mail", refuse)
        assert deliver() == 0
    waiting = AlertMail.objects.get()
    assert waiting.error == "The mail host did not take it (SMTPException)."

    AlertMail.objects.update(due_at=NOW + FIVE)
    assert send_due(NOW) == 0
    assert send_due(NOW + FIVE) == 1


def test_what_another_process_has_in_hand_is_left_to_it(shop, packer):
    happen(shop)
    tell(NOW)
    AlertMail.objects.update(claimed_until=NOW + FIVE)

    assert send_due(NOW) == 0
    assert send_due(NOW + 2 * FIVE) == 1  # it died


def test_the_servers_own_alerts_are_for_superusers(packer):
    root = make_user("root", is_superuser=True)
    root.email = "root@example.com"
    root.save()
    happen(None, code=Code.CHECKS_STOPPED, subject="", severity="critical")

    deliver()

    [sent] = mail.outbox
    assert sent.to == ["root@example.com"]
    assert "This server" in sent.body


def test_telling_costs_no_more_for_many_alerts(shop, packer):
    happen(shop)
    with statements() as one:
        deliver()
    for number in range(5):
        happen(shop, subject=str(number))
    with statements() as many:
        deliver(NOW + FIVE)

    assert len(many) == len(one)
