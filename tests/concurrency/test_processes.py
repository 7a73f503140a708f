"""Two real processes on PostgreSQL that want the same thing at the same moment."""

import pytest

from apps.orders.models import Buyer, Order, OrderLine, OrderPayload
from apps.platforms.models import Authorization
from apps.sync.models import SyncRun
from tests.concurrency.workers import run_workers
from tests.factories.platforms import (
    connect_simulator_shops,
    make_shop,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

ROUNDS = 10
REFRESH = """
from apps.platforms.models import Authorization
from apps.platforms.services.clients import TikTokTokens
from apps.platforms.services.tokens import refresh

def prepare(line):
    return Authorization.objects.select_related("api_app").get(pk=int(line))

def work(row):
    fresh = refresh(row, TikTokTokens(row.api_app))
    return f"{fresh.generation} {fresh.access_token}"
"""
CLIENT = """
from apps.platforms.models import Shop
from apps.platforms.services.clients import client_for

def prepare(line):
    return Shop.objects.get(pk=int(line))

def work(shop):
    from datetime import datetime, UTC
    since = datetime(2020, 1, 1, tzinfo=UTC)
    count = client_for(shop).count_orders(since, datetime.now(UTC))
    return "answered" if count is not None else "nothing"
"""
INGEST = """
from datetime import UTC, datetime, timedelta
from apps.integrations.contracts import RemoteBuyer, Source
from apps.orders.services.ingest import ingest_orders
from apps.platforms.models import Shop
from dataclasses import replace
from tests.sync.fakes import make_remote_order

def prepare(line):
    pk, number = line.split()
    at = datetime(2026, 9, 20, tzinfo=UTC) + timedelta(minutes=int(number))
    buyers = [RemoteBuyer(remote_id=f"B{n % 3}") for n in range(20)]
    orders = [
        replace(make_remote_order(f"O{number}-{n}", at), buyer=buyers[n])
        for n in range(20)
    ]
    return Shop.objects.get(pk=pk), orders

def work(ready):
    shop, orders = ready
    result = ingest_orders(shop, orders, Source.API)
    return f"{result.new} {result.updated} {result.same} {len(result.refused)}"
"""
START = """
from apps.platforms.models import Shop
from apps.sync.errors import AlreadyRunning
from apps.sync.models import Resource, SyncRun
from apps.sync.services.runs import recorded_run
import time

def prepare(line):
    return Shop.objects.get(pk=int(line))

def work(shop):
    try:
        with recorded_run(shop, Resource.ORDERS, trigger=SyncRun.Trigger.USER):
            time.sleep(0.5)
            return "ran"
    except AlreadyRunning:
        return "refused"
"""


def test_processes_that_refresh_at_once_spend_one_refresh_token(desk, simulator):
    shop, *_ = connect_simulator_shops(simulator)
    row = Authorization.objects.get(credentials__shop=shop)
    # Slow enough that the others come while the first is still waiting.
    slow = {"kind": "delay", "seconds": 0.15, "path": "/api/v2/token/refresh"}
    simulator.control("faults", slow)

    with run_workers(desk, 3, REFRESH) as workers:
        for number in range(1, ROUNDS + 1):
            simulator.control("requests", method="DELETE")

            answers = workers.round(str(row.pk))

            refreshes = simulator.control("requests?path=/api/v2/token/refresh")
            assert [request["code"] for request in refreshes] == [0]
            row.refresh_from_db()
            assert set(answers) == {f"{number} {row.access_token}"}
            assert row.state == Authorization.State.ACTIVE
            assert row.refreshing_until is None


def test_processes_whose_token_was_ended_all_go_on_with_one_refresh(desk, simulator):
    """All are told "expired" by the platform; one refreshes, all repeat their call."""
    shop, *_ = connect_simulator_shops(simulator)

    with run_workers(desk, 3, CLIENT) as workers:
        for _ in range(ROUNDS):
            simulator.control("tokens/expire", {})
            simulator.control("requests", method="DELETE")

            assert workers.round(str(shop.pk)) == ["answered"] * 3

            refreshes = simulator.control("requests?path=/api/v2/token/refresh")
            assert [request["code"] for request in refreshes] == [0]


def test_processes_that_bring_the_same_orders_make_each_once(desk):
    shop = make_shop()

    with run_workers(desk, 3, INGEST) as workers:
        for number in range(ROUNDS):
            answers = workers.round(f"{shop.pk} {number}")

            counts = [[int(n) for n in answer.split()] for answer in answers]
            assert sum(new for new, *_ in counts) == 20
            assert all(new + same == 20 for new, _, same, _ in counts)

    assert Order.objects.count() == 20 * ROUNDS
    assert OrderLine.objects.count() == 20 * ROUNDS
    assert OrderPayload.objects.count() == 20 * ROUNDS
    assert Buyer.objects.count() == 3


def test_of_processes_that_start_a_run_at_once_one_runs(desk):
    shop = make_shop()

    with run_workers(desk, 3, START) as workers:
        for number in range(1, 4):
            assert sorted(workers.round(str(shop.pk))) == ["ran", "refused", "refused"]
            runs = SyncRun.objects.values_list("state", flat=True)
            assert list(runs) == [SyncRun.State.DONE] * number
