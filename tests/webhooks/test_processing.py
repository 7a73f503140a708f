"""Events acted on: fetched once for many, noted one by one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from apps.core.logging import bound_ids
from apps.core.processes import process_name
from apps.integrations.contracts import OrderStatus
from apps.integrations.errors import (
    ConsentNeeded,
    NotFound,
    PlatformUnavailable,
    RateLimited,
    ScopeMissing,
)
from apps.integrations.tiktok.webhooks import parse_notice
from apps.orders.models import Order, OrderPayload
from apps.platforms.models import Shop
from apps.webhooks import tasks
from apps.webhooks.models import WebhookAttempt, WebhookEvent
from apps.webhooks.services import claiming, settling
from apps.webhooks.services.fates import BACK_OFF
from apps.webhooks.services.intake import event_of
from apps.webhooks.services.processing import HOLD, work_events
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import make_delivery, order_news
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = pytest.mark.django_db
State = WebhookEvent.State
NOW = timezone.now() - timedelta(hours=1)


@pytest.fixture
def shop() -> Shop:
    shop = make_shop()
    make_authorization(shops=[shop])
    return shop


def store(shop: Shop, body: bytes, **fields: Any) -> WebhookEvent:
    app = shop.credentials.get().api_app_id
    event = event_of(parse_notice(body), app, body, timezone.now())
    event.shop = shop
    for name, value in ({"next_try_at": timezone.now()} | fields).items():
        setattr(event, name, value)
    event.save()
    return event


def told(shop: Shop, *order_ids: str) -> list[WebhookEvent]:
    return [store(shop, order_news(shop, order_id)) for order_id in order_ids]


def platform_with(*order_ids: str) -> Any:
    return FakePlatform([make_remote_order(key, NOW) for key in order_ids])


def states(*events: WebhookEvent) -> list[str]:
    rows = {row.pk: row for row in WebhookEvent.objects.all()}
    return [rows[event.pk].state for event in events]


def make_due(*events: WebhookEvent) -> None:
    keys = [event.pk for event in events]
    WebhookEvent.objects.filter(pk__in=keys).update(next_try_at=timezone.now())


def pause_of(event: WebhookEvent) -> timedelta:
    """From its last try, or from now, to the next."""
    assert event.next_try_at is not None
    return event.next_try_at - (event.processed_at or timezone.now())


def breaks_on(platform: Any, *poison: str, error: Exception) -> Any:
    whole = platform.get_orders

    def get_orders(ids: list[str]) -> Any:
        if set(poison) & set(ids):
            platform.asked_ids.append(tuple(ids))
            raise error
        return whole(ids)

    platform.get_orders = get_orders
    return platform


def test_many_events_of_an_order_are_one_reading_of_it(shop):
    platform = platform_with("1", "2")
    events = told(shop, "1", "2", "1", "1")

    worked = work_events(shop, client=platform)

    assert platform.asked_ids == [("1", "2")]
    assert states(*events) == [State.PROCESSED] * 4
    assert worked.done == 4
    first = WebhookEvent.objects.get(pk=events[0].pk)
    assert first.outcome == "Order 1 is new"
    assert (first.attempts, first.error) == (1, "")
    assert first.milliseconds is not None
    assert WebhookAttempt.objects.filter(is_ok=True).count() == 4
    assert Order.objects.count() == 2


def test_acting_again_says_that_nothing_changed(shop):
    platform = platform_with("1")
    told(shop, "1")
    work_events(shop, client=platform)

    again = told(shop, "1")[0]
    work_events(shop, client=platform)

    again.refresh_from_db()
    assert again.outcome == "Order 1: no change"
    assert OrderPayload.objects.count() == 1

    platform.move_on("1", NOW + timedelta(minutes=1))
    newer = told(shop, "1")[0]
    work_events(shop, client=platform)

    newer.refresh_from_db()
    assert newer.outcome == "Order 1 updated"


def test_an_order_nobody_has_is_an_answer(shop):
    event = told(shop, "404")[0]

    work_events(shop, client=platform_with("1"))

    event.refresh_from_db()
    assert event.state == State.PROCESSED
    assert event.outcome == "TikTok has no order 404"


def test_packages_rearranged_name_several_orders(shop):
    data = {
        "sc_type": "COMBINE",
        "package_list": [{"package_id": "9", "order_id_list": ["1", 2]}],
    }
    event = store(shop, make_delivery(4, shop.remote_id, data=data))
    platform = platform_with("1", "2")

    work_events(shop, client=platform)

    event.refresh_from_db()
    assert platform.asked_ids == [("1", "2")]
    assert event.outcome == "Order 1 is new; Order 2 is new"


def test_an_older_event_after_a_newer_moves_nothing_back(shop):
    """What is fetched counts, not what the event says."""
    moved = make_remote_order("1", NOW, OrderStatus.IN_TRANSIT)
    platform: Any = FakePlatform([moved])
    told(shop, "1")
    work_events(shop, client=platform)
    old = order_news(shop, "1", timestamp=int(NOW.timestamp()) - 3600)
    store(shop, old.replace(b"AWAITING_SHIPMENT", b"UNPAID"))

    work_events(shop, client=platform)

    assert Order.objects.get().status == OrderStatus.IN_TRANSIT.value


def test_one_poisoned_event_does_not_hold_the_others_up(shop, caplog):
    platform = breaks_on(platform_with("1", "2", "3"), "2", error=ValueError("?"))
    events = told(shop, "1", "2", "3")

    worked = work_events(shop, client=platform)

    assert states(*events) == [State.PROCESSED, State.RETRY, State.PROCESSED]
    assert (worked.done, worked.waiting) == (2, 1)
    poisoned = events[1]
    poisoned.refresh_from_db()
    assert poisoned.attempts == 1
    assert pause_of(poisoned) == BACK_OFF[0]
    assert "event failed" in caplog.text

    for _ in BACK_OFF:
        make_due(poisoned)
        work_events(shop, client=platform)

    poisoned.refresh_from_db()
    assert poisoned.state == State.DEAD
    assert poisoned.tries.count() == len(BACK_OFF) + 1
    assert not claiming.is_due(shop, timezone.now())


def test_what_the_platform_cannot_show_is_not_an_outage(shop):
    error = PlatformUnavailable("500")
    platform = breaks_on(platform_with("1", "2", "3", "4"), "2", error=error)
    events = told(shop, "1", "2", "3", "4")

    work_events(shop, client=platform)

    assert states(*events).count(State.PROCESSED) == 3
    assert states(events[1]) == [State.RETRY]
    shop.refresh_from_db()
    assert shop.failures_in_a_row == 0


def test_in_an_outage_the_rest_waits_and_a_resting_shop_wears_nothing_out(shop):
    keys = [str(number) for number in range(60)]
    error = PlatformUnavailable("It does not answer.")
    platform = breaks_on(platform_with(*keys), *keys, error=error)
    events = told(shop, *keys)

    work_events(shop, client=platform)

    assert len(platform.asked_ids) == 1 + 3, "the batch, and three to be sure"
    assert states(*events).count(State.RETRY) == 50
    rest = WebhookEvent.objects.filter(state=State.WAITING)
    assert {event.attempts for event in rest} == {0}
    assert all(pause_of(event) > HOLD / 2 for event in rest)
    assert not WebhookEvent.objects.filter(claimed_until__isnull=False).exists()

    for _ in range(3):
        make_due(*events)
        work_events(shop, client=platform)
    tries = {event.pk: event.attempts for event in WebhookEvent.objects.all()}
    make_due(*events)
    work_events(shop, client=platform)

    shop.refresh_from_db()
    assert shop.rested_until is not None
    now = {event.pk: event.attempts for event in WebhookEvent.objects.all()}
    # Those tried one by one before it was sure have had their try.
    assert sum(now[key] - tries[key] for key in tries) <= 2
    assert claiming.shops_due(timezone.now()) == []


def test_too_many_calls_are_nobodys_failure(shop):
    error = RateLimited("Slow down.", retry_after_seconds=60)
    platform = breaks_on(platform_with("1"), "1", error=error)
    event = told(shop, "1")[0]

    work_events(shop, client=platform)

    event.refresh_from_db()
    assert (event.state, event.attempts) == (State.WAITING, 0)
    assert pause_of(event) > timedelta(seconds=50)
    assert not event.tries.exists()


def test_without_consent_it_fails_and_comes_again_once_connected(shop):
    error = ConsentNeeded("The seller took the app away.")
    platform = breaks_on(platform_with("1"), "1", error=error)
    event = told(shop, "1")[0]

    work_events(shop, client=platform)

    event.refresh_from_db()
    shop.refresh_from_db()
    assert event.state == State.FAILED
    assert "Connect the shop again" in event.error
    assert shop.state == Shop.State.RECONNECT_NEEDED
    assert settling.take_up_failed(timezone.now()) == 0

    Shop.objects.update(state=Shop.State.CONNECTED)
    assert settling.take_up_failed(timezone.now()) == 0, "nobody has connected it"
    authorization = shop.credentials.get().authorization
    authorization.connected_at = timezone.now()
    authorization.save()

    assert settling.take_up_failed(timezone.now()) == 1
    work_events(shop, client=platform_with("1"))
    assert states(event) == [State.PROCESSED]


def test_a_permission_that_listings_lack_stops_nothing_else(shop):
    platform: Any = platform_with("1")
    platform.get_listing = lambda key: (_ for _ in ()).throw(ScopeMissing("105005"))
    listing = store(shop, make_delivery(5, shop.remote_id, data={"product_id": 17}))
    order = told(shop, "1")[0]

    work_events(shop, client=platform)

    assert states(listing, order) == [State.FAILED, State.PROCESSED]
    shop.refresh_from_db()
    assert shop.state == Shop.State.CONNECTED


def test_a_request_that_may_not_be_read_fails_with_what_to_do(shop):
    platform: Any = platform_with("1")
    platform.returns_of = lambda ids: (_ for _ in ()).throw(ScopeMissing("105005"))
    data = {"order_id": "1", "return_id": "7"}
    event = store(shop, make_delivery(12, shop.remote_id, data=data))

    work_events(shop, client=platform)

    event.refresh_from_db()
    assert event.state == State.FAILED
    assert "Return and refund" in event.error
    assert Order.objects.exists()


def test_listings_that_are_gone_are_noted(shop):
    platform: Any = platform_with()
    platform.get_listing = lambda key: (_ for _ in ()).throw(NotFound("no"))
    event = store(shop, make_delivery(16, shop.remote_id, data={"product_id": 1729}))

    work_events(shop, client=platform)

    event.refresh_from_db()
    assert event.outcome == "TikTok has no listing 1729"


def test_what_a_dead_process_took_is_due_again(shop):
    events = told(shop, "1", "2")
    taken = claiming.claim(shop)
    assert taken is not None
    assert claiming.claim(shop) is None
    assert claiming.shops_due(timezone.now()) == []
    host = process_name().split(":")[0]
    WebhookEvent.objects.update(claimed_by=f"{host}:4194999:0")

    assert claiming.free_dead() == 2

    assert claiming.shops_due(timezone.now()) == [shop]
    work_events(shop, client=platform_with("1", "2"))
    assert states(*events) == [State.PROCESSED] * 2


def test_what_could_not_be_put_back_is_due_once_the_database_is_there(
    shop, monkeypatch
):
    events = told(shop, "1", "2")
    platform = platform_with("1", "2")
    whole = platform.get_orders

    def is_away(*_: Any) -> None:
        raise OperationalError("server closed the connection")

    def cut_off(ids: list[str]) -> Any:
        assert claiming.free_dead() == 0  # it is at work
        return is_away()

    platform.get_orders = cut_off
    with monkeypatch.context() as patch:
        patch.setattr(claiming.Claim, "put_back", is_away)
        with pytest.raises(OperationalError):
            work_events(shop, client=platform)
    assert claiming.shops_due(timezone.now()) == []

    assert claiming.free_dead() == 2

    platform.get_orders = whole
    work_events(shop, client=platform)
    assert states(*events) == [State.PROCESSED] * 2


def test_of_a_backlog_what_is_about_the_same_comes_along(shop):
    first, other, again, apart, last = told(shop, "1", "2", "1", "3", "1")

    taken = claiming.claim(shop, most=2)

    assert taken is not None
    assert [event.pk for event in taken.events] == [
        first.pk,
        other.pk,
        again.pk,
        last.pk,
    ]
    rest = claiming.claim(shop, most=2)
    assert rest is not None
    assert [event.pk for event in rest.events] == [apart.pk]


def test_without_a_backlog_nothing_more_is_asked(shop, django_assert_num_queries):
    told(shop, "1", "2")

    with django_assert_num_queries(4):  # with those that begin and end it
        claiming.claim(shop, most=3)


def test_whoever_was_too_slow_notes_nothing(shop):
    """The lease went by and another worker has done it."""
    event = told(shop, "1")[0]
    platform = platform_with("1")
    whole = platform.get_orders

    def slow(ids: list[str]) -> Any:
        past = timezone.now() - timedelta(seconds=1)
        WebhookEvent.objects.update(claimed_until=past)
        platform.get_orders = whole
        work_events(shop, client=platform)
        return whole(ids)

    platform.get_orders = slow
    work_events(shop, client=platform)

    assert states(event) == [State.PROCESSED]
    assert event.tries.count() == 1


def test_a_database_that_is_away_is_no_events_failure(shop):
    event = told(shop, "1")[0]
    error = OperationalError("server closed the connection")
    platform = breaks_on(platform_with("1"), "1", error=error)

    with pytest.raises(OperationalError):
        work_events(shop, client=platform)

    event.refresh_from_db()
    assert (event.state, event.attempts, event.claimed_until) == (
        State.WAITING,
        0,
        None,
    )


def test_events_wait_for_a_shop_that_is_not_connected(shop, monkeypatch):
    told(shop, "1")
    woken: list[int] = []
    monkeypatch.setattr(tasks.work_webhooks, "delay", woken.append)

    Shop.objects.update(state=Shop.State.PAUSED)
    assert tasks.sweep_webhooks() == 0
    Shop.objects.update(
        state=Shop.State.CONNECTED, rested_until=timezone.now() + timedelta(hours=1)
    )
    assert tasks.sweep_webhooks() == 0
    Shop.objects.update(rested_until=None)
    assert tasks.sweep_webhooks() == 1
    assert woken == [shop.pk]
    assert WebhookEvent.objects.get().attempts == 0


def test_an_event_faster_than_its_shops_connection_finds_it(shop):
    early, stranger = told(shop, "1")[0], told(shop, "2")[0]
    WebhookEvent.objects.update(shop=None)
    WebhookEvent.objects.filter(pk=stranger.pk).update(
        owner_id="nobody", received_at=timezone.now() - settling.GRACE * 2
    )

    assert settling.settle(timezone.now()) == 2

    early.refresh_from_db()
    stranger.refresh_from_db()
    assert early.shop == shop
    assert (stranger.shop, stranger.state) == (None, State.UNKNOWN_SHOP)


def test_lines_of_the_log_name_the_event(shop):
    event = told(shop, "1")[0]
    platform = platform_with("1")
    seen: list[Any] = []
    whole = platform.get_orders

    def get_orders(ids: list[str]) -> Any:
        seen.append(dict(bound_ids()))
        return whole(ids)

    platform.get_orders = get_orders
    work_events(shop, client=platform)

    assert seen[0]["event"] == str(event.pk)
