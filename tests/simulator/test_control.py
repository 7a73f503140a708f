import time
from typing import Any

import pytest
import requests

from tests.simulator.caller import SEARCH, SHOPS, Caller
from tests.simulator_server import SimulatorServer


def refused(server: SimulatorServer, path: str, payload: dict[str, Any]) -> str:
    reply = requests.post(f"{server.url}/control/{path}", json=payload, timeout=30)
    assert 400 <= reply.status_code < 500
    return str(reply.json()["error"])


def test_control_documents_itself(server: SimulatorServer):
    rows = server.control("")

    assert len(rows) > 25
    assert all(row["about"] for row in rows)


def test_a_misspelt_field_is_pointed_out(server: SimulatorServer):
    error = refused(server, "clock", {"advence": 5})

    assert "advence" in error
    assert "advance" in error


def test_an_order_can_be_placed_and_is_found(caller: Caller):
    shop = caller.seller["shops"][0]
    sku = caller.server.control(f"shops/{shop['id']}/skus")[3]

    placed = caller.server.control(
        "orders",
        {
            "shop_id": shop["id"],
            "sku_id": sku["id"],
            "quantity": 3,
            "buyer_message": "hello 👋",
        },
    )

    found = caller.search(page_size="1")["orders"][0]
    assert found["id"] == placed["id"]
    assert found["status"] == "AWAITING_SHIPMENT"
    assert found["buyer_message"] == "hello 👋"
    assert [unit["sku_id"] for unit in found["line_items"]] == [sku["id"]] * 3
    assert found["recipient_address"]


@pytest.mark.parametrize(
    "status",
    [
        "UNPAID",
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "PARTIALLY_SHIPPING",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
        "CANCELLED",
    ],
)
@pytest.mark.parametrize("kind", ["normal", "cash on delivery", "sample", "pre-order"])
def test_an_order_can_be_placed_in_any_status(
    server: SimulatorServer, status: str, kind: str
):
    shop = server.sellers()[1]["shops"][0]

    order = server.control(
        "orders", {"shop_id": shop["id"], "status": status, "kind": kind}
    )

    unpaid_cod = kind in ("cash on delivery", "sample") and status == "UNPAID"
    assert order["status"] == ("ON_HOLD" if unpaid_cod else status)


def test_an_order_moves_step_by_step_and_money_stays(server: SimulatorServer):
    shop = server.sellers()[0]["shops"][1]
    order = server.control("orders", {"shop_id": shop["id"], "status": "UNPAID"})
    payment = order["order"]["payment"]

    for status in (
        "ON_HOLD",
        "AWAITING_SHIPMENT",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
    ):
        order = server.control(f"orders/{order['id']}/move", {"status": status})
        assert order["status"] == status
        assert order["order"]["payment"] == payment
    for name in ("paid_time", "rts_time", "collection_time", "delivery_time"):
        assert order["order"][name]


def test_an_impossible_step_needs_force(server: SimulatorServer):
    shop = server.sellers()[0]["shops"][0]
    order = server.control("orders", {"shop_id": shop["id"]})

    error = refused(server, f"orders/{order['id']}/move", {"status": "DELIVERED"})
    assert "Possible: PARTIALLY_SHIPPING, AWAITING_COLLECTION, CANCELLED" in error
    moved = server.control(
        f"orders/{order['id']}/move", {"status": "DELIVERED", "force": True}
    )
    assert moved["status"] == "DELIVERED"
    assert moved["order"]["collection_time"]


def test_every_order_of_the_world_can_be_cancelled_by_force(server: SimulatorServer):
    for row in server.control("orders?limit=60"):
        order = server.control(f"orders/{row['id']}/cancel", {"force": True})
        assert order["status"] == "CANCELLED"


def test_an_order_may_live_on_by_itself(server: SimulatorServer):
    shop = server.sellers()[0]["shops"][0]
    order = server.control("orders", {"shop_id": shop["id"], "follows_story": True})
    assert order["status"] == "UNPAID"

    server.control("clock", {"advance": 2 * 3_600})

    assert server.control(f"orders/{order['id']}")["status"] == "AWAITING_SHIPMENT"


def test_a_moved_order_is_news_in_the_search(caller: Caller):
    old = caller.server.control("orders", {"shop_id": caller.seller["shops"][0]["id"]})
    since = int(caller.server.control("clock", {"advance": 20, "freeze": True})["now"])
    caller.server.control(f"orders/{old['id']}/move", {"status": "AWAITING_COLLECTION"})

    news = caller.search(
        {"update_time_ge": since}, sort_field="update_time", sort_order="DESC"
    )

    assert old["id"] in {order["id"] for order in news["orders"]}


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "error", "code": 36009003}, 200, 36009003),
        ({"kind": "error", "code": 105002, "status": 401}, 401, 105002),
        ({"kind": "rate_limit"}, 429, 36009002),
    ],
)
def test_a_fault_answers_as_told_and_then_goes_away(
    caller: Caller, fault: dict[str, Any], status: int, code: int
):
    caller.server.control("faults", fault | {"count": 1, "path": "/authorization"})

    other = {"page_size": "1", "shop_cipher": caller.cipher()}
    assert caller.code("POST", SEARCH, other, {}) == 0
    reply = caller.send("GET", SHOPS)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert "retry-after" not in reply.headers
    assert caller.code("GET", SHOPS) == 0


def test_429_may_say_when_to_come_back(caller: Caller):
    caller.server.control("faults", {"kind": "rate_limit", "retry_after": 7})

    assert caller.send("GET", SHOPS).headers["retry-after"] == "7"


def test_a_500_is_not_json(caller: Caller):
    caller.server.control("faults", {"kind": "status", "count": 1})

    reply = caller.send("GET", SHOPS)

    assert reply.status_code == 500
    assert reply.text.startswith("<html>")


def test_a_connection_can_be_dropped(caller: Caller):
    caller.server.control("faults", {"kind": "drop", "count": 1})

    with pytest.raises(requests.ConnectionError):
        caller.send("GET", SHOPS)
    assert caller.code("GET", SHOPS) == 0


def test_a_body_can_be_cut(caller: Caller):
    caller.server.control("faults", {"kind": "cut", "count": 1})

    with pytest.raises(requests.RequestException):
        caller.send("GET", SHOPS)
    assert caller.code("GET", SHOPS) == 0


def test_an_answer_can_be_late(caller: Caller):
    caller.server.control("faults", {"kind": "delay", "seconds": 0.4, "count": 1})

    started = time.monotonic()
    assert caller.code("GET", SHOPS) == 0
    assert time.monotonic() - started > 0.4


def test_a_fault_may_concern_one_shop_only(caller: Caller):
    shop = caller.seller["shops"][1]["id"]
    caller.server.control("faults", {"kind": "error", "shop_id": shop})
    one, two = ({"page_size": "1", "shop_cipher": caller.cipher(n)} for n in (0, 1))

    assert caller.code("POST", SEARCH, one, {}) == 0
    assert caller.code("POST", SEARCH, two, {}) == 36009003


def test_a_fault_ends_with_its_duration(caller: Caller):
    caller.server.control("faults", {"kind": "error", "duration": 1.5})

    assert caller.code("GET", SHOPS) == 36009003
    time.sleep(1.5)
    assert caller.code("GET", SHOPS) == 0


def test_faults_hit_the_token_host_too(server: SimulatorServer):
    server.control("faults", {"kind": "error", "path": "/api/v2/token", "count": 1})

    reply = requests.get(f"{server.url}/api/v2/token/get", timeout=30)

    assert reply.json()["code"] == 36009003


def test_the_clock_stands_still_moves_and_runs_on(server: SimulatorServer):
    server.control("clock", {"freeze": True})
    frozen = server.control("clock")["now"]
    time.sleep(0.1)
    assert server.control("clock")["now"] == frozen

    server.control("clock", {"advance": 100})
    assert server.control("clock")["now"] == pytest.approx(frozen + 100)
    server.control("clock", {"resume": True})
    time.sleep(0.05)
    assert server.control("clock")["now"] > frozen + 100
    server.control("clock", {"offset": 0})
    assert server.control("clock")["now"] == pytest.approx(time.time(), abs=2)


def test_the_front_page_shows_the_world(caller: Caller):
    caller.send("GET", SHOPS, secret="guessed")
    caller.server.control("faults", {"kind": "error", "path": "/never"})

    page = requests.get(caller.server.url + "/", timeout=30).text

    for seller in caller.server.sellers():
        assert seller["name"] in page
    assert "106001" in page
    assert caller.app["app_key"] in page
    assert "1 fault on" in page
    assert "http://" not in page
    style = requests.get(caller.server.url + "/simulator.css", timeout=30)
    assert style.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme" in style.text


def test_orders_tell_what_became_of_their_pieces(caller: Caller):
    shop = caller.seller["shops"][0]["id"]
    sku = caller.server.control(f"shops/{shop}/skus")[0]["id"]
    split = {"shop_id": shop, "sku_id": sku, "quantity": 3, "kind": "split"}
    keys = [
        caller.server.control("orders", split | {"status": status})["id"]
        for status in ("AWAITING_SHIPMENT", "IN_TRANSIT", "PARTIALLY_SHIPPING")
    ]
    packages = caller.server.control(f"orders/{keys[2]}/packages")
    caller.server.control(f"packages/{packages[0]['package_id']}/collect", {})
    called_off, lost = (
        caller.server.control("orders", split | {"status": status})["id"]
        for status in ("AWAITING_SHIPMENT", "IN_TRANSIT")
    )
    for key in (called_off, lost):
        caller.server.control(f"orders/{key}/cancel", {})

    rows = caller.server.control(f"orders?shop_id={shop}&pieces=1")

    told = {row["id"]: row["pieces"].get(sku) for row in rows}
    assert [told[key] for key in (*keys, called_off, lost)] == [
        [3, 3, 0],
        [3, 0, 3],
        [3, 1, 2],
        [3, 0, 0],
        [3, 0, 3],
    ]
