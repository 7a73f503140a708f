"""A pull that dies in the middle, as a process of its own."""

import json
import signal
import time
from typing import Any

import pytest

from tests.desk_process import DeskProcess
from tests.simulator_server import SimulatorServer

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

SETUP = """
import sys
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer
server = SimulatorServer(sys.argv[1], None, None)
print(connect_simulator_shops(server, 0)[0].remote_id)
"""
STATE = """
import json
from apps.orders.models import Order
from apps.sync.models import SyncCursor, SyncRun
cursor = SyncCursor.objects.first()
print(json.dumps({
    "orders": list(Order.objects.values_list("remote_id", flat=True)),
    "moments": [
        o.remote_updated_at.timestamp() for o in Order.objects.all()
    ],
    "cursor": cursor.position.timestamp() if cursor else None,
    "runs": list(SyncRun.objects.order_by("pk").values_list("state", flat=True)),
    "error": SyncRun.objects.order_by("pk").first().first_error,
}))
"""


def state(desk: DeskProcess) -> dict[str, Any]:
    return dict(json.loads(desk.script(STATE)))


def listed(simulator: SimulatorServer, shop_id: str) -> list[str]:
    since = time.time() - 90 * 86_400
    rows = simulator.control(f"orders?shop_id={shop_id}&limit=99999")
    return sorted(row["id"] for row in rows if row["update_time"] >= since)


def wait_for_pages(simulator: SimulatorServer, pages: int) -> None:
    deadline = time.monotonic() + 30
    path = "requests?path=/order/202309/orders/search"
    while len(simulator.control(path)) < pages:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_pull_killed_in_the_middle_is_completed_by_the_next(desk, simulator_process):
    simulator = simulator_process
    shop_id = desk.script(SETUP, simulator.url).strip()
    expected = listed(simulator, shop_id)
    slow = {"kind": "delay", "seconds": 0.15, "path": "/order"}
    simulator.control("faults", slow)

    process = desk.start("sync_orders", "--shop", shop_id)
    wait_for_pages(simulator, 8)
    process.kill()
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    half = state(desk)
    assert half["runs"] == ["running"]
    assert 0 < len(half["orders"]) < len(expected)
    simulator.control("faults", method="DELETE")
    older = [
        row["id"]
        for row in simulator.control(f"orders?shop_id={shop_id}&limit=99999")
        if row["id"] in expected and row["update_time"] < half["cursor"]
    ]
    assert set(older) <= set(half["orders"])

    done = desk.run("sync_orders", "--shop", shop_id)

    assert done.returncode == 0, done.stderr
    whole = state(desk)
    assert sorted(whole["orders"]) == expected
    assert whole["runs"] == ["interrupted", "done"]
    assert whole["error"] == "Its process ended without a word."


def test_a_second_process_is_refused_and_ctrl_c_keeps_what_the_first_has_pulled(
    desk, simulator_process
):
    simulator = simulator_process
    shop_id = desk.script(SETUP, simulator.url).strip()
    simulator.control("faults", {"kind": "delay", "seconds": 0.3, "path": "/order"})
    first = desk.start("sync_orders", "--shop", shop_id)
    wait_for_pages(simulator, 2)
    # The first is not to be done before the second has come up, however slowly.
    simulator.control("faults", {"kind": "delay", "seconds": 8, "path": "/order"})

    second = desk.run("sync_orders", "--shop", shop_id)

    assert first.poll() is None
    assert second.returncode == 5, second.stderr
    assert f"process {first.pid} on" in second.stderr
    simulator.control("faults", method="DELETE")
    simulator.control("faults", {"kind": "delay", "seconds": 0.3, "path": "/order"})

    wait_for_pages(simulator, 7)
    first.send_signal(signal.SIGINT)
    _, errors = first.communicate(timeout=60)

    assert first.returncode == 130
    assert "what was pulled is kept" in errors
    assert "Traceback" not in errors
    simulator.control("faults", method="DELETE")
    assert desk.run("sync_orders", "--shop", shop_id).returncode == 0
    after = state(desk)
    assert sorted(after["orders"]) == listed(simulator, shop_id)
    assert after["runs"] == ["interrupted", "done"]
