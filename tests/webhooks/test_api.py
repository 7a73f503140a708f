"""Events by the API: listed, shown, acted on again."""

import pytest

from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.webhooks.models import WebhookAttempt, WebhookEvent
from tests.api.support import Caller, code, keys
from tests.factories.platforms import make_api_app, make_shop
from tests.factories.users import make_client, make_user
from tests.factories.webhooks import make_event

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


@pytest.fixture
def company():
    return make_client()


@pytest.fixture
def shop(company):
    return make_shop(company)


@pytest.fixture
def admin(company) -> Caller:
    return Caller(make_user(clients=[company], role=Role.ADMIN))


def test_events_are_listed_filtered_and_shown_with_their_tries(shop, admin):
    done = make_event(shop, object_id="58", outcome="Order 58 updated")
    app = make_api_app()
    dead = make_event(
        shop, state=State.DEAD, api_app=app, error="TikTok did not answer."
    )
    WebhookAttempt.objects.create(event=dead, milliseconds=9, is_ok=False)

    assert keys(admin.get("webhook-events/")) == [dead.pk, done.pk]
    assert keys(admin.get("webhook-events/?state=dead")) == [dead.pk]
    assert keys(admin.get(f"webhook-events/?object_id=58&shop={shop.pk}")) == [done.pk]
    named = f"webhook-events/?notification_id={dead.notification_id}"
    assert keys(admin.get(named)) == [dead.pk]
    assert keys(admin.get("webhook-events/?topic=order_status_change")) != []
    assert keys(admin.get("webhook-events/?since=2999-01-01T00:00:00Z")) == []
    shown = admin.get(f"webhook-events/{dead.pk}/").json()
    assert [each["milliseconds"] for each in shown["tries"]] == [9]
    assert not {"body", "headers", "claimed_by"} & shown.keys()


def test_foreign_events_are_as_good_as_none(shop, admin):
    theirs = make_event(make_shop(), state=State.DEAD)
    nobodys = make_event(None, state=State.BAD_SIGNATURE)

    for event in (theirs, nobodys):
        assert admin.get(f"webhook-events/{event.pk}/").status_code == 404
        assert admin.post(f"webhook-events/{event.pk}/replay/").status_code == 404
    assert keys(admin.get("webhook-events/")) == []
    assert admin.get(f"webhook-events/?shop={theirs.shop_id}").status_code == 400


def test_an_event_is_replayed_once_by_who_may(company, shop, admin):
    event = make_event(shop, state=State.DEAD, attempts=7)
    address = f"webhook-events/{event.pk}/replay/"
    analyst = Caller(make_user(clients=[company], role=Role.ANALYST))
    reader = Caller(admin.user, ["webhooks:read"])

    assert analyst.post(address).status_code == 404
    assert code(reader.post(address)) == (403, "scope_missing")
    replayed = admin.post(address, Idempotency_Key="once")
    again = admin.post(address, Idempotency_Key="once")
    refused = admin.post(address)

    assert (replayed.status_code, replayed.json()["state"]) == (200, "waiting")
    assert again.json() == replayed.json()
    assert code(refused) == (409, "replay_refused")
    assert AuditEntry.objects.filter(verb="replayed webhooks").count() == 1


def test_a_list_costs_the_same_however_long(shop, admin, django_assert_num_queries):
    make_event(shop)
    admin.get("me/")  # the use of the token is noted
    with django_assert_num_queries(5):
        admin.get("webhook-events/")
    for _ in range(4):
        make_event(shop)

    with django_assert_num_queries(5):
        assert len(keys(admin.get("webhook-events/"))) == 5
