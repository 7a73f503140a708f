"""A shop's webhooks for programs: seen, checked, set, tested, removed."""

from unittest.mock import patch

import pytest

from apps.integrations.errors import RequestRefused
from apps.platforms.models import Shop
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.webhooks.services.rehearsal import Outcome
from tests.api.support import Caller, code
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.users import make_client, make_user
from tests.orders.queries import statements
from tests.webhooks.subscribed import OURS, FakeEvents

pytestmark = pytest.mark.django_db
ELSEWHERE = "https://other.example.com/hook"
HERE = "apps.webhooks.api.subscriptions"


@pytest.fixture
def company():
    return make_client("Northwind")


@pytest.fixture
def shop(company):
    shop = make_shop(company)
    make_authorization(shops=[shop])
    return shop


@pytest.fixture
def admin(company):
    return Caller(make_user(clients=[company], role=Role.ADMIN))


@pytest.fixture(autouse=True)
def platform(settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    fake = FakeEvents({"PACKAGE_UPDATE": ELSEWHERE})
    with patch(f"{HERE}.client_at_page_through", lambda credential: fake):
        yield fake


def states(caller, shop):
    answer = caller.get(f"shops/{shop.pk}/webhooks/")
    assert answer.status_code == 200
    return {row["topic"]: row["state"] for row in answer.json()["subscriptions"]}


def test_what_is_known_is_shown_without_asking(admin, shop, platform):
    platform.fails = AssertionError("nobody may be asked")

    answer = admin.get(f"shops/{shop.pk}/webhooks/")

    told = answer.json()
    assert (told["shop"], told["address"], told["problem"]) == (shop.pk, OURS, "")
    assert len(told["subscriptions"]) == 11
    assert {row["state"] for row in told["subscriptions"]} == {"unknown"}
    etag = answer["ETag"]
    unchanged = admin.get(f"shops/{shop.pk}/webhooks/", if_none_match=etag)
    assert unchanged.status_code == 304


def test_they_are_checked_repaired_taken_over_and_removed(admin, shop, platform):
    webhooks = f"shops/{shop.pk}/webhooks"

    checked = admin.post(f"{webhooks}/check/").json()
    assert (checked["changed"], platform.writes) == ([], [])
    assert states(admin, shop)["package_update"] == "elsewhere"

    done = admin.post(f"{webhooks}/set/").json()
    assert (len(done["changed"]), done["kept"], done["failed"]) == (10, 1, [])
    assert platform.addresses["PACKAGE_UPDATE"] == ELSEWHERE

    taken = admin.post(f"{webhooks}/set/", {"replaces": True}, idempotency_key="k")
    again = admin.post(f"{webhooks}/set/", {"replaces": True}, idempotency_key="k")
    assert taken.json()["changed"] == ["package_update"]
    assert again["Idempotency-Replayed"] == "true"
    assert set(states(admin, shop).values()) == {"set"}

    assert len(admin.post(f"{webhooks}/remove/").json()["changed"]) == 11
    assert platform.addresses == {}
    trail = AuditEntry.objects.filter(shop_key=shop.pk, actor=admin.user)
    verbs = list(trail.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["set webhooks", "set webhooks", "removed webhooks"]


def test_what_fails_is_told_beside_what_did_not(admin, shop, platform):
    platform.refuses["PRODUCT_CREATION"] = RequestRefused("Not for this app.", code=9)

    done = admin.post(f"shops/{shop.pk}/webhooks/set/").json()

    assert len(done["changed"]) == 9
    assert done["failed"] == [
        {"what": "product_creation", "why": "Not for this app. (code 9)"}
    ]


def test_a_test_tells_what_became_of_the_delivery(admin, shop):
    outcome = Outcome("App", is_ok=False, words="The name is not known.")
    with patch(f"{HERE}.rehearse", lambda shop, by: [outcome]):
        answer = admin.post(f"shops/{shop.pk}/webhooks/test/")

    assert answer.json()["results"] == [
        {
            "app": "App",
            "is_ok": False,
            "words": "The name is not known.",
            "milliseconds": 0,
        }
    ]


def test_what_the_state_or_our_address_does_not_allow(admin, shop, settings):
    webhooks = f"shops/{shop.pk}/webhooks"
    settings.PUBLIC_URL = "http://desk.example.com"
    assert code(admin.post(f"{webhooks}/set/")) == (409, "no_address")
    settings.PUBLIC_URL = "https://desk.example.com"
    Shop.objects.update(state=Shop.State.PAUSED)

    for name in ("set", "remove"):
        assert code(admin.post(f"{webhooks}/{name}/")) == (409, "shop_refuses")


def test_only_who_connects_the_shop_may(company, shop, platform):
    analyst = Caller(make_user(clients=[company], role=Role.ORDER_FULFILLMENT))
    stranger = Caller(make_user(clients=[make_client()], role=Role.ADMIN))
    reader = Caller(
        make_user(clients=[company], role=Role.ADMIN), scopes=["webhooks:read"]
    )
    assert stranger.get(f"shops/{shop.pk}/webhooks/").status_code == 404
    assert analyst.get(f"shops/{shop.pk}/webhooks/").status_code == 200

    for name in ("check", "set", "test", "remove"):
        address = f"shops/{shop.pk}/webhooks/{name}/"
        assert code(analyst.post(address)) == (403, "permission_denied")
        assert code(stranger.post(address)) == (404, "not_found")
        assert code(reader.post(address)) == (403, "scope_missing")
    assert platform.writes == []


def test_it_costs_no_more_for_many_subscriptions(admin, shop, platform):
    def asked():
        with statements() as found:
            states(admin, shop)
        return len(found)

    admin.get("me/")  # the use of the token is noted
    before = asked()
    for number in range(9):
        platform.addresses[f"OTHER_{number}"] = ELSEWHERE
    admin.post(f"shops/{shop.pk}/webhooks/set/")

    assert asked() == before
    assert len(states(admin, shop)) == 20
