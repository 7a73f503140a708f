"""A shop's webhooks on its page: shown, checked, set, tested, removed."""

import re
from unittest.mock import patch

import pytest
from django.urls import reverse

from apps.users.models import AuditEntry
from apps.users.services.audit import By
from apps.webhooks.services.rehearsal import Outcome
from apps.webhooks.services.subscriptions import set_all
from tests.factories.platforms import MANAGER, make_authorization, make_shop
from tests.factories.users import make_user
from tests.platforms.screens_support import notices, page_of, signed_in
from tests.webhooks.subscribed import FakeEvents

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(company):
    shop = make_shop(company, name="Main Store")
    make_authorization(shops=[shop])
    return shop


@pytest.fixture
def browser(company):
    return signed_in(make_user("manager", clients=[company], permissions=MANAGER))


@pytest.fixture(autouse=True)
def platform(settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    fake = FakeEvents()
    named = "apps.webhooks.admin.subscriptions.client_at_page_through"
    with patch(named, lambda credential: fake):
        yield fake


def deed(shop, name):
    return reverse("admin:platforms_shop_webhooks", args=[shop.pk, name])


def text(response):
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain)


def test_the_tab_shows_what_is_posted_where(shop, browser, platform):
    page = text(browser.get(page_of(shop, "connection")))

    assert "https://desk.example.com/webhooks/tiktok/" in page
    assert "11 not set" in page
    assert "Order status change Not looked at" in page
    assert "subscriptions not checked yet" in page

    platform.addresses["PACKAGE_UPDATE"] = "https://other.example.com/hook"
    answer = browser.post(deed(shop, "check"), follow=True)

    assert "11 subjects are not posted to us" in notices(answer)
    page = text(answer)
    assert "Package update Goes elsewhere https://other.example.com/hook" in page
    assert "Order status change Not set" in page
    assert platform.writes == []


def test_setting_is_asked_about_first_and_done_once(shop, browser, platform):
    platform.addresses["PACKAGE_UPDATE"] = "https://other.example.com/hook"
    browser.post(deed(shop, "check"))

    asked = text(browser.get(deed(shop, "set")))

    assert "Set 11 subjects" in asked
    assert "https://other.example.com/hook" in asked
    assert "Whoever has them at another address now gets them no more" in asked
    assert platform.writes == []

    answer = browser.post(deed(shop, "set"), follow=True)

    assert "11 subjects are posted to us now" in notices(answer)
    assert AuditEntry.objects.get(verb="set webhooks").actor_text == "manager"
    assert "nothing had to be set" in notices(
        browser.post(deed(shop, "set"), follow=True)
    )
    assert "There is nothing to set" in text(browser.get(deed(shop, "set")))


def test_removing_says_what_it_means(shop, browser, platform):
    set_all(shop, By(), client_of=lambda credential: platform)

    asked = text(browser.get(deed(shop, "remove")))
    answer = browser.post(deed(shop, "remove"), follow=True)

    assert "TikTok will tell us nothing of Main Store (MY) any more" in asked
    assert "11 subjects are posted to us no more" in notices(answer)
    assert platform.addresses == {}


def test_an_address_that_cannot_be_is_explained_before_anything_is_asked(
    shop, browser, settings
):
    settings.PUBLIC_URL = "http://desk.example.com"

    page = text(browser.get(page_of(shop, "connection")))

    assert "PUBLIC_URL does not begin with https://" in page
    assert "Test with a real delivery" not in page
    answer = browser.post(deed(shop, "set"), follow=True)
    assert "PUBLIC_URL does not begin with https://" in notices(answer)


def test_a_test_tells_what_came_of_it(shop, browser):
    outcome = Outcome("App", is_ok=False, words="The name is not known.")
    with patch(
        "apps.webhooks.admin.subscriptions.rehearse", lambda shop, by: [outcome]
    ):
        answer = browser.post(deed(shop, "test"), follow=True)

    assert "App: The name is not known." in notices(answer)


def test_only_who_connects_shops_may(shop, company):
    other = signed_in(
        make_user("clerk", clients=[company], permissions=["process_orders"])
    )

    for name in ("check", "set", "test", "remove"):
        assert other.post(deed(shop, name)).status_code == 403
    stranger = signed_in(make_user("stranger", permissions=MANAGER))
    assert stranger.post(deed(shop, "set")).status_code in (302, 403)


def test_what_changes_something_is_not_done_by_looking(shop, browser):
    assert browser.get(deed(shop, "check")).status_code == 405
    assert browser.get(deed(shop, "test")).status_code == 405
    assert browser.get(deed(shop, "no-such-thing")).status_code == 404
