"""Events of the running simulator, delivered as badly as it goes: the orders end the
same."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Authorization, Shop
from apps.sync.models import SyncRun
from apps.sync.services.orders import pull_orders
from apps.webhooks.models import WebhookEvent
from apps.webhooks.services import settling
from apps.webhooks.services.processing import work_events
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer
from tests.webhooks.receiver import receiving

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = WebhookEvent.State


@pytest.fixture
def shop(simulator) -> Shop:
    return connect_simulator_shops(simulator, 0)[0]


def buy(simulator: SimulatorServer, shop: Shop, status: str) -> str:
    asked = {"shop_id": shop.remote_id, "status": status}
    return str(simulator.control("orders", asked)["id"])


def at_tiktok(simulator: SimulatorServer, key: str) -> str:
    return str(simulator.control(f"orders/{key}")["status"])


def stored(shop: Shop) -> dict[str, str]:
    rows = Order.objects.filter(shop=shop)
    return dict(rows.values_list("remote_id", "status_text"))


def live_through_a_day(simulator: SimulatorServer, shop: Shop) -> list[str]:
    """Orders that are placed, moved on, cancelled, sent elsewhere."""
    keys = [buy(simulator, shop, "AWAITING_SHIPMENT") for _ in range(6)]
    simulator.control(f"orders/{keys[0]}/move", {"status": "AWAITING_COLLECTION"})
    simulator.control(f"orders/{keys[0]}/move", {"status": "IN_TRANSIT"})
    simulator.control(f"orders/{keys[1]}/request_cancel", {})
    simulator.control(f"orders/{keys[1]}/cancel", {"by": "BUYER"})
    simulator.control(f"orders/{keys[2]}/change_address", {})
    simulator.control(f"orders/{keys[3]}/cancel", {})
    return keys


@pytest.mark.parametrize("seed", [1, 2])
def test_doubled_reordered_and_lost_events_end_in_the_same_orders(
    seed, simulator, shop, client
):
    chance = random.Random(seed)
    # Not long before: the shop's older orders move on by themselves, too.
    since = timezone.now() - timedelta(seconds=5)
    with receiving(simulator) as receiver:
        keys = live_through_a_day(simulator, shop)
        receiver.wait_until_quiet(simulator, 12)
    everything = list(range(len(receiver.received)))
    arriving = [place for place in everything if chance.random() > 0.3]
    arriving += chance.choices(arriving, k=len(arriving) // 2)
    chance.shuffle(arriving)

    while arriving:
        some, arriving = arriving[:4], arriving[4:]
        assert set(receiver.hand_on(client, *some)) == {200}
        WebhookEvent.objects.filter(state=State.WAITING).update(
            next_try_at=timezone.now()
        )
        work_events(shop)

    told = stored(shop)
    assert told, "some arrived"
    assert told == {key: at_tiktok(simulator, key) for key in told}
    assert set(told) <= set(keys)
    settled = WebhookEvent.objects.exclude(state=State.DUPLICATE)
    assert {event.state for event in settled} <= {State.PROCESSED, State.KEPT}

    # What was lost is brought by polling, and what came is not written again.
    run = pull_orders(shop, trigger=SyncRun.Trigger.COMMAND, since=since)
    assert (run.new, run.updated) == (len(keys) - len(told), 0)
    assert stored(shop) == {key: at_tiktok(simulator, key) for key in keys}
    assert Order.objects.count() == len(keys)


def test_a_seller_who_takes_the_app_away_stops_the_shop_and_nobody_else_does(
    simulator, shop, client
):
    with receiving(simulator) as receiver:
        warning = {"shop_id": shop.remote_id, "type": 6, "data": {"message": "old"}}
        simulator.control("webhooks/send", warning)
        receiver.wait_until_quiet(simulator)
        receiver.hand_on(client, 0)
        work_events(shop)
        shop.refresh_from_db()
        assert WebhookEvent.objects.get().outcome.startswith("Still authorised")
        assert shop.state == Shop.State.CONNECTED

        seller = simulator.sellers()[0]["id"]
        app = simulator.apps()[0]["app_key"]
        simulator.control("tokens/deauthorise", {"app_key": app, "seller_id": seller})
        receiver.wait_until_quiet(simulator, 2)
        receiver.hand_on(client, *range(1, len(receiver.received)))

    work_events(shop)

    shop.refresh_from_db()
    assert shop.state == Shop.State.RECONNECT_NEEDED
    told = WebhookEvent.objects.filter(shop=shop).order_by("-pk")[0]
    assert (told.type_number, told.state) == (6, State.PROCESSED)
    assert "connect it again" in told.outcome


def test_the_end_of_an_authorization_is_kept(simulator, shop, client):
    ends_at = timezone.now().replace(microsecond=0) + timedelta(days=20)
    data = {"message": "soon", "expiration_time": str(int(ends_at.timestamp()))}
    with receiving(simulator) as receiver:
        body = {"shop_id": shop.remote_id, "type": 7, "data": data}
        simulator.control("webhooks/send", body)
        receiver.wait_until_quiet(simulator)
        receiver.hand_on(client, 0)

    work_events(shop)

    assert Authorization.objects.get().refresh_expires_at == ends_at
    assert settling.settle(timezone.now()) == 0
