"""From commit to shop: 500 changes committed at once, told to the simulator.

500 SKUs of 280 listings are counted anew in one transaction, right after a sweep for
news; the next comes two seconds later, as in the schedule, and tells the shop. The
platform takes 100 ms longer than the simulator does for an answer. Prints what changes
took from the commit until the shop had accepted them, the calls made beside the fewest
possible, and the time beside what the limit of calls a second allows. The same of one
change alone.

Uses DATABASE_URL (PostgreSQL: calls are made side by side), and a Redis or Valkey
(REDIS_URL, or the bundled one).

    .venv/bin/python benchmarks/stock_push.py [SKUs] [listings]
"""

import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from apps.inventory.models import ShopStockSettings, ShopWarehouse, StockDocument
from apps.inventory.services.warehouses import create_warehouse
from apps.orders.services.warehouses import learn_warehouses
from apps.platforms.models import ApiCall, Shop
from apps.platforms.services import clients, scopes
from apps.platforms.services.rate_limit import Pace
from apps.products.models import Listing, ListingSku, Variant
from apps.sync.models import StockPush, SyncRun
from apps.sync.services.products import pull_products
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.working import push_due
from benchmarks.pull_listings import limiter_store
from tests.factories.inventory import NOBODY, make_document
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_product, make_variant
from tests.simulator_server import SimulatorServer, run_simulator

SKUS, LISTINGS = 500, 280
SWEEP_SECONDS, LATENCY_SECONDS = 2.0, 0.1
THREADS = 7
UPDATES = "/inventory/update"


def main() -> None:
    asked = [int(text) for text in sys.argv[1:]]
    skus, listings = (asked + [SKUS, LISTINGS][len(asked) :])[:2]
    with run_simulator(orders=0) as simulator, limiter_store() as url:
        for name in ("API", "TOKEN", "CONSENT"):
            setattr(settings, f"TIKTOK_{name}_URL", simulator.url)
        settings.REDIS_URL = url
        settings.STOCK_PUSH_THREADS = THREADS if connection.vendor != "sqlite" else 1
        clients._redis.cache_clear()
        shop = connect(simulator, listings)
        variants = match(shop, skus, listings)
        run(simulator, shop, variants)


def run(simulator: SimulatorServer, shop: Shop, variants: Sequence[Variant]) -> None:
    recount(shop, variants, 9)
    tell(shop)
    slow = {"kind": "delay", "seconds": LATENCY_SECONDS, "path": UPDATES}
    simulator.control("faults", slow)
    threads = settings.STOCK_PUSH_THREADS
    print(f"{connection.vendor}, {threads} calls at once, answers {LATENCY_SECONDS} s")
    for name, some in (("burst", variants), ("one change", variants[:1])):
        ApiCall.objects.all().delete()
        committed_at = recount(shop, some, 8 if len(some) > 1 else 3)
        time.sleep(SWEEP_SECONDS)
        tell(shop)
        report(name, committed_at, some)


def report(name: str, committed_at: datetime, variants: Sequence[Variant]) -> None:
    pushes = StockPush.objects.filter(
        listing_sku__variant__in=variants, accepted_at__gt=committed_at
    )
    listings = pushes.values("listing_sku__listing").distinct().count()
    took = [
        (push.accepted_at - committed_at).total_seconds()
        for push in pushes
        if push.accepted_at and push.state == StockPush.State.IN_STEP
    ]
    calls = ApiCall.objects.filter(path__endswith=UPDATES).count()
    bound = calls / Pace.below(settings.TIKTOK_SHOP_CALL_LIMIT).per_second
    high = quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    print(
        f"  {name:<11} {len(took):>5,} of {len(variants):,} SKUs told: "
        f"p50 {median(took):.2f} s, p95 {high:.2f} s, max {max(took):.2f} s"
    )
    print(
        f"  {'':<11} {calls:>5,} calls, {listings:,} the fewest; "
        f"{max(took) - SWEEP_SECONDS:.2f} s of work, {bound:.2f} s by the rate: "
        f"{(max(took) - SWEEP_SECONDS) / bound:.2f} times"
    )
    of_these = StockPush.objects.filter(listing_sku__variant__in=variants)
    for push in of_these.exclude(state=StockPush.State.IN_STEP):
        print(f"  {'':<11} not told: {push.fault}. {push.message}")


def tell(shop: Shop) -> None:
    start = time.perf_counter()
    noting.drain()
    drained = time.perf_counter() - start
    push_due(shop)
    whole = time.perf_counter() - start
    print(f"  sweep: {drained:.2f} s to take news in, {whole:.2f} s in all")


def recount(shop: Shop, variants: Sequence[Variant], units: int) -> datetime:
    """When it was committed."""
    for place in ShopWarehouse.objects.filter(shop=shop, kind="sales"):
        make_document(
            StockDocument.Kind.COUNT, dict.fromkeys(variants, units), place.warehouse
        )
    return timezone.now()


def connect(simulator: SimulatorServer, listings: int) -> Shop:
    shop = connect_simulator_shops(simulator, 0)[0]
    place = f"shops/{shop.remote_id}/listings"
    simulator.control(f"{place}/grow", {"count": 2 * listings})
    pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
    client = clients.client_for(shop, scopes.PRODUCTS)
    learn_warehouses(shop, client.warehouses())
    for row in ShopWarehouse.objects.filter(kind="sales", warehouse=None):
        row.warehouse = create_warehouse(shop.client, row.remote_id, NOBODY)
        row.save()
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    return shop


def match(shop: Shop, skus: int, listings: int) -> list[Variant]:
    """A variant for each of so many SKUs, which are spread over so many listings."""
    live = Listing.objects.filter(shop=shop, status=Listing.Status.LIVE)
    grown = live.order_by("-pk")[:listings]
    rows = ListingSku.objects.filter(listing__in=list(grown)).order_by("position", "pk")
    product, variants = make_product(shop.client), []
    for row in rows[:skus]:
        variant = make_variant(product)
        row.variant, row.mapping = variant, ListingSku.Mapping.MATCHED
        row.save()
        variants.append(variant)
    return variants


if __name__ == "__main__":
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(databases, verbosity=0)
