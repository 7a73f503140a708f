"""One shop's way through the whole house, with nothing played but the platform."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.topics import Topic
from apps.integrations.tiktok.webhooks import is_authentic, parse_notice
from apps.orders.models import Order
from apps.platforms.models import ApiApp, Shop
from apps.platforms.services.clients import client_for
from apps.products.models import Listing
from apps.sync import tasks
from apps.sync.models import Resource, SyncRun
from tests.factories.platforms import connect_simulator_shops, make_simulator_app

DESK = "/admin/orders/order/"


@pytest.mark.django_db(transaction=True)
def test_a_shop_is_connected_pulled_shown_and_kept_in_step(
    client, staff, company, simulator, monkeypatch
):
    # Tasks are called, never queued, in tests; on commit, as a worker would.
    for task in (tasks.pull_orders, tasks.pull_products):
        monkeypatch.setattr(task, "delay", task)
    seller = simulator.sellers()[2]
    listed = seller["shops"][0]
    early = simulator.control("orders", {"shop_id": listed["id"]})
    app = make_simulator_app(simulator)

    # Add Shop, TikTok's page, and back.
    client.force_login(staff)
    form = {
        "client": company.pk,
        "region": listed["region"],
        "api_app": app.pk,
        "environment": app.environment,
    }
    explained = client.post("/platforms/connect/", form).headers["Location"]
    consent = client.post(explained).headers["Location"]
    approval = requests.post(
        consent,
        dict(parse_qsl(urlsplit(consent).query))
        | {"seller": seller["id"], "decision": "approve"},
        allow_redirects=False,
        timeout=30,
    )
    back = urlsplit(approval.headers["location"])
    finishing = client.get(f"{back.path}?{back.query}").headers["Location"]
    page = client.post(finishing, follow=True)
    picking, offered = page.redirect_chain[-1][0], page.content.decode()
    assert all(shop["name"] in offered for shop in seller["shops"])
    picked = {"shop": [shop["id"] for shop in seller["shops"]], "answer": "link"}
    landed = client.post(picking, picked, follow=True)
    assert landed.redirect_chain[-1][0].endswith("/pull/")

    # The first pull has brought the orders, and the products.
    shop = Shop.objects.get(remote_id=listed["id"])
    run = SyncRun.objects.get(shop=shop, resource=Resource.ORDERS)
    assert (run.trigger, run.state) == (SyncRun.Trigger.CONNECT, SyncRun.State.DONE)
    assert Order.objects.filter(shop=shop).count() == run.new > 10
    assert status_on_the_desk(client, early["id"]) == "Awaiting shipment"
    products = SyncRun.objects.get(shop=shop, resource=Resource.PRODUCTS)
    assert products.trigger == SyncRun.Trigger.CONNECT
    assert Listing.objects.filter(shop=shop).exclude(details_of=None).exists()

    # The order moves on; the next sync shows it.
    moved = simulator.control(
        f"orders/{early['id']}/move", {"status": "AWAITING_COLLECTION"}
    )
    assert status_on_the_desk(client, early["id"]) == "Awaiting shipment"
    tasks.pull_orders(shop.pk, SyncRun.Trigger.USER)
    assert status_on_the_desk(client, early["id"]) == "Awaiting collection"
    latest = SyncRun.objects.filter(shop=shop, resource=Resource.ORDERS).first()
    assert latest
    assert (latest.new, latest.updated) == (0, 1)
    assert moved["status"] == "AWAITING_COLLECTION"

    # Another client's people see nothing of it.
    staff.memberships.all().delete()
    assert early["id"] not in client.get(DESK, {"tab": "all"}).content.decode()


def status_on_the_desk(client, remote_id: str) -> str:
    """What the order list says of an order."""
    page = client.get(DESK, {"q": remote_id})
    assert page.status_code == 200
    text = page.content.decode()
    table = text[text.index("<tbody") :]
    assert remote_id in table
    found = [
        str(label)
        for label in dict(Order.Status.choices).values()
        if re.search(rf">\s*{re.escape(str(label))}\s*<", table)
    ]
    assert len(found) == 1, found
    return found[0]


@dataclass
class Receiver:
    """Keeps the deliveries: (Authorization header, body)."""

    url: str = ""
    received: list[tuple[str, bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.received.append((self.headers["authorization"], body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            receiver.came.set()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhooks/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.django_db
def test_a_registered_webhook_is_delivered_with_a_signature_we_accept(
    simulator, receiver
):
    shop, *_ = connect_simulator_shops(simulator)
    app = ApiApp.objects.get()
    client = client_for(shop)
    assert isinstance(client, TikTokClient)

    client.set_webhook("ORDER_STATUS_CHANGE", receiver.url)
    assert [(s.event_type, s.address) for s in client.webhooks()] == [
        ("ORDER_STATUS_CHANGE", receiver.url)
    ]
    order = simulator.control("orders", {"shop_id": shop.remote_id})
    assert receiver.came.wait(10)

    header, body = receiver.received[0]
    secret = str(app.app_secret)
    assert is_authentic(app.app_key, secret, body, header)
    assert not is_authentic(app.app_key, secret, body + b" ", header)
    assert not is_authentic(app.app_key, "another secret", body, header)
    notice = parse_notice(body)
    assert notice.topic is Topic.ORDER_STATUS_CHANGE
    assert notice.shop_id == shop.remote_id
    assert notice.order_ids == (order["id"],)
    assert [o.remote_id for o in client.get_orders(list(notice.order_ids))] == [
        order["id"]
    ]

    client.delete_webhook("ORDER_STATUS_CHANGE")
    assert client.webhooks() == []
