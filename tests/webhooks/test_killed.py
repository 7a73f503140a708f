"""A worker killed between reading and noting: it is done again, and once in effect."""

import json
import signal

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.own_database]

SETUP = """
import sys
from django.test import Client
from apps.platforms.models import ApiApp
from tests.factories.platforms import connect_simulator_shops
from tests.factories.webhooks import order_news, signed
from tests.simulator_server import SimulatorServer

server = SimulatorServer(sys.argv[1], None, None)
shop = connect_simulator_shops(server, 0)[0]
app = ApiApp.objects.get()
for number in range(3):
    asked = {"shop_id": shop.remote_id, "status": "AWAITING_SHIPMENT"}
    key = server.control("orders", asked)["id"]
    body = order_news(shop, key)
    headers = {"authorization": signed(app, body, str(app.app_secret))}
    address = "/webhooks/tiktok/"
    answer = Client().post(
        address, body, content_type="application/json", headers=headers
    )
    print(answer.status_code)
"""
# Says that the orders are stored, and waits to be killed.
WORK = """
import time
from apps.platforms.models import Shop
from apps.webhooks.services import processing

def note(*arguments):
    print("stored", flush=True)
    time.sleep(60)

processing.note = note
processing.work_events(Shop.objects.filter(webhook_events__pk__gt=0).first())
"""
AGAIN = """
from apps.webhooks import tasks
from apps.webhooks.services import claiming
tasks.work_webhooks.delay = tasks.work_webhooks
print(claiming.free_dead(), tasks.sweep_webhooks())
"""
STATE = """
import json
from apps.orders.models import Order, OrderPayload
from apps.webhooks.models import WebhookAttempt, WebhookEvent
print(json.dumps({
    "orders": Order.objects.count(),
    "payloads": OrderPayload.objects.count(),
    "tries": WebhookAttempt.objects.count(),
    "states": sorted(WebhookEvent.objects.values_list("state", flat=True)),
    "outcomes": sorted(WebhookEvent.objects.values_list("outcome", flat=True)),
}))
"""


def test_what_a_killed_worker_had_read_is_noted_by_the_next(desk, simulator_process):
    assert desk.script(SETUP, simulator_process.url).split() == ["200"] * 3

    process = desk.start_script(WORK)
    assert process.stdout is not None
    said = process.stdout.readline().strip()
    process.kill()
    _, errors = process.communicate()
    assert said == "stored", errors
    assert process.returncode == -signal.SIGKILL
    half = json.loads(desk.script(STATE))
    assert (half["orders"], half["tries"]) == (3, 0)
    assert half["states"] == ["waiting"] * 3

    assert desk.script(AGAIN).split() == ["3", "1"]

    whole = json.loads(desk.script(STATE))
    assert (whole["orders"], whole["payloads"]) == (3, half["payloads"])
    assert whole["states"] == ["processed"] * 3
    assert all(words.endswith("no change") for words in whole["outcomes"])
