"""Alerts for programs."""

import pytest

from apps.alerts.models import Alert
from apps.users.roles import Role
from tests.api.support import Caller, code, keys
from tests.factories.alerts import make_alert
from tests.factories.platforms import make_shop
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    return make_shop(company)


@pytest.fixture
def packer(company):
    return Caller(make_user(clients=[company], role=Role.ORDER_FULFILLMENT))


def test_alerts_are_listed_filtered_and_shown_with_what_happened(packer, shop):
    alert = make_alert(shop)
    alert.events.create(name="opened", severity="warning")
    over = make_alert(shop, subject="2", state="resolved", code="ORDER_SYNC_DELAY")
    make_alert(make_shop())

    assert set(keys(packer.get("alerts/"))) == {alert.pk, over.pk}
    assert keys(packer.get("alerts/?state=open")) == [alert.pk]
    assert keys(packer.get("alerts/?kind=ORDER_SYNC_DELAY")) == [over.pk]
    shown = packer.get(f"alerts/{alert.pk}/").json()
    assert (shown["kind"], shown["severity"]) == ("SYNC_FAILURES", "warning")
    assert [event["name"] for event in shown["events"]] == ["opened"]


def test_an_alert_is_taken_let_go_snoozed_and_resolved(packer, shop):
    alert = make_alert(shop)

    taken = packer.post(f"alerts/{alert.pk}/take/").json()
    assert (taken["taken_by"], taken["is_acknowledged"]) == (packer.user.pk, True)
    assert packer.post(f"alerts/{alert.pk}/let-go/").json()["taken_by"] is None
    snoozed = packer.post(f"alerts/{alert.pk}/snooze/", {"how": "worse"}).json()
    assert snoozed["is_snoozed_until_worse"] is True
    refused = packer.post(f"alerts/{alert.pk}/snooze/", {"how": "for ever"})
    assert code(refused) == (400, "invalid")
    resolved = packer.post(f"alerts/{alert.pk}/resolve/").json()
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", packer.user.pk)
    assert packer.post(f"alerts/{alert.pk}/resolve/").status_code == 200
    late = packer.post(f"alerts/{alert.pk}/take/")
    assert code(late) == (409, "alert_refuses")


def test_who_looks_on_and_who_sees_another_shop_change_nothing(company, shop):
    alert = make_alert(shop)
    analyst = Caller(make_user(clients=[company], role=Role.ANALYST))
    stranger = Caller(make_user(clients=[make_client()], role=Role.ADMIN))
    reader = Caller(
        make_user(clients=[company], role=Role.ADMIN), scopes=["alerts:read"]
    )

    for deed in ("take", "let-go", "resolve"):
        address = f"alerts/{alert.pk}/{deed}/"
        assert analyst.post(address).status_code == 403
        assert stranger.post(address).status_code == 404
        assert reader.post(address).status_code == 403
    assert not Alert.objects.get().events.exists()


def test_a_list_costs_no_more_for_many(packer, shop):
    def asked():
        with statements() as found:
            assert packer.get("alerts/").status_code == 200
        return len(found)

    make_alert(shop)
    asked()  # the first request notes that the token was used
    before = asked()
    for number in range(4):
        make_alert(shop, subject=str(number))

    assert asked() == before
