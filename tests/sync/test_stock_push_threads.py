"""Many listings at once, and two at it at once, on a database that lets them."""

import threading
import time

import pytest

from apps.sync.errors import AlreadyRunning
from apps.sync.models import StockPush
from apps.sync.services.stock_push import noting
from tests.factories.inventory import receive
from tests.sync.stock_shop import FakeStockShop, make_stocked, make_told_shop, tell

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def many(settings):
    settings.STOCK_PUSH_THREADS = 6


def in_threads(count, work):
    """What each brought, or the error it ended with."""
    from django.db import connection

    results = []

    def run():
        try:
            results.append(work())
        except AlreadyRunning as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_listings_are_sent_side_by_side_and_each_once():
    shop, platform = make_told_shop(), FakeStockShop()
    skus = [make_stocked(shop, 5) for _ in range(24)]
    at_once, most = [0], [0]

    def slow(product, told):
        with platform.lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with platform.lock:
            at_once[0] -= 1

    platform.before_call = slow
    pushed = tell(shop, platform)

    assert (pushed.listings, pushed.accepted) == (24, 24)
    assert sorted(product for product, _ in platform.calls) == sorted(
        sku.listing.remote_id for sku in skus
    )
    assert 1 < most[0] <= 6


def test_two_pushers_at_once_send_nothing_twice():
    shop, platform = make_told_shop(), FakeStockShop()
    for _ in range(20):
        make_stocked(shop, 5)
    platform.before_call = lambda product, skus: time.sleep(0.02)

    in_threads(2, lambda: tell(shop, platform))
    tell(shop, platform)

    assert len(platform.calls) == 20
    assert set(StockPush.objects.values_list("state", flat=True)) == {"in_step"}


def test_drains_at_once_lose_no_news():
    shop, platform = make_told_shop(), FakeStockShop()
    skus = [make_stocked(shop, 5) for _ in range(10)]
    tell(shop, platform)
    for sku in skus * 5:
        receive(sku.variant, 1)

    in_threads(4, noting.drain)
    tell(shop, platform)

    assert {tuple(each.values()) for each in platform.stock.values()} == {(10,)}


def test_figures_that_change_while_they_are_told_end_right():
    shop, platform = make_told_shop(), FakeStockShop()
    skus = [make_stocked(shop, 5) for _ in range(4)]
    left = iter(skus * 10)
    lock = threading.Lock()

    def change_or_tell():
        for _ in range(10):
            with lock:
                sku = next(left, None)
            if sku is not None:
                receive(sku.variant, 1)
            try:
                tell(shop, platform)
            except AlreadyRunning:
                continue

    in_threads(4, change_or_tell)
    tell(shop, platform)

    assert {tuple(each.values()) for each in platform.stock.values()} == {(15,)}
