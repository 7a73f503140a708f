"""The platform's background work: time goes on, and news goes out."""

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from typing import Any

from apps.simulator.clock import DAY, day_of
from apps.simulator.notices import Notice, deauthorised, expires_soon, notices_of
from apps.simulator.sender import Delivery
from apps.simulator.state import Simulator
from apps.simulator.tiktok.apps import App
from apps.simulator.tiktok.subscriptions import NAMES

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.2
WARNED_DAYS = 30


def start_courier(simulator: Simulator) -> None:
    threading.Thread(
        target=_work, args=(simulator,), name="courier", daemon=True
    ).start()


def _work(simulator: Simulator) -> None:
    today = day_of(simulator.clock.now())
    while True:
        time.sleep(PAUSE_SECONDS)
        announce_changes(simulator)
        if (day := day_of(simulator.clock.now())) != today:
            today = day
            warn_of_expiry(simulator)
        simulator.sender.send_due()


def announce_changes(simulator: Simulator) -> None:
    """Tell whoever has asked for it what has happened since the last time."""
    with simulator.lock:
        simulator.tick()
        changes, news = list(simulator.changes), list(simulator.news)
        simulator.changes.clear()
        simulator.news.clear()
        listening = {
            shop_id
            for shop_id in simulator.world.shops
            if any(True for _ in _live_apps(simulator, shop_id))
        }
        for change in changes:
            if (shop_id := change[0].shop.id) in listening:
                for notice in notices_of(change):
                    announce(simulator, shop_id, notice)
        for shop_id, notice in news:
            if shop_id in listening:
                announce(simulator, shop_id, notice)


def warn_of_expiry(simulator: Simulator) -> None:
    """Type 7, daily at midnight, from thirty days before an authorization ends."""
    now = simulator.clock.seconds()
    with simulator.lock:
        for grant in simulator.grants.by_pair.values():
            seller = simulator.world.seller(grant.seller_id)
            if seller is None or not now < grant.ends_at <= now + WARNED_DAYS * DAY:
                continue
            for shop in seller.shops:
                announce(simulator, shop.id, expires_soon(grant.ends_at))


def announce_deauthorisation(simulator: Simulator, app_key: str, shop_id: str) -> None:
    app = simulator.apps.by_key[app_key]
    _send(simulator, app, shop_id, deauthorised(shop_id))


def announce(
    simulator: Simulator, shop_id: str, notice: Notice, *, trouble_free: bool = False
) -> list[Delivery]:
    """Send a notice to every app the shop's seller has authorised."""
    return [
        delivery
        for app in _live_apps(simulator, shop_id)
        for delivery in _send(
            simulator, app, shop_id, notice, trouble_free=trouble_free
        )
    ]


def _live_apps(simulator: Simulator, shop_id: str) -> Iterator[App]:
    """The apps the shop is open to and that have an address for anything."""
    seller = simulator.world.seller_of(shop_id)
    now = simulator.clock.seconds()
    for app in simulator.apps.by_key.values():
        has_address = app.webhook_url or simulator.subscriptions.of(
            app.app_key, shop_id
        )
        if has_address and simulator.grants.live(app.app_key, seller.id, now):
            yield app


def _send(
    simulator: Simulator,
    app: App,
    shop_id: str,
    notice: Notice,
    *,
    trouble_free: bool = False,
) -> list[Delivery]:
    number, data = notice
    registered = simulator.subscriptions.of(app.app_key, shop_id)
    per_shop = registered.get(NAMES.get(number, ""), {}).get("address", "")
    envelope: dict[str, Any] = {"type": number}
    if number != 3:  # the platform's address news carries no id
        envelope["tts_notification_id"] = str(
            7_300_000_000_000_000_000 + secrets.randbelow(10**17)
        )
    envelope |= {
        "shop_id": shop_id,
        "timestamp": simulator.clock.seconds(),
        "data": data,
    }
    addresses = {address for address in (per_shop, app.webhook_url) if address}
    return [
        simulator.sender.offer(app, address, envelope, trouble_free=trouble_free)
        for address in sorted(addresses)
    ]
