"""How long news of orders takes to be here."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.integrations.contracts import Source
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from apps.sync.models import SyncLatency, SyncRun
from apps.sync.services.latency import (
    STEPS,
    Latency,
    latency_by_shop,
    latency_of,
    note_latency,
    step_of,
)
from apps.sync.services.orders import pull_orders
from apps.sync.services.placed_orders import pull_placed_orders
from apps.sync.services.pull_some import pull_some
from tests.factories.platforms import make_shop
from tests.sync.fakes import FakePlatform, changed, make_remote_order

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (-3, 1),
        (0, 1),
        (1, 1),
        (1.2, 2),
        (30, 30),
        (30.1, 45),
        (86_400, 86_400),
        (10**9, STEPS[-1]),
    ],
)
def test_an_order_is_counted_in_the_step_that_holds_its_time(seconds, step):
    assert step_of(seconds) == step


def test_percentiles_are_the_ends_of_steps():
    latency = Latency({5: 90, 30: 6, 600: 3, 3_600: 1})

    assert latency.orders == 100
    assert (latency.p50, latency.p95, latency.p99) == (5, 30, 600)
    assert latency.percentile(100) == 3_600
    assert latency.share_within_target == 0.96
    assert latency.is_on_target is True
    assert Latency({30: 94, 45: 6}).is_on_target is False


def test_nothing_has_no_percentile():
    latency = Latency({})

    assert latency.orders == 0
    assert (latency.p50, latency.share_within_target, latency.is_on_target) == (
        None,
        None,
        None,
    )


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(microsecond=0)


def counted() -> dict[tuple[str, int], int]:
    rows = SyncLatency.objects.values_list("door", "within_seconds", "orders")
    return {(door, step): orders for door, step, orders in rows}


def pull(shop: Shop, platform: Any, **options: Any) -> SyncRun:
    return pull_orders(
        shop, trigger=SyncRun.Trigger.SCHEDULE, client=platform, **options
    )


@pytest.mark.django_db
def test_counts_add_up_by_hour_and_door(shop, now, django_assert_num_queries):
    with time_machine.travel(now, tick=False):
        note_latency(shop, [now - 4 * SECOND, now - 5 * SECOND, now - 40 * SECOND])
        with django_assert_num_queries(1):
            note_latency(shop, [now - 4 * SECOND, now])
        note_latency(shop, [now - 7 * SECOND], Source.WEBHOOK)
        note_latency(shop, [])
    with time_machine.travel(now - DAY, tick=False):
        note_latency(shop, [now - DAY])

    other = make_shop()
    with django_assert_num_queries(1):
        latency = latency_of([shop, other], now)
    assert latency.steps == {1: 1, 5: 3, 8: 1, 45: 1}
    webhooks = latency_of([shop], now, SyncLatency.Door.WEBHOOK)
    assert webhooks.steps == {8: 1}
    assert latency_of([other], now).steps == {}
    assert latency_of([shop], now - 2 * DAY).orders == 7
    with django_assert_num_queries(1):
        by_shop = latency_by_shop(Shop.objects.all(), now)
    assert by_shop == {shop.pk: latency}


@pytest.mark.django_db
def test_a_pull_counts_news_once_and_the_first_pull_none(shop, now):
    orders = [make_remote_order(f"O{n}", now - 3 * DAY) for n in range(3)]
    platform = FakePlatform(orders)
    pull(shop, platform)
    assert counted() == {}

    platform.orders = [changed(orders[0], now - 20 * SECOND), *orders[1:]]
    with time_machine.travel(now + SECOND, tick=False):
        pull(shop, platform)
        pull(shop, platform)

    assert counted() == {("api", 25): 1}


@pytest.mark.django_db
def test_a_period_somebody_asks_for_and_a_dry_run_are_no_news(shop, now):
    platform: Any = FakePlatform([])
    pull(shop, platform)
    platform.orders = [make_remote_order("O1", now - 9 * SECOND)]

    pull(shop, platform, dry_run=True)
    pull(shop, platform, since=now - DAY, until=now)
    pull_placed_orders(shop, trigger=SyncRun.Trigger.USER, client=platform)

    assert counted() == {}


@pytest.mark.django_db
def test_a_page_that_is_not_stored_is_not_counted(shop, now):
    def broken(number: int) -> None:
        if number == 2:
            raise RuntimeError

    pull(shop, FakePlatform([]))
    orders = [make_remote_order(f"O{n}", now - 9 * SECOND) for n in range(3)]
    with pytest.raises(RuntimeError):
        pull(shop, FakePlatform(orders, before_page=broken))

    assert sum(counted().values()) == 2


@pytest.mark.django_db
def test_what_a_webhook_told_is_counted_apart(shop, now):
    platform: Any = FakePlatform([make_remote_order("O1", now - 2 * SECOND)])
    with time_machine.travel(now, tick=False):
        pull_some(shop, ["O1"], source=Source.WEBHOOK, client=platform)

    assert counted() == {("webhook", 2): 1}


@pytest.mark.django_db
def test_files_and_older_news_bring_no_version(shop, now):
    order = make_remote_order("O1", now)
    assert ingest_orders(shop, [order], Source.FILE).versions == []
    assert ingest_orders(shop, [order], Source.API).versions == [now]
    older = changed(order, now - DAY)
    assert ingest_orders(shop, [older], Source.API).versions == []
    again = ingest_orders(shop, [order, changed(order, now + DAY)], Source.WEBHOOK)
    assert again.versions == [now + DAY]
