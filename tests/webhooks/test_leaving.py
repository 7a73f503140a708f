"""A shop that is let go: its webhooks end while its token still works."""

from unittest.mock import patch

import pytest

from apps.integrations.errors import PlatformUnavailable, RequestRefused
from apps.platforms.errors import ShopRefuses
from apps.platforms.models import Authorization, Shop
from apps.platforms.services.scopes import AUTHORIZATION, ORDERS, PRODUCTS
from apps.users.models import AuditEntry
from apps.users.roles import Role
from apps.users.services.audit import By
from apps.webhooks.models import WebhookSubscription
from apps.webhooks.services.leaving import disconnect
from apps.webhooks.services.subscriptions import is_declined, remove_all, set_all
from tests.api.support import Caller
from tests.factories.platforms import (
    MANAGER,
    connect_simulator_shops,
    make_api_app,
    make_authorization,
    make_connected_shop,
    make_shop,
)
from tests.factories.users import make_user
from tests.platforms.screens_support import deed, notices, signed_in
from tests.webhooks.subscribed import FakeEvents

pytestmark = pytest.mark.django_db
BY = By(process="tests")
AWAY = PlatformUnavailable("TikTok Shop did not answer.")


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://desk.example.com"


@pytest.fixture
def shop():
    return make_connected_shop()[0]


@pytest.fixture
def platform(shop):
    fake = FakeEvents({"NEW_MESSAGE": "https://chat.example.com/"})
    set_all(shop, BY, client_of=through(fake))
    return fake


def through(platform):
    return lambda credential: platform


def among(platforms):
    return lambda credential: platforms[credential.api_app_id]


def is_let_go(shop):
    shop.refresh_from_db()
    tokens = [row.access_token for row in Authorization.objects.all()]
    return shop.state == Shop.State.DISCONNECTED and not any(tokens)


@pytest.mark.parametrize("state", [Shop.State.CONNECTED, Shop.State.PAUSED])
def test_what_is_posted_to_us_ends_before_the_token_does(shop, platform, state):
    Shop.objects.update(state=state)
    shop.refresh_from_db()

    def client_of(credential):
        assert credential.authorization.access_token
        return platform

    left = disconnect(shop, shop.name, BY, client_of=client_of)

    assert platform.addresses == {"NEW_MESSAGE": "https://chat.example.com/"}
    assert len(left.done.changed) == 11
    assert not left.warning
    assert is_let_go(shop)
    trail = AuditEntry.objects.filter(shop_key=shop.pk).order_by("pk")
    assert list(trail.values_list("verb", flat=True))[-2:] == [
        "removed webhooks",
        "disconnected",
    ]
    entry = trail.get(verb="removed webhooks")
    assert "order_status_change" in entry.details["topics"]


def test_a_platform_that_is_away_stops_nothing_and_is_told(shop, platform):
    platform.fails = AWAY

    left = disconnect(shop, shop.name, BY, client_of=through(platform))

    assert is_let_go(shop)
    assert "some events may still come" in left.warning
    assert "TikTok Shop did not answer." in left.warning
    entry = AuditEntry.objects.get(verb="could not remove webhooks")
    assert "TikTok Shop did not answer." in entry.details["failed"][0]
    # What is still posted to us, for all we know, remains on record.
    assert WebhookSubscription.objects.exclude(problem="").count() == 11


def test_one_subject_that_is_refused_keeps_no_other_from_ending(shop, platform):
    def delete(topic):
        if topic == "PACKAGE_UPDATE":
            raise RequestRefused("Not now.", code=105005)
        platform.addresses.pop(topic)

    with patch.object(platform, "delete_webhook", delete):
        left = disconnect(shop, shop.name, BY, client_of=through(platform))

    assert is_let_go(shop)
    assert platform.addresses.keys() == {"NEW_MESSAGE", "PACKAGE_UPDATE"}
    assert "package_update: Not now." in left.warning
    entry = AuditEntry.objects.get(verb="removed webhooks")
    assert entry.details["failed"] == ["package_update: Not now. (code 105005)"]


def test_one_app_that_is_away_keeps_no_other_from_ending():
    shop, first = make_connected_shop(scopes=[AUTHORIZATION, ORDERS])
    reader = make_authorization(
        make_api_app("Reader"), shops=[shop], scopes=[AUTHORIZATION, PRODUCTS]
    )
    fakes = {row.api_app_id: FakeEvents() for row in (first, reader)}
    set_all(shop, BY, client_of=among(fakes))
    fakes[first.api_app_id].fails = AWAY

    left = disconnect(shop, shop.name, BY, client_of=among(fakes))

    assert is_let_go(shop)
    assert fakes[reader.api_app_id].addresses == {}
    assert [app for app, _ in left.done.failed] == [str(first.api_app)]


def test_what_a_lost_consent_leaves_behind_is_told(shop, platform):
    Authorization.objects.update(state=Authorization.State.CONSENT_NEEDED)
    Shop.objects.update(state=Shop.State.RECONNECT_NEEDED)
    shop.refresh_from_db()
    platform.fails = AssertionError("nobody may be asked")

    left = disconnect(shop, shop.name, BY, client_of=through(platform))

    assert "has no consent any more" in left.warning
    assert is_let_go(shop)


def test_a_wrong_name_asks_the_platform_nothing(shop, platform):
    before = dict(platform.addresses)

    with pytest.raises(ShopRefuses, match="Type the shop's name"):
        disconnect(shop, "another", BY, client_of=through(platform))

    assert platform.addresses == before
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_again_is_nothing_more(shop, platform):
    disconnect(shop, shop.name, BY, client_of=through(platform))
    shop.refresh_from_db()
    platform.fails = AssertionError("nobody may be asked")

    left = disconnect(shop, shop.name, BY, client_of=through(platform))

    assert not left.warning
    assert AuditEntry.objects.filter(verb="removed webhooks").count() == 1
    assert AuditEntry.objects.filter(verb="disconnected").count() == 1


def test_a_shop_that_comes_back_is_subscribed_anew_unless_that_was_declined():
    kept, declined = make_connected_shop()[0], make_connected_shop()[0]
    fake = FakeEvents()
    for shop in (kept, declined):
        set_all(shop, BY, client_of=through(fake))
    remove_all(declined, BY, client_of=through(fake))

    set_all(kept, BY, client_of=through(fake))
    for shop in (kept, declined):
        disconnect(shop, shop.name, BY, client_of=through(fake))

    assert not is_declined(kept)
    assert is_declined(declined)


def test_the_page_says_what_became_of_the_webhooks(company):
    shops = [make_shop(company, name=name) for name in ("One", "Two")]
    for shop in shops:
        make_authorization(shops=[shop])
    fake = FakeEvents()
    for shop in shops:
        set_all(shop, BY, client_of=through(fake))
    browser = signed_in(make_user("manager", clients=[company], permissions=MANAGER))
    named = "apps.platforms.admin.actions.client_at_page_through"

    with patch(named, through(fake)):
        fine = browser.post(
            deed(shops[0], "disconnect"), {"typed_name": "One"}, follow=True
        )
        fake.fails = AWAY
        lacking = browser.post(
            deed(shops[1], "disconnect"), {"typed_name": "Two"}, follow=True
        )

    assert "posts 11 subjects to us no more" in notices(fine)
    assert "may still come" not in notices(fine)
    assert "Two (MY) is disconnected" in notices(lacking)
    assert "TikTok Shop did not answer." in notices(lacking)


def test_a_program_is_told_too(company):
    shop = make_shop(company)
    make_authorization(shops=[shop])
    fake = FakeEvents(fails=AWAY)
    caller = Caller(make_user(clients=[company], role=Role.ADMIN))
    body = {"typed_name": shop.name}
    address = f"shops/{shop.pk}/disconnect/"

    with patch("apps.platforms.api.shops.client_at_page_through", through(fake)):
        first = caller.post(address, body, idempotency_key="once")
        again = caller.post(address, body, idempotency_key="once")

    assert first.status_code == 200
    assert first.json()["state"] == "disconnected"
    assert "TikTok Shop did not answer." in first.json()["warning"]
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def test_it_works_with_the_platform_itself(simulator, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:9"
    shop = connect_simulator_shops(simulator)[0]
    set_all(shop, BY)

    left = disconnect(shop, shop.name, BY)

    assert len(left.done.changed) == 11
    assert not [r for r in simulator.control("webhooks") if r["shop_id"]]
