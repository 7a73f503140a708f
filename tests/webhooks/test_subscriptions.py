"""Where a shop's news are posted to: asked for, set, put right, ended."""

import re
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.errors import PlatformUnavailable, RequestRefused
from apps.platforms.errors import ShopRefuses
from apps.platforms.models import ApiApp, Authorization, Shop
from apps.platforms.services.scopes import AUTHORIZATION, ORDERS, PRODUCTS
from apps.users.models import AuditEntry
from apps.users.services.audit import By
from apps.webhooks.errors import NoAddress
from apps.webhooks.models import WebhookSubscription
from apps.webhooks.services.public_address import (
    address_problem,
    own_address_problem,
    webhook_address,
)
from apps.webhooks.services.subscriptions import (
    CHECK_EVERY,
    State,
    check,
    due_for_check,
    never_set_up,
    remove_all,
    set_all,
    standing_of,
)
from tests.factories.platforms import (
    connect_simulator_shops,
    make_api_app,
    make_authorization,
    make_connected_shop,
    make_shop,
)
from tests.webhooks.subscribed import OURS, FakeEvents

pytestmark = pytest.mark.django_db
BY = By(process="tests")
ELEVEN = {
    "ORDER_STATUS_CHANGE",
    "RECIPIENT_ADDRESS_UPDATE",
    "PACKAGE_UPDATE",
    "PRODUCT_STATUS_CHANGE",
    "SELLER_DEAUTHORIZATION",
    "UPCOMING_AUTHORIZATION_EXPIRATION",
    "CANCELLATION_STATUS_CHANGE",
    "RETURN_STATUS_CHANGE",
    "PRODUCT_INFORMATION_CHANGE",
    "PRODUCT_CREATION",
    "PRODUCT_AUDIT_STATUS_CHANGE",
}


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    settings.TIKTOK_API_URL = "https://open-api.tiktokglobalshop.com"


@pytest.fixture
def shop():
    return make_connected_shop()[0]


def through(platform):
    return lambda credential: platform


def states(shop):
    return {row.topic.upper(): row.state for row in standing_of(shop)}


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (OURS, ""),
        ("http://desk.example.com/w/", "does not begin with https"),
        ("https://127.0.0.1/w/", "wants a domain name"),
        ("https://[::1]/w/", "wants a domain name"),
        ("https://localhost/w/", "wants a domain name"),
        ("https://desk.example.com:8443/w/", r"has a port \(8443\)"),
        ("https://desk.example.com:x/w/", "is no web address"),
        (f"https://desk.example.com/{'w' * 240}", "longer than 255"),
    ],
)
def test_an_address_the_platform_would_not_take_is_explained(address, problem):
    found = address_problem(address)

    assert bool(found) is bool(problem)
    assert re.search(problem, found)


def test_the_simulator_takes_an_address_of_this_machine(settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    assert own_address_problem()

    settings.TIKTOK_API_URL = "http://127.0.0.1:8001"
    assert not own_address_problem()


def test_nothing_is_asked_where_our_address_would_not_be_taken(shop, settings):
    settings.PUBLIC_URL = "http://desk.example.com"
    platform = FakeEvents(fails=PlatformUnavailable("Never asked."))

    with pytest.raises(NoAddress, match="PUBLIC_URL does not begin with https"):
        set_all(shop, BY, client_of=through(platform))

    assert not WebhookSubscription.objects.exists()


def test_the_subjects_we_need_are_set_once(shop):
    platform = FakeEvents({"NEW_MESSAGE": "https://chat.example.com/"})

    done = set_all(shop, BY, client_of=through(platform))
    again = set_all(shop, BY, client_of=through(platform))

    assert {topic.upper() for topic in done.changed} == ELEVEN
    assert not done.failed
    assert (again.changed, again.kept) == ([], 11)
    assert sorted(platform.writes) == sorted(ELEVEN)
    found = states(shop)
    assert found.pop("NEW_MESSAGE") is State.ELSEWHERE
    assert found == dict.fromkeys(ELEVEN, State.SET)
    entry = AuditEntry.objects.get(verb="set webhooks")
    assert "order_status_change" in entry.details["topics"]


def test_what_is_posted_elsewhere_is_replaced_only_if_asked_for(shop):
    other = "https://other.example.com/hook"
    platform = FakeEvents({"ORDER_STATUS_CHANGE": other})

    set_all(shop, BY, replaces=False, client_of=through(platform))

    assert platform.addresses["ORDER_STATUS_CHANGE"] == other
    assert states(shop)["ORDER_STATUS_CHANGE"] is State.ELSEWHERE
    done = set_all(shop, BY, client_of=through(platform))
    assert done.changed == ["order_status_change"]
    assert platform.addresses["ORDER_STATUS_CHANGE"] == OURS


def test_a_check_changes_nothing_and_tells_what_changed(shop):
    platform = FakeEvents()
    set_all(shop, BY, client_of=through(platform))
    platform.writes.clear()
    del platform.addresses["PACKAGE_UPDATE"]
    platform.addresses["PRODUCT_CREATION"] = "https://other.example.com/"

    check(shop, client_of=through(platform))

    assert platform.writes == []
    found = states(shop)
    assert found["PACKAGE_UPDATE"] is State.MISSING
    assert found["PRODUCT_CREATION"] is State.ELSEWHERE
    assert found["ORDER_STATUS_CHANGE"] is State.SET


def test_a_check_that_gets_no_answer_keeps_what_is_known_and_says_so(shop):
    platform = FakeEvents()
    set_all(shop, BY, client_of=through(platform))
    platform.fails = PlatformUnavailable("TikTok Shop did not answer.")

    done = check(shop, client_of=through(platform))

    assert done.failed == [(str(ApiApp.objects.get()), "TikTok Shop did not answer.")]
    rows = standing_of(shop)
    assert {row.state for row in rows} == {State.SET}
    assert {row.problem for row in rows} == {"TikTok Shop did not answer."}


def test_a_subject_that_is_refused_keeps_no_other_from_being_set(shop):
    platform = FakeEvents(
        refuses={"PRODUCT_CREATION": RequestRefused("Not for this app.", code=105005)}
    )

    done = set_all(shop, BY, client_of=through(platform))

    assert len(done.changed) == 10
    assert [topic for topic, _ in done.failed] == ["product_creation"]
    row = next(r for r in standing_of(shop) if r.topic == "product_creation")
    assert row.problem.startswith("Not for this app.")


def test_what_no_app_may_read_is_said_with_the_reason():
    shop, _consent = make_connected_shop(scopes=[AUTHORIZATION, ORDERS])
    platform = FakeEvents()

    set_all(shop, BY, client_of=through(platform))

    assert set(platform.addresses) == {
        "ORDER_STATUS_CHANGE",
        "RECIPIENT_ADDRESS_UPDATE",
        "SELLER_DEAUTHORIZATION",
        "UPCOMING_AUTHORIZATION_EXPIRATION",
    }
    barred = [r for r in standing_of(shop) if r.state is State.BARRED]
    assert "has no permission for products" in barred[-1].problem


def test_each_app_has_subjects_of_its_own():
    shop, _ = make_connected_shop(scopes=[AUTHORIZATION, ORDERS])
    reader = make_authorization(
        make_api_app("Reader"), shops=[shop], scopes=[AUTHORIZATION, PRODUCTS]
    )
    platforms: dict[int, Any] = {}

    def client_of(credential):
        return platforms.setdefault(credential.api_app_id, FakeEvents())

    set_all(shop, BY, client_of=client_of)

    products = platforms[reader.api_app_id].addresses
    assert "PRODUCT_CREATION" in products
    assert "ORDER_STATUS_CHANGE" not in products
    for platform in platforms.values():
        assert "SELLER_DEAUTHORIZATION" in platform.addresses


def test_one_app_that_fails_keeps_no_other():
    shop, first = make_connected_shop(scopes=[AUTHORIZATION, ORDERS])
    make_authorization(
        make_api_app("Reader"), shops=[shop], scopes=[AUTHORIZATION, PRODUCTS]
    )

    def client_of(credential):
        away = credential.api_app_id == first.api_app_id
        return FakeEvents(fails=PlatformUnavailable("Away.") if away else None)

    done = set_all(shop, BY, client_of=client_of)

    assert "product_creation" in done.changed
    assert (str(first.api_app), "Away.") in done.failed


def test_removing_ends_what_is_ours_alone(shop):
    platform = FakeEvents({"NEW_MESSAGE": "https://chat.example.com/"})
    set_all(shop, BY, client_of=through(platform))

    done = remove_all(shop, BY, client_of=through(platform))

    assert len(done.changed) == 11
    assert platform.addresses == {"NEW_MESSAGE": "https://chat.example.com/"}
    assert states(shop)["ORDER_STATUS_CHANGE"] is State.MISSING
    # It was decided: nobody sets them anew by himself.
    assert not never_set_up().exists()


def test_a_shop_that_is_not_connected_is_left_alone(shop):
    Shop.objects.update(state=Shop.State.PAUSED)
    shop.refresh_from_db()

    with pytest.raises(ShopRefuses, match="is paused"):
        set_all(shop, BY, client_of=through(FakeEvents()))


def test_an_ended_consent_has_no_subjects(shop):
    Authorization.objects.update(state=Authorization.State.CONSENT_NEEDED)

    rows = standing_of(shop)

    assert {row.state for row in rows} == {State.BARRED}
    assert "reconnect the shop" in rows[0].problem


def test_who_is_to_be_looked_at_is_found_by_the_rows(shop):
    make_shop()  # has no consent, and is asked about all the same: it says why
    now = timezone.now()
    assert shop in never_set_up()

    set_all(shop, BY, client_of=through(FakeEvents()))

    assert shop not in never_set_up()
    assert not due_for_check(now).exists()
    assert list(due_for_check(now + CHECK_EVERY * 2)) == [shop]


def test_when_an_address_was_set_is_not_moved_by_checks(shop):
    platform = FakeEvents()
    set_all(shop, BY, client_of=through(platform))
    before = WebhookSubscription.objects.get(topic="package_update")

    check(shop, client_of=through(platform))

    after = WebhookSubscription.objects.get(topic="package_update")
    assert after.modified_at == before.modified_at
    assert after.checked_at != before.checked_at


def test_it_works_with_the_platform_itself(simulator, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    shop = connect_simulator_shops(simulator)[0]

    assert states(shop)["ORDER_STATUS_CHANGE"] is State.UNKNOWN
    check(shop)
    assert states(shop)["ORDER_STATUS_CHANGE"] is State.MISSING
    set_all(shop, BY)

    listed = [r for r in simulator.control("webhooks") if r["shop_id"]]
    assert {row["event_type"] for row in listed} == ELEVEN
    assert {row["address"] for row in listed} == {webhook_address()}
    remove_all(shop, BY)
    assert not [r for r in simulator.control("webhooks") if r["shop_id"]]
