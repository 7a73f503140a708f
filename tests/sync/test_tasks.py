from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.sync import tasks
from apps.sync.models import SyncRun
from tests.factories.platforms import (
    connect_simulator_shops,
    make_authorization,
    make_shop,
)
from tests.sync.queued import at_once, noted
from tests.sync.test_due import make_run

pytestmark = pytest.mark.django_db

Trigger = SyncRun.Trigger


@pytest.fixture
def queued(monkeypatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    for name, send in noted(calls).items():
        monkeypatch.setattr(tasks.pull_orders, name, send)
    return calls


def test_the_sweep_wakes_the_shops_that_are_due_and_no_others(queued):
    never_ran, ran_lately = make_shop(), make_shop()
    make_shop(state=Shop.State.RECONNECT_NEEDED)
    make_run(ran_lately, SyncRun.State.DONE, minutes_ago=3)

    assert tasks.sweep_orders() == 1
    assert queued == [(never_ran.pk, "schedule")]


def test_the_task_pulls_and_leaves_a_record(simulator):
    shop, *_ = connect_simulator_shops(simulator, 3)

    tasks.pull_orders(shop.pk, "connect")

    run = SyncRun.objects.get()
    assert (run.trigger, run.state) == (Trigger.CONNECT, SyncRun.State.DONE)
    assert Order.objects.count() == run.new > 0


def test_a_message_that_comes_twice_pulls_once(simulator):
    shop, *_ = connect_simulator_shops(simulator, 3)

    tasks.pull_orders(shop.pk, "schedule")
    tasks.pull_orders(shop.pk, "schedule")

    assert SyncRun.objects.count() == 1


def test_a_person_need_not_wait_until_the_shop_is_due(simulator):
    shop, *_ = connect_simulator_shops(simulator, 3)
    make_run(shop, SyncRun.State.DONE, minutes_ago=1)

    tasks.pull_orders(shop.pk, "user")

    assert SyncRun.objects.latest("pk").trigger == Trigger.USER


@pytest.mark.parametrize("state", [Shop.State.PAUSED, Shop.State.RECONNECT_NEEDED])
def test_a_shop_that_is_no_longer_connected_is_left_alone(state):
    shop = make_shop(state=state)

    tasks.pull_orders(shop.pk, "user")
    tasks.pull_orders(shop.pk + 1, "user")

    assert not SyncRun.objects.exists()


def test_a_pull_under_way_is_no_error():
    shop = make_shop()
    make_run(shop, SyncRun.State.RUNNING, minutes_ago=0)

    tasks.pull_orders(shop.pk, "user")

    assert SyncRun.objects.get().state == SyncRun.State.RUNNING


def test_one_failing_shop_never_stops_the_others(simulator, monkeypatch):
    good, *_ = connect_simulator_shops(simulator, 3)
    unreachable = make_shop()
    make_authorization(shops=[unreachable], access_token="unknown to the simulator")
    without_app = make_shop()
    monkeypatch.setattr(tasks.pull_orders, "apply_async", at_once(tasks.pull_orders))

    assert tasks.sweep_orders() == 3

    states = {run.shop_id: run.state for run in SyncRun.objects.all()}
    assert states == {
        good.pk: SyncRun.State.DONE,
        unreachable.pk: SyncRun.State.FAILED,
        without_app.pk: SyncRun.State.FAILED,
    }
    reasons = SyncRun.objects.filter(state=SyncRun.State.FAILED).values_list(
        "first_error", flat=True
    )
    assert all(reasons)


def test_a_failed_pull_is_due_again_after_two_minutes(simulator, queued):
    shop, *_ = connect_simulator_shops(simulator, 3)
    simulator.control("faults", {"kind": "error", "code": 36009004, "path": "/order"})

    tasks.pull_orders(shop.pk, "schedule")
    assert SyncRun.objects.get().state == SyncRun.State.FAILED
    assert tasks.sweep_orders() == 0

    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=3))
    assert tasks.sweep_orders() == 1
