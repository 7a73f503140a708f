"""Pull a shop's listings through the product's own path, from the simulator.

The first pull of 10,000, a second with nothing new, a third after 1 % changed, and one
that compares everything: calls, seconds, and what the third costs against the first.
The rate limiter keeps to no more than 50 calls a second, as with the real platform.
Uses DATABASE_URL, else SQLite in memory; needs a Redis or Valkey (REDIS_URL, or the
bundled one).

    .venv/bin/python benchmarks/pull_listings.py [listings]
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from apps.platforms.models import ApiCall, Shop
from apps.platforms.services import clients
from apps.products.models import Listing, ListingPayload, ListingSku
from apps.sync.models import SyncCursor, SyncRun
from apps.sync.services.products import pull_products
from config import embedded
from tests.factories.platforms import connect_simulator_shops
from tests.simulator_server import SimulatorServer, run_simulator

LISTINGS = 10_000


@dataclass(frozen=True, slots=True)
class Cost:
    searches: int
    details: int
    seconds: float

    @property
    def calls(self) -> int:
        return self.searches + self.details


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LISTINGS
    with run_simulator(orders=0) as simulator, limiter_store() as url:
        for name in ("API", "TOKEN", "CONSENT"):
            setattr(settings, f"TIKTOK_{name}_URL", simulator.url)
        settings.REDIS_URL = url
        clients._redis.cache_clear()
        run(simulator, count)


def run(simulator: SimulatorServer, count: int) -> None:
    shop = connect_simulator_shops(simulator, 0)[0]
    place = f"shops/{shop.remote_id}/listings"
    simulator.control(f"{place}/grow", {"count": count})
    print(f"{connection.vendor}, {count:,} listings")
    first = pull(shop, "first pull")
    pull(shop, "nothing changed")
    # Update times are whole seconds, and the next pull looks back ten minutes.
    settle()
    simulator.control(f"{place}/churn", {"percent": 1})
    news = pull(shop, "1 % changed")
    pull(shop, "everything compared", is_full=True)
    rows = (Listing, ListingSku, ListingPayload)
    stored = ", ".join(f"{m.objects.count():,} {m.__name__}" for m in rows)
    print(f"  stored: {stored}")
    print(f"  1 % changed : first, calls = {news.calls / first.calls:.4f}")
    print(f"  1 % changed : first, seconds = {news.seconds / first.seconds:.4f}")


def pull(shop: Shop, name: str, *, is_full: bool = False) -> Cost:
    before = ApiCall.objects.count()
    start = time.perf_counter()
    run = pull_products(shop, trigger=SyncRun.Trigger.COMMAND, is_full=is_full)
    seconds = time.perf_counter() - start
    calls = ApiCall.objects.order_by("pk")[before:]
    searches = sum(
        path.endswith("/search") for path in calls.values_list("path", flat=True)
    )
    cost = Cost(searches, len(calls) - searches, seconds)
    print(
        f"  {name:<22}{cost.searches:>7,} searches{cost.details:>8,} details"
        f"{cost.seconds:>9.1f} s   read {run.read:,} new {run.new:,} "
        f"updated {run.updated:,} same {run.same:,} failed {run.failed:,}"
    )
    return cost


def settle() -> None:
    """So that what was pulled is older than the overlap of the next pull."""
    time.sleep(1.1)
    for cursor in SyncCursor.objects.all():
        cursor.position += timedelta(minutes=10)
        cursor.save()


@contextmanager
def limiter_store() -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    binary = embedded.server_binary()
    if not binary:
        raise SystemExit("Set REDIS_URL, or install a Valkey server.")
    with TemporaryDirectory() as folder:
        command = embedded.server_command(binary, Path(folder))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            time.sleep(0.5)
            yield embedded.redis_url(Path(folder))
        finally:
            process.terminate()
            process.wait(timeout=10)


if __name__ == "__main__":
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(databases, verbosity=0)
