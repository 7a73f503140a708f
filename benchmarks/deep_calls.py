"""What room for deep calls saves: pages with it beside the same pages without.

How much depends on how deep a request begins, so each page is asked for from as many
depths as cover a chunk of the stack. Prints the median of all depths with and without
room, their ratio, and that of the depth where room saves most. Uses DATABASE_URL, else
an SQLite file.

    .venv/bin/python benchmarks/deep_calls.py
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test import Client as Browser
from django.test.utils import setup_databases, teardown_databases
from django.urls import reverse
from django.utils import timezone

from apps.orders.models import Order
from apps.platforms.models import Shop
from apps.users.models import Client, User
from config.roomy import roomy

ORDERS, DEPTHS, ROUNDS = 50, 40, 5
PAGES = (
    reverse("admin:orders_order_changelist"),
    reverse("admin:platforms_shop_changelist"),
    reverse("admin:sync_syncrun_changelist"),
    "/api/v1/orders/",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/bench.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            compare(fill())
        finally:
            teardown_databases(databases, verbosity=0)


def fill() -> Browser:
    client = Client.objects.create(name="Client")
    shop = Shop.objects.create(
        client=client,
        name="Shop",
        region="MY",
        remote_id="1",
        currency="MYR",
        time_zone="UTC",
    )
    Order.objects.bulk_create(
        Order(
            shop=shop,
            remote_id=str(number),
            status=Order.Status.COMPLETED,
            currency="MYR",
            placed_at=timezone.now(),
        )
        for number in range(ORDERS)
    )
    browser = Browser()
    user = User.objects.create_superuser("root")
    browser.force_login(user, backend="apps.users.backends.PasswordBackend")
    return browser


def compare(browser: Browser) -> None:
    print(f"{'':28} {'plain ms':>9} {'room ms':>9} {'ratio':>6} {'at best':>8}")
    for page in PAGES:

        def ask(page: str = page) -> Any:
            return browser.get(page)

        pairs = [times_at(depth, ask) for depth in range(DEPTHS)]
        plain, room = (
            statistics.median(each) * 1e3 for each in zip(*pairs, strict=True)
        )
        best = min(room / plain for plain, room in pairs)
        print(f"{page:28} {plain:9.1f} {room:9.1f} {room / plain:6.2f} {best:8.2f}")


def times_at(depth: int, ask: Callable[[], Any]) -> tuple[float, float]:
    """Seconds without and with room, asked in turns: the medians."""
    if depth:
        return times_at(depth - 1, ask)
    with_room = roomy(ask)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for call, took in zip((ask, with_room), times, strict=True):
            started = time.perf_counter()
            call()
            took.append(time.perf_counter() - started)
    return statistics.median(times[0]), statistics.median(times[1])


if __name__ == "__main__":
    main()
