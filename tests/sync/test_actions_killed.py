"""Workers killed around a call: what was asked is done, and done once."""

import json
import signal
from typing import Any

import pytest

from tests.desk_process import DeskProcess

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

SETUP = """
import sys
from apps.orders.models import Order, OrderAction
from apps.orders.services.actions import Wish, ask
from apps.sync.services.pull_some import pull_some
from apps.users.services.audit import By
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer

server = SimulatorServer(sys.argv[1], None, None)
shop = connect_simulator_shops(server, 2)[0]
placed = [
    server.control("orders", {
        "shop_id": shop.remote_id,
        "shipping_type": "TIKTOK",
        "fulfilled_by_platform": False,
    })["id"]
    for _ in range(2)
]
pull_some(shop, placed)
orders = Order.objects.filter(remote_id__in=placed)
kind = OrderAction.Kind.CANCEL if sys.argv[2] == "cancel" else OrderAction.Kind.SHIP
details = {"handover_method": "DROP_OFF"}
if kind == OrderAction.Kind.CANCEL:
    details = {"reason": "seller_cancel_reason_out_of_stock"}
ask(shop, [Wish(order, kind, details) for order in orders], By())
"""
# Written down as being sent; the process ends before the call.
BEFORE = """
import time
from dataclasses import replace
from apps.platforms.models import Shop
from apps.sync.services.actions import kinds, work_actions

def stand(*arguments):
    print("about to send", flush=True)
    time.sleep(60)

for kind, way in kinds.KINDS.items():
    many = stand if way.send_many else None
    kinds.KINDS[kind] = replace(way, send=stand, send_many=many)
work_actions(Shop.objects.filter(order_actions__isnull=False).distinct().get())
"""
# Sent and answered; the process ends before the answer is noted.
AFTER = """
import time
from apps.sync.services.actions import working

def stand(claim, answer):
    print("sent " + answer.fate, flush=True)
    time.sleep(60)

working.note = stand
"""
WORK = """
from apps.platforms.models import Shop
from apps.sync.services.actions import work_actions
print(work_actions(Shop.objects.filter(order_actions__isnull=False).distinct().get()))
"""
STATE = """
import json
from apps.orders.models import ActionRun, Order, OrderAction
from apps.platforms.models import ApiCall
calls = ApiCall.objects.filter(method="POST")
print(json.dumps({
    "actions": sorted(OrderAction.objects.values_list("state", flat=True)),
    "tries": sorted(OrderAction.objects.values_list("attempts", flat=True)),
    "orders": sorted(Order.objects.values_list("status", flat=True)),
    "run": ActionRun.objects.get().state,
    "shipped": calls.filter(path__endswith="/ship").count(),
    "cancelled": calls.filter(path__endswith="/cancellations").count(),
}))
"""


def state(desk: DeskProcess) -> dict[str, Any]:
    return dict(json.loads(desk.script(STATE)))


def kill_after(desk: DeskProcess, script: str, words: str) -> None:
    """Run it until it says so."""
    process = desk.start_script(script)
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    process.kill()
    _, errors = process.communicate()
    assert said == words, errors
    assert process.returncode == -signal.SIGKILL


def test_what_was_written_down_and_not_sent_is_sent_by_the_next(
    desk, simulator_process
):
    desk.script(SETUP, simulator_process.url, "ship")

    kill_after(desk, BEFORE, "about to send")

    left = state(desk)
    assert (left["actions"], left["run"]) == (["sending", "sending"], "running")
    assert left["shipped"] == 0
    desk.script(WORK)
    assert state(desk) == {
        "actions": ["done", "done"],
        "tries": [2, 2],
        "orders": ["awaiting_collection", "awaiting_collection"],
        "run": "done",
        "shipped": 1,  # both in one call
        "cancelled": 0,
    }


@pytest.mark.parametrize(
    ("deed", "calls", "status"),
    [("ship", "shipped", "awaiting_collection"), ("cancel", "cancelled", "cancelled")],
)
def test_what_was_sent_and_not_noted_is_found_done_and_not_sent_again(
    desk, simulator_process, deed, calls, status
):
    desk.script(SETUP, simulator_process.url, deed)

    kill_after(desk, AFTER + WORK, "sent done")

    left = state(desk)
    assert left["actions"] == ["sending", "sending"]
    assert left[calls] == 1
    desk.script(WORK)
    after = state(desk)
    assert (after["actions"], after["run"]) == (["done", "done"], "done")
    assert after["orders"] == [status, status]
    # Shipped in one call; cancelled singly, the second only by the second worker.
    assert after[calls] == (1 if deed == "ship" else 2)
