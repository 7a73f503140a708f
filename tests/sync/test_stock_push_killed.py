"""Processes killed between booking, pushing and noting: the shop ends right."""

import json
import signal
from typing import Any

import pytest

from tests.desk_process import DeskProcess
from tests.simulator_server import SimulatorServer

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

SETUP = """
import sys
from apps.inventory.models import ShopStockSettings, ShopWarehouse, Warehouse
from apps.orders.services.warehouses import learn_warehouses
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_for
from apps.products.models import ListingSku
from apps.sync.models import SyncRun
from apps.sync.services.products import pull_products
from tests.factories.inventory import count
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_variant
from tests.simulator_server import SimulatorServer

server = SimulatorServer(sys.argv[1], None, None)
shop = connect_simulator_shops(server, 0)[0]
pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
learn_warehouses(shop, client_for(shop, scopes.PRODUCTS).warehouses())
for place in ShopWarehouse.objects.filter(kind="sales", warehouse=None):
    place.warehouse = Warehouse.objects.create(
        client=shop.client, name="Ours of " + place.remote_id
    )
    place.save()
ShopStockSettings.objects.create(shop=shop, is_pushed=True)
for sku in ListingSku.objects.filter(listing__status="live").order_by("pk"):
    if server.control("skus/" + sku.remote_id + "/stock")["warehouses"]:
        break
sku.variant, sku.mapping = make_variant(client=shop.client), "matched"
sku.save()
for warehouse in Warehouse.objects.all():
    count(sku.variant, 7, warehouse)
print(sku.remote_id)
"""
# Says what it has done, and waits to be killed.
BOOK = """
import time
from apps.inventory.models import Warehouse
from apps.products.models import ListingSku
from tests.factories.inventory import count
sku = ListingSku.objects.get(variant__isnull=False)
for warehouse in Warehouse.objects.all():
    count(sku.variant, 5, warehouse)
print("booked", flush=True)
time.sleep(60)
"""
PUSH = """
import time
from apps.platforms.models import Shop
from apps.sync.services.stock_push import noting, sending, working

def note_answer(*arguments, **options):
    print("told", flush=True)
    time.sleep(60)

sending.note_answer = note_answer
noting.drain()
working.push_due(Shop.objects.get(stock_settings__is_pushed=True))
"""
STATE = """
import json
from apps.inventory.models import StockNews
from apps.sync.models import StockPush
push = StockPush.objects.first()
print(json.dumps({
    "news": StockNews.objects.count(),
    "state": push.state if push else "",
    "accepted": sorted(set(push.accepted.values())) if push else [],
}))
"""


def state(desk: DeskProcess) -> dict[str, Any]:
    return dict(json.loads(desk.script(STATE)))


def shown(simulator: SimulatorServer, sku_id: str) -> set[int]:
    rows = simulator.control(f"skus/{sku_id}/stock")["warehouses"]
    return {row["available"] for row in rows}


def kill_after(desk: DeskProcess, script: str, words: str) -> None:
    """Run it until it says so."""
    process = desk.start_script(script)
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    process.kill()
    _, errors = process.communicate()
    assert said == words, errors
    assert process.returncode == -signal.SIGKILL


def test_what_was_booked_is_told_though_its_process_was_killed(desk, simulator_process):
    sku_id = desk.script(SETUP, simulator_process.url).split()[-1]
    first = desk.run("push_inventory", "--all-shops")
    assert first.returncode == 0, first.stderr
    assert shown(simulator_process, sku_id) == {7}

    kill_after(desk, BOOK, "booked")

    booked = state(desk)
    assert booked.pop("news") > 0
    assert booked == {"state": "in_step", "accepted": [7]}
    done = desk.run("push_inventory", "--all-shops")
    assert done.returncode == 0, done.stderr
    assert shown(simulator_process, sku_id) == {5}
    assert state(desk) == {"news": 0, "state": "in_step", "accepted": [5]}


def test_what_was_told_and_not_noted_is_told_again_with_the_newest_figure(
    desk, simulator_process
):
    sku_id = desk.script(SETUP, simulator_process.url).split()[-1]

    kill_after(desk, PUSH, "told")

    assert shown(simulator_process, sku_id) == {7}
    assert state(desk) == {"news": 0, "state": "sending", "accepted": []}
    kill_after(desk, BOOK, "booked")
    done = desk.run("push_inventory", "--all-shops")
    assert done.returncode == 0, done.stderr
    assert shown(simulator_process, sku_id) == {5}
    assert state(desk) == {"news": 0, "state": "in_step", "accepted": [5]}
