"""The front page: the world at a glance, for a person."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from apps.simulator.server import current
from apps.simulator.state import Simulator
from apps.simulator.world.lifecycle import STATUSES
from apps.simulator.world.sellers import Seller

_SHOWN = 12


def home(request: HttpRequest) -> HttpResponse:
    simulator = current()
    with simulator.lock:
        simulator.tick()
        context = _context(simulator)
    return render(request, "simulator/home.html", context)


def _context(simulator: Simulator) -> dict[str, Any]:
    clock, requests = simulator.clock, simulator.requests
    return {
        "sellers": [_seller(simulator, seller) for seller in simulator.world.sellers],
        "statuses": [status.replace("_", " ").lower() for status in STATUSES],
        "apps": list(simulator.apps.by_key.values()),
        "now": _utc(clock.now()),
        "offset_seconds": round(clock.offset),
        "is_frozen": clock.frozen_at is not None,
        "seed": simulator.seed,
        "size": simulator.size,
        "journal": simulator.journal.path or "",
        "limits": simulator.limits,
        "faults": simulator.faults.as_json(),
        "trouble": simulator.sender.trouble,
        "requests": [_request(r) for r in islice(reversed(requests), _SHOWN)],
        "refusals": [
            _request(r)
            for r in islice((r for r in reversed(requests) if r["code"] != 0), _SHOWN)
        ],
        "deliveries": _deliveries(simulator),
        "hooks": sum(map(len, simulator.subscriptions.by_shop.values())),
    }


def _seller(simulator: Simulator, seller: Seller) -> dict[str, Any]:
    now = simulator.clock.seconds()
    opened = [
        app.name
        for app in simulator.apps.by_key.values()
        if simulator.grants.live(app.app_key, seller.id, now)
    ]
    shops = [
        {"shop": shop, "counts": _counts(simulator, shop.id)} for shop in seller.shops
    ]
    return {"seller": seller, "opened": opened, "shops": shops}


def _counts(simulator: Simulator, shop_id: str) -> list[int]:
    orders = simulator.world.indexes[shop_id].by_create
    counts = Counter(order.status for order in orders)
    return [len(orders), *(counts[status] for status in STATUSES)]


def _request(trace: dict[str, Any]) -> dict[str, Any]:
    return trace | {"time": _utc(trace["at"])}


def _deliveries(simulator: Simulator) -> list[dict[str, Any]]:
    newest: Iterable[Any] = reversed(simulator.sender.deliveries)
    return [
        {"delivery": delivery, "attempts": len(delivery.attempts)}
        for delivery in islice(newest, _SHOWN)
    ]


def _utc(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, tz=UTC):%Y-%m-%d %H:%M:%S}"


def stylesheet(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        render_to_string("simulator/simulator.css"), content_type="text/css"
    )
