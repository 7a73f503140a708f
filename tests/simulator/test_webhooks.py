import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.simulator.caller import WEBHOOKS, Caller
from tests.simulator_server import SimulatorServer


@dataclass
class Receiver:
    """Our side: keeps what arrives; answers `statuses` in turn, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    received: list[tuple[str, bytes]] = field(default_factory=list)

    def bodies(self, number: int | None = None) -> list[dict[str, Any]]:
        bodies = [json.loads(body) for _, body in self.received]
        return [b for b in bodies if number in (None, b["type"])]

    def wait_for(self, count: int, number: int | None = None) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 8
        while len(self.bodies(number)) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.bodies(number)) >= count
        return self.bodies(number)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append((self.headers["authorization"], body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}
    )
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


def listen(caller: Caller, url: str, *names: str) -> None:
    for name in names or ("ORDER_STATUS_CHANGE",):
        body = {"event_type": name, "address": url}
        caller.data("PUT", WEBHOOKS, {"shop_cipher": caller.cipher()}, body)


def place(caller: Caller, **fields: Any) -> dict[str, Any]:
    shop = {"shop_id": caller.seller["shops"][0]["id"], "status": "UNPAID"}
    return dict(caller.server.control("orders", shop | fields))


def delivery(caller: Caller, *, state: str = "", attempts: int = 0) -> dict[str, Any]:
    """The only one the simulator knows of, once it has come so far."""
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        rows = caller.server.control("webhooks/deliveries")
        for row in rows:
            assert len(rows) == 1
            if len(row["attempts"]) >= attempts and state in ("", row["state"]):
                return dict(row)
        time.sleep(0.02)
    raise AssertionError(rows)


def move(caller: Caller, order: dict[str, Any], status: str) -> None:
    caller.server.control(f"orders/{order['id']}/move", {"status": status})


def test_a_new_order_is_announced_and_signed(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url)

    order = place(caller)

    (body,) = receiver.wait_for(1)
    assert body["type"] == 1
    assert body["shop_id"] == order["shop_id"]
    assert body["tts_notification_id"].isdigit()
    assert body["data"] == {
        "order_id": order["id"],
        "order_status": "UNPAID",
        "is_on_hold_order": False,
        "update_time": order["update_time"],
    }
    signature, raw = receiver.received[0]
    message = caller.app["app_key"].encode() + raw
    key = caller.app["app_secret"].encode()
    assert signature == hmac.new(key, message, hashlib.sha256).hexdigest()


def test_a_cancelled_order_is_spelt_cancel_and_comes_with_type_11(
    caller: Caller, receiver: Receiver
):
    listen(caller, receiver.url, "ORDER_STATUS_CHANGE", "CANCELLATION_STATUS_CHANGE")
    order = place(caller, status="AWAITING_SHIPMENT")
    receiver.wait_for(3, number=1)

    caller.server.control(f"orders/{order['id']}/request_cancel", {})
    caller.server.control(f"orders/{order['id']}/cancel", {"by": "BUYER"})

    receiver.wait_for(4, number=1)
    assert "CANCEL" in {b["data"]["order_status"] for b in receiver.bodies(1)}
    cancels = receiver.wait_for(2, number=11)
    assert {b["data"]["cancel_status"] for b in cancels} == {
        "CANCELLATION_REQUEST_PENDING",
        "CANCELLATION_REQUEST_COMPLETE",
    }
    assert {b["data"]["cancellations_role"] for b in cancels} == {"BUYER"}


def test_a_changed_address_is_announced_without_an_id(
    caller: Caller, receiver: Receiver
):
    listen(caller, receiver.url, "RECIPIENT_ADDRESS_UPDATE")
    order = place(caller, status="AWAITING_SHIPMENT")

    caller.server.control(f"orders/{order['id']}/change_address", {})

    (body,) = receiver.wait_for(1, number=3)
    assert "tts_notification_id" not in body
    assert set(body["data"]) == {"order_id", "update_time"}


def test_the_passing_of_time_announces_what_falls_due(
    caller: Caller, receiver: Receiver
):
    caller.server.control(
        f"apps/{caller.app['app_key']}", {"webhook_url": receiver.url}
    )

    order = place(caller, follows_story=True)
    caller.server.control("clock", {"advance": 20 * 3_600})

    assert order["id"] in {
        b["data"]["order_id"] for b in receiver.wait_for(3, number=1)
    }
    statuses = {b["data"]["order_status"] for b in receiver.wait_for(3, number=1)}
    assert statuses <= {
        "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT",
        "DELIVERED", "COMPLETED", "CANCEL",
    }  # fmt: skip


def test_a_shop_address_and_an_app_wide_one_both_fire(
    caller: Caller, receiver: Receiver
):
    listen(caller, receiver.url + "/shop")
    caller.server.control(
        f"apps/{caller.app['app_key']}", {"webhook_url": receiver.url}
    )

    place(caller)

    ids = [body["tts_notification_id"] for body in receiver.wait_for(2)]
    assert len(set(ids)) == 1


def test_nobody_else_is_told(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url)

    caller.server.control("orders", {"shop_id": caller.seller["shops"][1]["id"]})
    mine = place(caller)

    receiver.wait_for(1)
    assert {body["data"]["order_id"] for body in receiver.bodies()} == {mine["id"]}


def test_a_failed_delivery_comes_again_with_the_same_id(
    caller: Caller, receiver: Receiver
):
    receiver.statuses = [500, 503]
    caller.server.control("webhooks/trouble", {"retry_scale": 0.0001})
    listen(caller, receiver.url)

    place(caller)

    bodies = receiver.wait_for(3)
    assert len({body["tts_notification_id"] for body in bodies}) == 1
    assert bodies[0] == bodies[2]


def test_after_four_retries_the_news_is_dropped(caller: Caller, receiver: Receiver):
    receiver.statuses = [500] * 9
    caller.server.control("webhooks/trouble", {"retry_scale": 0.000001})
    listen(caller, receiver.url)

    place(caller)

    told = delivery(caller, state="dropped")
    assert [a["status"] for a in told["attempts"]] == [500] * 5
    assert len(receiver.received) == 5


def test_moving_the_clock_brings_the_retry_forward(caller: Caller, receiver: Receiver):
    receiver.statuses = [500]
    listen(caller, receiver.url)
    order = place(caller)
    delivery(caller, attempts=1)

    caller.server.control("clock", {"advance": 121})

    repeats = [b for b in receiver.wait_for(2) if b["data"]["order_id"] == order["id"]]
    assert len(repeats) == 2


def test_401_is_taken_as_an_answer(caller: Caller, receiver: Receiver):
    receiver.statuses = [401]
    caller.server.control("webhooks/trouble", {"retry_scale": 0.000001})
    listen(caller, receiver.url)

    place(caller)

    assert len(delivery(caller, state="rejected")["attempts"]) == 1
    assert len(receiver.received) == 1


def test_news_can_be_lost_doubled_and_badly_signed(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url)
    control = caller.server.control

    control("webhooks/trouble", {"lose": 1})
    lost = place(caller)
    time.sleep(0.4)
    control("webhooks/trouble", {"duplicate": 1})
    doubled = place(caller)
    first, second = receiver.wait_for(2)
    control("webhooks/trouble", {"bad_signature": 1})
    place(caller)
    receiver.wait_for(3)

    assert first == second
    assert first["data"]["order_id"] == doubled["id"] != lost["id"]
    signature, raw = receiver.received[-1]
    key = caller.app["app_secret"].encode()
    right = hmac.new(key, caller.app["app_key"].encode() + raw, hashlib.sha256)
    assert signature != right.hexdigest()


def test_news_can_come_in_the_wrong_order(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url)
    order = place(caller)
    receiver.wait_for(1)

    caller.server.control("webhooks/trouble", {"reorder": 2})
    move(caller, order, "ON_HOLD")
    time.sleep(0.4)
    move(caller, order, "AWAITING_SHIPMENT")

    bodies = receiver.wait_for(3)
    assert [b["data"]["order_status"] for b in bodies[1:]] == [
        "AWAITING_SHIPMENT",
        "ON_HOLD",
    ]


def test_a_webhook_can_be_sent_on_demand(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url)
    order = caller.search(page_size="1")["orders"][0]

    caller.server.control("webhooks/send", {"order_id": order["id"]})

    (body,) = receiver.wait_for(1)
    assert body["data"]["order_id"] == order["id"]


def test_deauthorisation_tells_every_shop(caller: Caller, receiver: Receiver):
    caller.server.control(
        f"apps/{caller.app['app_key']}", {"webhook_url": receiver.url}
    )

    caller.server.control("tokens/deauthorise", {"seller_id": caller.seller["id"]})

    told = {body["shop_id"] for body in receiver.wait_for(2, number=6)}
    assert told == {shop["id"] for shop in caller.seller["shops"]}


def test_the_last_month_of_an_authorization_is_announced_at_midnight(
    caller: Caller, receiver: Receiver
):
    caller.server.control(
        f"apps/{caller.app['app_key']}", {"webhook_url": receiver.url}
    )
    caller.server.control("tokens/ends", {"in_seconds": 20 * 86_400})
    time.sleep(0.3)

    caller.server.control("clock", {"advance": 86_400})

    body = receiver.wait_for(1, number=7)[0]
    assert body["data"]["expiration_time"].isdigit()


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://hooks.example.com:8443/a",
        "https://hooks.example.com/" + "a" * 255,
        "hooks.example.com",
        "",
        None,
    ],
)
def test_the_platform_is_strict_about_addresses(caller: Caller, address: str | None):
    caller.server.control("switches", {"loopback_webhooks": False})
    body = {"event_type": "ORDER_STATUS_CHANGE", "address": address}
    query = {"shop_cipher": caller.cipher()}

    assert caller.code("PUT", WEBHOOKS, query, body) == 36009004
    assert caller.data("GET", WEBHOOKS, query)["total_count"] == 0


def test_registrations_are_kept_per_shop_and_replaced(server: SimulatorServer,
                                                      caller: Caller):  # fmt: skip
    first, second = ({"shop_cipher": caller.cipher(n)} for n in (0, 1))
    body = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://a.example.com/1"}

    caller.data("PUT", WEBHOOKS, first, body)
    caller.data("PUT", WEBHOOKS, first, body | {"address": "https://a.example.com/2"})

    (registered,) = caller.data("GET", WEBHOOKS, first)["webhooks"]
    assert registered["address"] == "https://a.example.com/2"
    assert registered["update_time"] >= registered["create_time"] > 1_700_000_000
    assert caller.data("GET", WEBHOOKS, second)["webhooks"] == []
    gone = {"event_type": "ORDER_STATUS_CHANGE"}
    assert caller.data("DELETE", WEBHOOKS, first, gone) == {}
    assert caller.data("DELETE", WEBHOOKS, first, gone) == {}
    assert caller.data("GET", WEBHOOKS, first)["total_count"] == 0
    wrong = {"event_type": "ORDER_STATUS", "address": "https://a.example.com"}
    assert caller.code("PUT", WEBHOOKS, first, wrong) == 36009004


def test_a_split_order_announces_its_packages(caller: Caller, receiver: Receiver):
    listen(caller, receiver.url, "PACKAGE_UPDATE")
    order = place(caller, status="AWAITING_SHIPMENT", quantity=2)

    move(caller, order, "PARTIALLY_SHIPPING")

    (body,) = receiver.wait_for(1, number=4)
    assert body["data"]["sc_type"] == "SPLIT"
    assert [row["order_id_list"] for row in body["data"]["package_list"]] == [
        [order["id"]],
        [order["id"]],
    ]
