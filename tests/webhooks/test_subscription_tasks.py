"""Who is subscribed for and looked at by itself."""

from unittest.mock import patch

import pytest
import requests
from django.utils import timezone

from apps.platforms.models import Shop
from apps.users.services.audit import By
from apps.webhooks import tasks
from apps.webhooks.admin.subscriptions import arrival_words
from apps.webhooks.models import WebhookEvent, WebhookSubscription
from apps.webhooks.services import rehearsal, subscriptions
from tests.factories.platforms import make_connected_shop, make_shop
from tests.webhooks.subscribed import OURS, FakeEvents
from tests.webhooks.test_rehearsal import to_ourselves

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def platform(settings, monkeypatch):
    settings.PUBLIC_URL = "https://desk.example.com"
    fake = FakeEvents()
    monkeypatch.setattr(subscriptions, "_client_of", lambda credential: fake)
    monkeypatch.setattr(rehearsal, "_post", to_ourselves)
    return fake


@pytest.fixture
def shop():
    return make_connected_shop()[0]


def test_a_new_shop_is_subscribed_for_and_tested_once(shop, platform):
    assert arrival_words(shop) == "Subscriptions are being set."

    tasks.set_up_subscriptions(shop.pk)
    tasks.set_up_subscriptions(shop.pk)

    assert set(platform.addresses.values()) == {OURS}
    assert WebhookEvent.objects.count() == 1
    assert "a test delivery came through" in arrival_words(shop)


def test_a_shop_connected_anew_is_subscribed_for_again(shop, platform):
    tasks.set_up_subscriptions(shop.pk)
    platform.addresses.clear()  # the platform forgot them with the consent

    tasks.set_up_subscriptions(shop.pk)

    assert len(platform.addresses) == 11


def test_who_ended_it_is_not_overruled(shop, platform):
    tasks.set_up_subscriptions(shop.pk)
    subscriptions.remove_all(shop, By())

    tasks.set_up_subscriptions(shop.pk)

    assert platform.addresses == {}


def test_what_others_get_is_left_to_them(shop, platform):
    platform.addresses["PACKAGE_UPDATE"] = "https://other.example.com/"

    tasks.set_up_subscriptions(shop.pk)

    assert platform.addresses["PACKAGE_UPDATE"] == "https://other.example.com/"
    assert "1 subject is not posted to us" in arrival_words(shop)


def test_an_address_that_cannot_be_leaves_all_as_it_is(shop, platform, settings):
    settings.PUBLIC_URL = "http://desk.example.com"

    tasks.set_up_subscriptions(shop.pk)

    assert platform.addresses == {}
    assert not WebhookSubscription.objects.exists()
    assert arrival_words(shop).startswith("We cannot receive events yet. PUBLIC_URL")


def test_a_test_that_does_not_come_back_is_told(shop, monkeypatch):
    def lost(*told):
        raise requests.exceptions.ConnectionError

    monkeypatch.setattr(rehearsal, "_post", lost)

    tasks.set_up_subscriptions(shop.pk)

    assert f"none came through {OURS}" in arrival_words(shop)


def test_the_sweep_wakes_new_shops_and_those_not_looked_at_for_a_day(shop, platform):
    make_shop(state=Shop.State.PAUSED)
    with (
        patch.object(tasks.set_up_subscriptions, "delay") as set_up,
        patch.object(tasks.check_subscriptions, "delay") as check,
    ):
        assert tasks.sweep_subscriptions() == 1
        set_up.assert_called_once_with(shop.pk)

        tasks.set_up_subscriptions(shop.pk)
        assert tasks.sweep_subscriptions() == 0

        WebhookSubscription.objects.update(
            checked_at=timezone.now() - subscriptions.CHECK_EVERY
        )
        assert tasks.sweep_subscriptions() == 1
        check.assert_called_once_with(shop.pk)


def test_the_daily_look_repairs_nothing(shop, platform):
    tasks.set_up_subscriptions(shop.pk)
    platform.addresses.clear()
    platform.writes.clear()

    tasks.check_subscriptions(shop.pk)

    assert platform.writes == []
    assert set(WebhookSubscription.objects.values_list("address", flat=True)) == {""}
