"""What the log of calls costs a call: the same calls with and without it, in turns.

Against the simulator on loopback, which answers a small call in 2 ms: the harshest
comparison there is. The last line has the same call 100 ms away, as the platform is.
Prints medians and ratios. Uses DATABASE_URL, else an SQLite file.

    .venv/bin/python benchmarks/call_log.py [rounds]
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from apps.integrations.hooks import NoObserver
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.hosts import Hosts
from apps.platforms.models import ApiApp, ApiCall, Shop
from apps.platforms.services.call_log import CallLog
from apps.users.models import Client
from tests.simulator_server import SimulatorServer, run_simulator


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = f"{folder}/bench.sqlite3"
        databases = setup_databases(verbosity=0, interactive=False)
        try:
            with run_simulator(orders=1_500) as server:
                server.control("rate_limit", {"per_second": 10_000})
                compare(server, rounds)
        finally:
            teardown_databases(databases, verbosity=0)


def compare(server: SimulatorServer, rounds: int) -> None:
    app, shop = our_rows(server)
    seller = server.sellers()[0]
    cipher = seller["shops"][0]["ciphers"][app.app_key]
    token = server.tokens(seller_id=seller["id"], app_key=app.app_key)["access_token"]

    def client(observer: Any) -> TikTokClient:
        return TikTokClient(
            app.app_key,
            str(app.app_secret),
            token,
            cipher,
            hosts=Hosts.all_at(server.url),
            observer=observer,
        )

    log = CallLog(app, shop)
    until = datetime.now(UTC)
    since = until - timedelta(days=120)
    found = len(client(NoObserver()).search_orders(since, until).orders)
    calls: dict[str, Callable[[TikTokClient], object]] = {
        f"a page of {found} orders": lambda c: c.search_orders(since, until),
        "the list of shops": lambda c: c.authorized_shops(),
    }
    print(f"{connection.vendor}, {rounds} rounds each, medians")
    print(f"{'call':24} {'bare ms':>9} {'logged ms':>10} {'cost':>7}")
    for name, act in calls.items():
        show(name, *in_turns(rounds, act, client(NoObserver()), client(log)))
    server.control("faults", {"kind": "delay", "seconds": 0.1})
    rounds = min(rounds, 40)
    show(
        "the same, 100 ms away",
        *in_turns(rounds, act, client(NoObserver()), client(log)),
    )
    print(f"{ApiCall.objects.count()} rows written")


def show(name: str, bare: float, extra: float) -> None:
    logged = bare + extra
    print(f"{name:24} {bare * 1e3:9.2f} {logged * 1e3:10.2f} {extra / bare:7.1%}")


def in_turns(
    rounds: int,
    act: Callable[[TikTokClient], object],
    bare: TikTokClient,
    logged: TikTokClient,
) -> tuple[float, float]:
    """Median seconds of the bare call, and of what the log adds to its neighbour."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 5):
        for which in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            act((bare, logged)[which])
            if number >= 5:
                times[which].append(time.perf_counter() - started)
    differences = [with_log - without for without, with_log in zip(*times, strict=True)]
    return statistics.median(times[0]), statistics.median(differences)


def our_rows(server: SimulatorServer) -> tuple[ApiApp, Shop]:
    listed = server.apps()[0]
    app = ApiApp.objects.create(
        name="Bench",
        app_key=listed["app_key"],
        app_secret=listed["app_secret"],
        service_id="1",
    )
    shop = Shop.objects.create(
        client=Client.objects.create(name="Bench"),
        remote_id="1",
        name="Bench",
        region="US",
        currency="USD",
        time_zone="UTC",
    )
    return app, shop


if __name__ == "__main__":
    main()
