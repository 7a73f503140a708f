"""Orders that no delivery told of are here within half a minute all the same."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.processes import process_name
from apps.orders.models import Order
from apps.platforms.models import ApiCall, Shop
from apps.sync import tasks
from apps.sync.models import Resource, SyncCursor, SyncRun, SyncSchedule
from apps.sync.services.orders import pull_orders
from apps.sync.services.unannounced import has_unannounced, shops_to_look_at
from tests.factories.platforms import connect_simulator_shops, make_shop
from tests.sync.test_due import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(simulator) -> Shop:
    """In step with the simulator."""
    shop, *_ = connect_simulator_shops(simulator, 3)
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    return shop


def soon():
    """When what has just changed is no longer under way."""
    return timezone.now() + timedelta(seconds=10)


def place(simulator, shop: Shop) -> str:
    fields = {"shop_id": shop.remote_id, "status": "AWAITING_SHIPMENT"}
    return str(simulator.control("orders", fields)["id"])


def test_an_order_nobody_told_us_of_is_seen_until_it_is_here(simulator, shop):
    assert not has_unannounced(shop, soon())
    order = place(simulator, shop)

    assert has_unannounced(shop, soon())

    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND, until=soon())
    if not Order.objects.filter(remote_id=order).exists():
        # Told by whole seconds: one of this very second comes with the next pull.
        pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    assert not has_unannounced(shop, soon())


def test_so_is_a_newer_version_of_one_that_is_here(simulator, shop):
    known = Order.objects.filter(shop=shop).latest("remote_updated_at")
    assert not has_unannounced(shop, soon())

    body = {"status": "CANCELLED", "force": True}
    simulator.control(f"orders/{known.remote_id}/move", body)

    assert has_unannounced(shop, soon())


def test_what_has_just_changed_is_left_to_its_delivery(simulator, shop):
    place(simulator, shop)

    assert not has_unannounced(shop, timezone.now())


def test_a_look_is_one_call(simulator, shop):
    place(simulator, shop)
    simulator.control("requests", method="DELETE")

    has_unannounced(shop, soon())

    assert len(simulator.control("requests")) == 1


def test_its_call_is_logged_without_what_was_answered(simulator, shop):
    ApiCall.objects.all().delete()

    has_unannounced(shop, soon())

    call = ApiCall.objects.get()
    assert (call.path, call.code) == ("/order/202309/orders/search", 0)
    assert (bool(call.request), call.response) == (True, "")


def make_in_step(**fields) -> Shop:
    shop = make_shop(**fields)
    now = timezone.now()
    SyncCursor.objects.create(shop=shop, resource=Resource.ORDERS, position=now)
    return shop


def test_shops_in_step_are_looked_at_and_no_others(django_assert_num_queries):
    now = timezone.now()
    in_step = make_in_step()
    make_run(in_step, SyncRun.State.DONE, minutes_ago=1)
    make_shop()  # never pulled
    make_in_step(state=Shop.State.PAUSED)
    make_in_step(rested_until=now - timedelta(minutes=1))
    pulled = make_in_step()
    make_run(pulled, SyncRun.State.RUNNING, minutes_ago=0)
    switched_off = make_in_step()
    SyncSchedule.objects.create(
        shop=switched_off, resource=Resource.ORDERS, is_on=False
    )
    behind = make_in_step()
    SyncCursor.objects.filter(shop=behind).update(position=now - timedelta(hours=2))

    with django_assert_num_queries(1):
        assert set(shops_to_look_at(now)) == {in_step, pulled}


def test_each_look_is_a_message_of_its_own(monkeypatch):
    looked: list[int] = []
    monkeypatch.setattr(tasks.look_for_unannounced, "delay", looked.append)
    one, other = make_in_step(), make_in_step()

    assert tasks.sweep_unannounced() == 2
    assert sorted(looked) == [one.pk, other.pk]


def test_news_are_pulled_and_none_leaves_no_trace(simulator, shop, monkeypatch):
    tasks.look_for_unannounced(shop.pk)
    assert SyncRun.objects.count() == 1

    monkeypatch.setattr("apps.sync.services.unannounced.UNDER_WAY", -timedelta(days=1))
    place(simulator, shop)
    tasks.look_for_unannounced(shop.pk)

    run = SyncRun.objects.latest("pk")
    assert (run.trigger, run.state) == ("unannounced", SyncRun.State.DONE)


def test_a_pull_whose_worker_is_gone_is_taken_over(simulator, shop, monkeypatch):
    dead = make_run(shop, SyncRun.State.RUNNING, minutes_ago=1)
    host = process_name().split(":")[0]
    SyncRun.objects.filter(pk=dead.pk).update(process=f"{host}:4194999:0")
    monkeypatch.setattr("apps.sync.services.unannounced.UNDER_WAY", -timedelta(days=1))
    place(simulator, shop)

    tasks.look_for_unannounced(shop.pk)

    dead.refresh_from_db()
    assert dead.state == SyncRun.State.INTERRUPTED
    run = SyncRun.objects.latest("pk")
    assert (run.trigger, run.state) == ("unannounced", SyncRun.State.DONE)


def test_a_look_that_fails_is_neither_repeated_nor_held_against_the_shop(
    simulator, shop
):
    simulator.control("faults", {"kind": "status", "status": 500, "path": "/order"})
    simulator.control("requests", method="DELETE")

    tasks.look_for_unannounced(shop.pk)

    assert len(simulator.control("requests?path=/order")) == 1
    assert SyncRun.objects.count() == 1
    shop.refresh_from_db()
    assert (shop.failures_in_a_row, shop.state) == (0, Shop.State.CONNECTED)


def test_a_consent_that_is_gone_stops_the_shop(simulator, shop):
    simulator.control("tokens/deauthorise", {})

    tasks.look_for_unannounced(shop.pk)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED


def test_nobody_looks_at_a_shop_that_is_no_longer_connected(simulator, shop):
    Shop.objects.update(state=Shop.State.PAUSED)
    simulator.control("requests", method="DELETE")

    tasks.look_for_unannounced(shop.pk)

    assert not simulator.control("requests?path=/order")
