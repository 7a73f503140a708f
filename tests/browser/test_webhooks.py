"""The webhook log in Chromium: nothing sticks out, nothing complains, and an event is
given up without scripts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.webhooks.models import WebhookAttempt, WebhookEvent
from tests.browser.conftest import NARROW, WIDE
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.users import make_client, make_user
from tests.factories.webhooks import make_event, order_news

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
State = WebhookEvent.State


@pytest.fixture
def shop():
    """Thirty days of events, some of them in trouble."""
    shop = make_shop(make_client("Harbour Trading"), name="Main Store")
    app = make_authorization(shops=[shop]).api_app
    now = timezone.now()
    for day in range(30):
        at = now - timedelta(days=day, minutes=4)
        made = [("Order 58 updated", State.PROCESSED, 1)] * 9
        if day in (4, 11):
            made.append(("", State.DEAD, 7))
        for outcome, state, attempts in made:
            make_event(
                shop,
                api_app=app,
                state=state,
                outcome=outcome,
                error="" if outcome else "TikTok does not answer. (code 36009003)",
                attempts=attempts,
                milliseconds=212,
                received_at=at,
                processed_at=at + timedelta(seconds=3),
            )
    body = order_news(shop, "580000000000000001").decode()
    failed = make_event(
        shop,
        api_app=app,
        state=State.FAILED,
        topic="upcoming_authorization_expiration",
        error="The shop's apps may not read returns and cancellations. Grant them "
        "“Return and refund” in Partner Center and connect the shop again.",
        attempts=1,
        milliseconds=3120,
        body=body,
        headers={"Content-Type": "application/json", "Authorization": "…1a05"},
        processed_at=now,
    )
    WebhookAttempt.objects.create(
        event=failed, milliseconds=3120, is_ok=False, message=failed.error
    )
    make_event(shop, state=State.DUPLICATE, first=failed, identity="", api_app=app)
    make_event(
        shop,
        state=State.RETRY,
        next_try_at=now + timedelta(minutes=9),
        attempts=2,
        error="TikTok does not answer.",
    )
    return shop


def pages():
    failed = WebhookEvent.objects.get(state=State.FAILED)
    bulk = reverse("admin:webhooks_webhookevent_bulk")
    yield reverse("admin:webhooks_webhookevent_changelist"), "Webhook log"
    yield (
        reverse("admin:webhooks_webhookevent_change", args=[failed.pk]),
        "UPCOMING_AUTHORIZATION_EXPIRATION",
    )
    yield f"{bulk}?deed=replay&all=1&tab=dead", "Replay: 2 events"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_sticks_out_and_nothing_complains(browser, shop, theme):
    browser.sign_in(make_user("root", is_superuser=True))
    for address, title in pages():
        for width in (WIDE, NARROW):
            browser.resize(width)
            browser.open(address)
            browser.wear(theme)
            assert title in browser.text()
            wide = browser.run("return document.documentElement.scrollWidth")
            assert wide <= width, (address, width)
            assert browser.complaints() == []
    assert browser.hosts() == {browser.root.removeprefix("http://")}


def test_an_event_is_given_up_without_scripts(browser, shop):
    browser.sign_in(make_user("root", is_superuser=True))
    browser.set_scripts(enabled=False)
    retry = WebhookEvent.objects.get(state=State.RETRY)
    browser.open(reverse("admin:webhooks_webhookevent_change", args=[retry.pk]))
    address = browser.one(".deeds a[href*=give_up]").get_attribute("href")
    browser.open(address.removeprefix(browser.root))

    browser.one("form.deeds button").click()

    assert "1 event marked dead" in browser.text()
    retry.refresh_from_db()
    assert retry.state == State.DEAD
