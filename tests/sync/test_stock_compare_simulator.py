"""Stock compared with the running simulator, in which others move it, too."""

import io
import json
import time
from typing import Any

import pytest
from django.core.management import call_command

from apps.integrations.errors import PlatformError
from apps.integrations.tiktok import retries
from apps.inventory.models import ShopStockSettings, ShopWarehouse, StockDocument
from apps.platforms.models import ApiCall, Shop
from apps.products.models import Listing, ListingSku
from apps.sync import tasks
from apps.sync.models import Resource, StockDrift, StockPush, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.products import pull_products
from apps.sync.services.stock_compare import compare_stock
from apps.sync.services.stock_opening import take_opening
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.working import push_due
from tests.factories.inventory import NOBODY, make_warehouse
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_variant
from tests.sync.queued import at_once

pytestmark = pytest.mark.django_db

SEARCH = "/product/202309/inventory/search"
COMMAND = SyncRun.Trigger.COMMAND


@pytest.fixture
def shop(simulator) -> Shop:
    """With its orders and products here, three of its SKUs matched, and told."""
    shop = connect_simulator_shops(simulator, 0)[0]
    pull_orders(shop, trigger=COMMAND)
    pull_products(shop, trigger=COMMAND)
    rows = ListingSku.objects.filter(listing__status=Listing.Status.LIVE).order_by("pk")
    for sku in [row for row in rows if shown(simulator, row)][:3]:
        sku.variant = make_variant(client=shop.client)
        sku.mapping = ListingSku.Mapping.MATCHED
        sku.save()
    compare_stock(shop, trigger=COMMAND)
    for place in ShopWarehouse.objects.filter(kind="sales", warehouse=None):
        place.warehouse = make_warehouse(shop.client)
        place.save()
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    return shop


@pytest.fixture
def sku(shop) -> ListingSku:
    return ListingSku.objects.filter(variant__isnull=False).order_by("pk")[0]


def shown(simulator, sku: ListingSku) -> dict[str, int]:
    rows = simulator.control(f"skus/{sku.remote_id}/stock")["warehouses"]
    return {row["warehouse_id"]: row["available"] for row in rows}


def compare(shop: Shop, **options: Any) -> SyncRun:
    return compare_stock(shop, trigger=COMMAND, **options)


def in_step(shop: Shop) -> None:
    """The shop's own figures are ours, and it was told them."""
    take_opening(shop, NOBODY, key="opening:1")
    noting.recompute(shop)
    push_due(shop)
    assert set(StockPush.objects.values_list("state", flat=True)) == {"in_step"}


@pytest.fixture
def hasty(monkeypatch):
    """Repeat without the long pauses."""
    monkeypatch.setattr(retries.RetryPolicy, "pause_seconds", lambda *args: None)


def seller_center(simulator, sku: ListingSku, units: int) -> None:
    place = next(iter(shown(simulator, sku)))
    simulator.control(
        f"skus/{sku.remote_id}/stock", {"quantity": units, "warehouse_id": place}
    )


def test_warehouses_and_stock_are_found_as_they_are(shop, simulator):
    for push in StockPush.objects.select_related("listing_sku"):
        assert push.found == shown(simulator, push.listing_sku)
    run = SyncRun.objects.get(resource=Resource.STOCK)
    assert (run.state, run.read, run.new) == (SyncRun.State.DONE, 3, 3)
    assert ApiCall.objects.filter(path=SEARCH).count() == 1
    place = ShopWarehouse.objects.get(shop=shop, kind="sales", is_default=True)
    assert place.warehouse is not None


def test_the_shops_figures_as_opening_stock_are_what_it_is_told(shop, simulator, sku):
    before = shown(simulator, sku)

    in_step(shop)

    assert shown(simulator, sku) == before
    assert StockDocument.objects.filter(kind="count").exists()
    run = compare(shop)
    assert (run.same, run.updated, run.failed) == (3, 0, 0)
    assert not StockDrift.objects.exists()


def test_what_somebody_set_in_seller_center_is_found_and_told_again(
    shop, simulator, sku
):
    in_step(shop)
    before = shown(simulator, sku)
    seller_center(simulator, sku, 77)

    assert compare(shop).updated == 1
    drift = StockDrift.objects.get()
    assert (drift.state, drift.mover, drift.found) == ("open", "somebody", 77)

    ShopStockSettings.objects.update(drift="repair")
    compare(shop)
    push_due(shop)
    assert shown(simulator, sku) == before
    assert compare(shop).same == 3
    drift.refresh_from_db()
    assert drift.state == "repaired"


def test_what_buyers_took_is_nobodys_drift(shop, simulator, sku):
    in_step(shop)
    # Orders are told to the second, by the platform's clock: one placed in that of the
    # count is counted with it.
    time.sleep(2 - time.time() % 1)
    place = next(iter(shown(simulator, sku)))
    rush = {"sku_id": sku.remote_id, "orders": 2, "warehouse_id": place}
    simulator.control(f"shops/{shop.remote_id}/rush", rush)

    compare(shop)

    # The last may be too young to be read yet; the shop's own count tells of it.
    assert set(StockDrift.objects.values_list("mover", "state")) <= {("sales", "gone")}
    push = StockPush.objects.get(listing_sku=sku)
    assert push.found == shown(simulator, sku)
    assert not push.is_forced


def test_a_platform_in_trouble_is_asked_again_later(shop, simulator, sku, hasty):
    simulator.control("faults", {"kind": "status", "status": 503, "path": SEARCH})
    with pytest.raises(PlatformError):
        compare(shop)
    run = SyncRun.objects.filter(resource=Resource.STOCK).first()
    assert run is not None
    assert run.state == SyncRun.State.FAILED
    assert StockPush.objects.get(listing_sku=sku).found == shown(simulator, sku)

    simulator.control("faults", method="DELETE")
    assert compare(shop).same == 3


def test_a_sku_that_the_shop_does_not_have_is_said(shop, sku):
    ListingSku.objects.filter(pk=sku.pk).update(remote_id="1729000000000000001")

    run = compare(shop)

    assert (run.state, run.failed) == (SyncRun.State.PARTLY, 1)
    assert run.first_error.endswith("TikTok shows no stock of it.")


def test_the_command_compares_and_says_how_many_differ(shop, simulator, sku):
    in_step(shop)
    seller_center(simulator, sku, 77)

    said = io.StringIO()
    call_command("sync_stock", "--shop", str(shop.pk), "--dry-run", stdout=said)
    assert "Dry run: no stock was written." in said.getvalue()
    assert not StockDrift.objects.exists()

    said = io.StringIO()
    call_command("sync_stock", "--shop", str(shop.pk), "--json", stdout=said)
    row, summary = map(json.loads, said.getvalue().splitlines())
    assert (row["read"], row["updated"], row["same"]) == (3, 1, 2)
    assert (summary["type"], summary["shops"]) == ("summary", 1)
    assert StockDrift.objects.count() == 1


def test_the_sweep_wakes_the_comparison_of_shops_that_are_due(shop, monkeypatch):
    monkeypatch.setattr(
        tasks.compare_stock, "apply_async", at_once(tasks.compare_stock)
    )
    assert tasks.sweep_stock_comparison() == 0

    SyncRun.objects.filter(resource=Resource.STOCK).delete()
    assert tasks.sweep_stock_comparison() == 1

    run = SyncRun.objects.get(resource=Resource.STOCK)
    assert (run.trigger, run.state) == (SyncRun.Trigger.SCHEDULE, SyncRun.State.DONE)
