"""Deliveries and workers at the same moment, on a database that lets them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client
from django.utils import timezone

from apps.platforms.models import Shop
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services.processing import work_events
from tests.factories.platforms import make_authorization, make_shop
from tests.factories.webhooks import order_news, post
from tests.sync.fakes import FakePlatform, make_remote_order

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
State = WebhookEvent.State


@pytest.fixture
def shop() -> Shop:
    shop = make_shop()
    make_authorization(shops=[shop])
    return shop


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What each brought."""
    results: list[Any] = []

    def run(number: int) -> None:
        try:
            results.append(work(number))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_delivery_that_comes_eight_times_at_once_is_acted_on_once(shop):
    app = shop.credentials.get().api_app
    body = order_news(shop, "580001")

    answers = in_threads(8, lambda _: post(Client(), app, body).status_code)

    assert answers == [200] * 8
    assert WebhookEvent.objects.filter(state=State.WAITING).count() == 1
    assert WebhookEvent.objects.filter(state=State.DUPLICATE).exists()


def test_a_connection_of_the_pool_commits_whatever_its_last_user_left(
    shop, monkeypatch
):
    app = shop.credentials.get().api_app
    post(Client(), app, order_news(shop, "1"))  # now it is known who signs
    pool = pytest.importorskip("psycopg_pool").ConnectionPool(
        kwargs=connection.get_connection_params(), min_size=1, max_size=1
    )
    with pool:
        left = pool.getconn()
        left.autocommit = False
        pool.putconn(left)
        monkeypatch.setattr(DatabaseWrapper, "pool", pool)
        news = order_news(shop, "2")

        answers = in_threads(1, lambda _: post(Client(), app, news).status_code)
        monkeypatch.undo()

    assert answers == [200]
    assert WebhookEvent.objects.filter(object_id="2", state=State.WAITING).exists()


def test_a_delivery_waits_for_no_ingest_of_its_shop(shop):
    app = shop.credentials.get().api_app
    with transaction.atomic():
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)

        def deliver(_: int) -> int:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return int(post(Client(), app, order_news(shop, "1")).status_code)

        assert in_threads(1, deliver) == [200]


def test_two_workers_at_once_act_on_each_event_once(shop):
    app = shop.credentials.get().api_app
    keys = [str(number) for number in range(60)]
    for key in keys:
        post(Client(), app, order_news(shop, key))
    at = timezone.now()
    platform: Any = FakePlatform([make_remote_order(key, at) for key in keys])

    worked = in_threads(3, lambda _: work_events(shop, client=platform).done)

    assert sum(worked) == 60
    assert {event.attempts for event in WebhookEvent.objects.all()} == {1}
    assert sorted(key for some in platform.asked_ids for key in some) == sorted(keys)
