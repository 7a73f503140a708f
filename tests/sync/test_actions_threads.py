"""Several workers at one shop, on a database that lets them."""

import threading
import time

import pytest

from apps.orders.models import ActionRun, OrderAction
from apps.orders.services.actions import Wish, ask
from apps.sync.services.actions import work_action, work_actions
from apps.users.services.audit import By
from tests.factories.platforms import make_shop
from tests.sync.order_shop import FakeOrderShop, run_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Kind = OrderAction.Kind


def in_threads(count, work):
    from django.db import connection

    failures = []

    def run():
        try:
            work()
        except Exception as error:
            failures.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def put(fake, shop, count):
    ids = [f"5800000000000{n:05}" for n in range(1, count + 1)]
    for each in ids:
        fake.put(each)
    return fake.stored(shop)


def test_workers_at_the_same_rows_send_each_once():
    fake, shop = FakeOrderShop(), make_shop()
    orders = put(fake, shop, 24)
    wishes = [Wish(each, Kind.CANCEL, {"reason": "r"}) for each in orders]
    run = run_of(ask(shop, wishes, By()))
    fake.before = lambda name, about: time.sleep(0.01)

    in_threads(4, lambda: work_actions(shop, client=fake.client))

    sent = [about[0] for _, about in fake.writes]
    assert sorted(sent) == sorted(order.remote_id for order in orders)
    assert set(run.actions.values_list("state", "attempts")) == {("done", 1)}
    run.refresh_from_db()
    assert run.state == ActionRun.State.DONE


def test_a_page_and_a_worker_send_the_same_action_once():
    fake, shop = FakeOrderShop(), make_shop()
    [order] = put(fake, shop, 1)
    [action] = ask(shop, [Wish(order, Kind.SHIP)], By()).actions
    fake.before = lambda name, about: time.sleep(0.02)
    turns = iter(range(6))

    def page_or_worker():
        if next(turns) % 2:
            work_action(action, client=fake.client)
        else:
            work_actions(shop, client=fake.client)

    in_threads(6, page_or_worker)

    assert [name for name, _ in fake.writes] == ["ship_package"]
    action.refresh_from_db()
    assert action.state == OrderAction.State.DONE


def test_the_same_wish_from_many_at_once_is_one_action():
    fake, shop = FakeOrderShop(), make_shop()
    [order] = put(fake, shop, 1)
    found = []

    def wish():
        asked = ask(shop, [Wish(order, Kind.SHIP)], By(), key="one and the same")
        found.append(asked.actions[0].pk)

    in_threads(6, wish)

    assert len(set(found)) == 1
    assert OrderAction.objects.count() == 1


def test_details_changed_while_it_is_sent_are_refused_or_sent():
    """Whoever is first: a worker, or the person who corrects the reason."""
    fake, shop = FakeOrderShop(), make_shop()
    orders = put(fake, shop, 12)
    for order in orders:
        ask(shop, [Wish(order, Kind.CANCEL, {"reason": "old"})], By())
    left = iter(orders)
    lock = threading.Lock()
    changed: dict[str, bool] = {}

    def correct_or_work():
        while True:
            with lock:
                order = next(left, None)
            if order is None:
                break
            work_actions(shop, limit=1, client=fake.client)
            wish = Wish(order, Kind.CANCEL, {"reason": "new"})
            changed[order.remote_id] = bool(ask(shop, [wish], By()).actions)
        work_actions(shop, client=fake.client)

    in_threads(3, correct_or_work)

    sent = dict(about for _, about in fake.writes)
    assert len(fake.writes) == len(sent) == 12
    for order_id, is_changed in changed.items():
        assert sent[order_id] == ("new" if is_changed else "old")
