"""Packages, cancellations and returns pulled from the running simulator."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.orders.models import Cancellation, Order, OrderPackage, Package, Return
from apps.orders.services.stock_proof import differing_orders
from apps.platforms.models import Shop
from apps.sync.models import SyncRun
from apps.sync.services.aftersales import pull_cancellations, pull_returns
from apps.sync.services.orders import pull_orders
from apps.sync.services.packages import pull_packages
from apps.sync.services.placed_orders import pull_placed_orders
from apps.sync.services.pull_some import pull_some
from tests.factories.platforms import connect_simulator_shops

pytestmark = pytest.mark.django_db

PULLS = (pull_orders, pull_packages, pull_cancellations, pull_returns)


@pytest.fixture
def shop(simulator) -> Shop:
    return connect_simulator_shops(simulator, 0)[0]


def pull(pull_it: Any, shop: Shop, **options: Any) -> SyncRun:
    run: SyncRun = pull_it(shop, trigger=SyncRun.Trigger.COMMAND, **options)
    return run


def rows(shop: Shop) -> Any:
    requests = (
        "remote_id",
        "status",
        "refund_amount",
        "order__remote_id",
        "modified_at",
    )
    packages = ("remote_id", "status", "tracking_number", "modified_at")
    return (
        [
            list(model.objects.filter(shop=shop).order_by("pk").values_list(*requests))
            for model in (Cancellation, Return)
        ],
        list(Package.objects.filter(shop=shop).order_by("pk").values_list(*packages)),
    )


def of_world(simulator: Any, shop: Shop) -> dict[str, str]:
    """{request's ID: status} of what changed within 90 days."""
    since = (timezone.now() - timedelta(days=90)).timestamp()
    found = simulator.control(f"aftersales?shop_id={shop.remote_id}&limit=99999")
    return {row["id"]: row["status"] for row in found if row["update_time"] >= since}


def of_us(shop: Shop) -> dict[str, str]:
    found: dict[str, str] = {}
    for model in (Cancellation, Return):
        known = model.objects.filter(shop=shop)
        found.update(known.values_list("remote_id", "status_text"))
    return found


def test_all_of_90_days_is_here_each_with_its_order_and_once(shop, simulator):
    runs = [pull(each, shop) for each in PULLS]

    assert [(run.state, run.failed) for run in runs] == [("done", 0)] * 4
    assert all(run.new == run.read == run.expected for run in (runs[0], *runs[2:]))
    assert of_us(shop) == of_world(simulator, shop)
    assert all(Return.objects.values_list("is_status_understood", flat=True))
    assert not Cancellation.objects.filter(order=None).exists()
    assert not Return.objects.filter(order=None).exists()
    assert not Return.objects.filter(lines__order_line=None).exists()
    read = Package.objects.filter(remote_updated_at__isnull=False)
    assert 0 < read.count() == runs[1].read
    assert not read.filter(status="").exists()
    assert Order.objects.exclude(return_state="").exists()
    assert list(differing_orders(shop)) == []

    before = rows(shop)
    since = timezone.now() - timedelta(days=90)
    again = [pull(each, shop, since=since) for each in PULLS]
    assert [(run.new, run.updated) for run in again] == [(0, 0)] * 4
    assert rows(shop) == before


def test_pulled_before_the_orders_it_comes_to_the_same(shop, simulator):
    for each in reversed(PULLS):
        pull(each, shop)
    first = Order.objects.values("remote_id", "return_state", "refund_amount", "status")
    known = list(first.order_by("remote_id"))
    links = OrderPackage.objects.values_list("order__remote_id", "package__remote_id")
    travels = sorted(links.all())
    for model in (Return, Cancellation, Package, Order):
        model.objects.all().delete()
    shop.sync_cursors.all().delete()

    for each in PULLS:
        pull(each, shop)

    # What hangs on an order that did not change for 90 days brings it along.
    assert list(first.order_by("remote_id")) == known
    assert sorted(links.all()) == travels


def test_one_order_is_read_again_with_its_return(shop, simulator):
    placed = simulator.control("orders", {"shop_id": shop.remote_id})
    for status in ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED"):
        simulator.control(f"orders/{placed['id']}/move", {"status": status})
    pull_some(shop, [placed["id"]])
    order = Order.objects.get()
    assert (order.status, order.return_state) == ("delivered", "")
    assert order.packages.filter(status="completed").exists()

    request = simulator.control(f"orders/{placed['id']}/request_return", {})
    pulled = pull_some(shop, [placed["id"]])

    assert (pulled.missing, pulled.not_permitted) == ([], [])
    known = Return.objects.get()
    assert (known.remote_id, known.order) == (request["id"], order)
    assert list(Return.objects.waiting()) == [known]
    assert known.respond_by_at > timezone.now()
    order.refresh_from_db()
    assert order.return_state == "requested"


def test_all_orders_are_found_by_when_they_were_placed(shop, simulator):
    run = pull(pull_placed_orders, shop)

    listed = simulator.control(f"orders?shop_id={shop.remote_id}&limit=99999")
    assert set(Order.objects.values_list("remote_id", flat=True)) == {
        row["id"] for row in listed
    }
    assert run.new == run.read == run.expected
