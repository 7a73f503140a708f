"""A comparison that dies in the middle, as a process of its own."""

import json
import signal
from typing import Any

import pytest

from tests.desk_process import DeskProcess

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

SETUP = """
import sys
from apps.products.models import ListingSku
from apps.sync.models import SyncRun
from apps.sync.services.products import pull_products
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_variant
from tests.simulator_server import SimulatorServer

server = SimulatorServer(sys.argv[1], None, None)
shop = connect_simulator_shops(server, 0)[0]
pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
for sku in ListingSku.objects.filter(listing__status="live").order_by("pk")[:3]:
    sku.variant, sku.mapping = make_variant(client=shop.client), "matched"
    sku.save()
print(shop.remote_id)
"""
# One SKU a page; says when the first is noted, and waits to be killed.
COMPARE = """
import sys
import time
from apps.platforms.models import Shop
from apps.sync.models import SyncRun
from apps.sync.services import stock_compare

def on_page(run):
    if run.read:
        print("noted", flush=True)
        time.sleep(60)

stock_compare.AT_ONCE = 1
stock_compare.compare_stock(
    Shop.objects.get(remote_id=sys.argv[1]),
    trigger=SyncRun.Trigger.COMMAND,
    on_page=on_page,
)
"""
STATE = """
import json
from apps.sync.models import StockPush, SyncRun
runs = SyncRun.objects.filter(resource="stock").order_by("pk")
print(json.dumps({
    "found": StockPush.objects.exclude(found={}).count(),
    "runs": list(runs.values_list("state", "read")),
}))
"""


def state(desk: DeskProcess) -> dict[str, Any]:
    return dict(json.loads(desk.script(STATE)))


def test_a_comparison_killed_in_the_middle_is_made_anew_by_the_next(
    desk, simulator_process
):
    shop_id = desk.script(SETUP, simulator_process.url).strip()
    process = desk.start_script(COMPARE, shop_id)
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    process.kill()
    _, errors = process.communicate()

    assert said == "noted", errors
    assert process.returncode == -signal.SIGKILL
    assert state(desk) == {"found": 1, "runs": [["running", 1]]}

    done = desk.run("sync_stock", "--shop", shop_id)

    assert done.returncode == 0, done.stderr
    assert state(desk) == {"found": 3, "runs": [["interrupted", 1], ["done", 3]]}
