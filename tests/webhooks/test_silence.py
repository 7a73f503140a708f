"""A silence longer than a shop's habit."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.users.services.audit import By
from apps.webhooks.models import WebhookEvent, WebhookSubscription
from apps.webhooks.services.silence import Heard, judge, silent_shops
from apps.webhooks.services.subscriptions import set_all
from tests.factories.platforms import make_authorization, make_shop
from tests.webhooks.subscribed import FakeEvents

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def spans(*hours_ago):
    """A delivery at each of these, the oldest first."""
    return [(NOW - hours * HOUR,) * 2 for hours in hours_ago]


def every(hours, *, until):
    return spans(*range(until + 20 * hours, until - 1, -hours))


def test_a_shop_that_was_never_subscribed_is_not_silent():
    assert not judge(Heard(), NOW).is_silent


def test_a_pause_as_long_as_usual_is_none():
    assert not judge(Heard(every(5, until=9), NOW), NOW).is_silent


def test_a_pause_twice_as_long_as_the_longest_is_silence():
    verdict = judge(Heard(every(5, until=11), NOW), NOW)

    assert verdict.is_silent
    assert verdict.words == (
        "The last event came 11 h ago; for two weeks the longest pause was 5 h."
    )


def test_minutes_are_no_silence_whatever_the_habit():
    busy = [(NOW - timedelta(minutes=m),) * 2 for m in range(200, 39, -2)]

    assert not judge(Heard(busy, NOW), NOW).is_silent


def test_few_deliveries_tell_no_habit():
    assert not judge(Heard(spans(30, 29, 28), NOW), NOW).is_silent


@pytest.mark.parametrize(
    ("untold", "minutes", "is_silent"),
    [(1, 30, False), (1, 41, True), (3, 9, False), (3, 11, True)],
)
def test_orders_that_change_without_an_event_are_silence(untold, minutes, is_silent):
    first = NOW - timedelta(minutes=minutes)
    heard = Heard(spans(1), NOW, untold, first)

    assert judge(heard, NOW).is_silent is is_silent


def test_a_shop_that_never_heard_anything_is_told_so():
    heard = Heard((), NOW - 3 * HOUR, 4, NOW - HOUR)

    assert judge(heard, NOW).words == (
        "No event has come since it was subscribed 3 h ago, and 4 orders have changed "
        "without one."
    )


def deliver(shop, at, **fields):
    return WebhookEvent.objects.create(
        shop=shop, type_number=fields.pop("type_number", 1), received_at=at, **fields
    )


def order(shop, number, at):
    return Order.objects.create(
        shop=shop,
        remote_id=f"58000{number}",
        status=Order.Status.TO_SHIP,
        currency="MYR",
        placed_at=at,
        remote_updated_at=at,
    )


@pytest.mark.django_db
def test_silent_shops_are_found_with_as_many_queries_for_many(
    settings, django_assert_num_queries
):
    settings.PUBLIC_URL = "https://desk.example.com"
    now = timezone.now()
    shops = [make_shop() for _ in range(5)]
    for shop in shops[:3]:
        make_authorization(shops=[shop])
        client_of: Any = lambda credential: FakeEvents()  # noqa: E731
        set_all(shop, By(), client_of=client_of)
    silent, fine, _quiet, declined, app_wide = shops
    WebhookSubscription.objects.create(
        shop=declined,
        api_app=silent.credentials.get().api_app,
        topic="order_status_change",
    )
    for shop in (silent, fine, declined, app_wide):
        deliver(shop, now - 3 * HOUR)
        order(shop, shop.pk, now - 2 * HOUR)
    deliver(fine, now - HOUR)
    # Neither forgeries nor our own tests are news.
    deliver(silent, now, state=WebhookEvent.State.BAD_SIGNATURE)
    deliver(silent, now, type_number=0)

    with django_assert_num_queries(4):
        found = silent_shops(now)

    assert [each.shop for each in found] == [silent, app_wide]
    assert found[0].last_at == now - 3 * HOUR
    assert found[0].words == (
        "The last event came 3 h ago, and 1 order has changed without one."
    )
