"""Stock told to the running simulator, whose buyers take from it meanwhile."""

import threading
import time
from contextlib import suppress
from typing import Any

import pytest
from django.utils import timezone

from apps.integrations.errors import RateLimited
from apps.inventory.models import (
    ShopStockSettings,
    ShopWarehouse,
    StockLevel,
    Warehouse,
)
from apps.orders.models import Order
from apps.orders.services.warehouses import learn_warehouses
from apps.platforms.models import ApiCall, Shop
from apps.platforms.services import scopes
from apps.platforms.services.clients import client_for
from apps.products.models import Listing, ListingSku
from apps.sync.models import StockPush, SyncRun
from apps.sync.services.orders import pull_orders
from apps.sync.services.products import pull_products
from apps.sync.services.stock_push import noting
from apps.sync.services.stock_push.working import push_due
from tests.factories.inventory import count, receive
from tests.factories.platforms import connect_simulator_shops
from tests.factories.products import make_variant
from tests.simulator_server import SimulatorServer

pytestmark = pytest.mark.django_db
State = StockPush.State
UPDATES = "/inventory/update"


@pytest.fixture
def shop(simulator: SimulatorServer) -> Shop:
    """Told, with its products here and each of its warehouses one of ours."""
    shop = connect_simulator_shops(simulator, 0)[0]
    pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
    learn_warehouses(shop, client_for(shop, scopes.PRODUCTS).warehouses())
    for place in ShopWarehouse.objects.filter(kind="sales", warehouse=None):
        place.warehouse = Warehouse.objects.create(
            client=shop.client, name=f"Ours of {place.remote_id}"
        )
        place.save()
    ShopStockSettings.objects.create(shop=shop, is_pushed=True)
    return shop


def pieces(simulator: SimulatorServer, sku: ListingSku) -> dict[str, int]:
    rows = simulator.control(f"skus/{sku.remote_id}/stock")["warehouses"]
    return {row["warehouse_id"]: row["available"] for row in rows}


def matched(
    simulator: SimulatorServer, shop: Shop, number: int = 1
) -> list[ListingSku]:
    """Live SKUs that have stock of their own, matched to new variants."""
    found = []
    rows = ListingSku.objects.filter(listing__status=Listing.Status.LIVE)
    for sku in rows.select_related("listing").order_by("pk"):
        if pieces(simulator, sku):
            variant = make_variant(client=shop.client)
            sku.variant, sku.mapping = variant, ListingSku.Mapping.MATCHED
            sku.save()
            found.append(sku)
        if len(found) == number:
            return found
    raise AssertionError("the simulator has too few products on sale")


def stock(sku: ListingSku, units: int) -> None:
    """So many were counted in each warehouse of ours."""
    assert sku.variant is not None
    for warehouse in Warehouse.objects.filter(client=sku.shop.client_id):
        count(sku.variant, units, warehouse)


def tell(shop: Shop) -> Any:
    noting.drain()
    return push_due(shop)


def updates() -> int:
    return ApiCall.objects.filter(path__endswith=UPDATES).count()


def test_the_shop_shows_what_it_was_told(shop, simulator):
    skus = matched(simulator, shop, 5)
    for number, sku in enumerate(skus):
        stock(sku, number)  # the first has none

    tell(shop)

    for number, sku in enumerate(skus):
        shown = pieces(simulator, sku)
        assert set(shown.values()) == {number}
        push = StockPush.objects.get(listing_sku=sku)
        assert push.state == State.IN_STEP, push.message
        assert push.accepted.keys() >= shown.keys()


def test_only_the_listings_that_changed_are_called_about(shop, simulator):
    skus = matched(simulator, shop, 6)
    for sku in skus:
        stock(sku, 9)
    tell(shop)
    ApiCall.objects.all().delete()

    receive(skus[0].variant, 1)
    for units in range(30):
        count(skus[1].variant, units)
    tell(shop)

    assert updates() == len({skus[0].listing_id, skus[1].listing_id})
    tell(shop)
    assert updates() == len({skus[0].listing_id, skus[1].listing_id})


def test_what_the_platform_refuses_of_a_call_is_tried_again(shop, simulator):
    sku = matched(simulator, shop)[0]
    stock(sku, 9)
    simulator.control("partial_failures", {"count": 1, "code": 12052109})

    assert tell(shop).failed == 1
    push = StockPush.objects.get(listing_sku=sku)
    assert (push.state, push.fault) == (State.FAILED, "retry")

    StockPush.objects.update(next_try_at=None)
    tell(shop)

    assert set(pieces(simulator, sku).values()) == {9}


@pytest.mark.parametrize("kind", ["cut", "drop", "status", "rate_limit"])
def test_a_lost_answer_or_a_refused_call_ends_with_the_newest_figure(
    shop, simulator, kind
):
    sku = matched(simulator, shop)[0]
    stock(sku, 9)
    tell(shop)
    stock(sku, 8)
    # The answer is lost after the work was done, or nothing was done at all.
    path = "/product/202309/products"
    simulator.control("faults", {"kind": kind, "path": path})

    with suppress(RateLimited):  # the shop as a whole is to wait
        assert tell(shop).accepted == 0

    assert set(pieces(simulator, sku).values()) == {8 if kind == "cut" else 9}
    simulator.control("faults", method="DELETE")
    stock(sku, 7)  # meanwhile
    StockPush.objects.update(next_try_at=None)
    tell(shop)
    assert set(pieces(simulator, sku).values()) == {7}
    assert StockPush.objects.get(listing_sku=sku).state == State.IN_STEP


def test_a_listing_comes_off_sale_and_back_where_none_is_refused(shop, simulator):
    sku = matched(simulator, shop)[0]
    for each in sku.listing.skus.exclude(pk=sku.pk):
        each.variant, each.mapping = make_variant(client=shop.client), "matched"
        each.save()
        stock(each, 0)
    stock(sku, 0)
    simulator.control("switches", {"refuses_zero_stock": True})

    tell(shop)

    sku.listing.refresh_from_db()
    assert sku.listing.status == Listing.Status.SELLER_DEACTIVATED
    push = StockPush.objects.get(listing_sku=sku)
    assert (push.state, push.is_taken_off_sale) == (State.IN_STEP, True)

    stock(sku, 4)
    tell(shop)  # puts it on sale, which is reviewed first
    sku.listing.refresh_from_db()
    assert sku.listing.status == Listing.Status.PENDING

    simulator.control(f"listings/{sku.listing.remote_id}/review", {"verdict": "pass"})
    pull_products(shop, trigger=SyncRun.Trigger.COMMAND)
    noting.catch_up()
    tell(shop)

    sku.listing.refresh_from_db()
    assert sku.listing.status == Listing.Status.LIVE
    assert set(pieces(simulator, sku).values()) == {4}


def rush(simulator: SimulatorServer, sku: ListingSku, orders: int, place: str) -> None:
    asked = {"sku_id": sku.remote_id, "orders": orders, "warehouse_id": place}
    path = f"shops/{sku.shop.remote_id}/rush"
    assert simulator.control(path, asked)["sold"] == orders


def hear_of(sku: ListingSku, orders: int) -> None:
    """Pull until so many are known; one of this very second may come with the next."""
    known = Order.objects.filter(lines__listing_sku=sku)
    for _ in range(20):
        pull_orders(sku.shop, trigger=SyncRun.Trigger.COMMAND)
        if known.count() >= orders:
            return
        time.sleep(0.2)
    raise AssertionError(f"{known.count()} of {orders} orders came")


def available(sku: ListingSku, warehouse: Warehouse) -> int:
    return StockLevel.objects.get(variant=sku.variant, warehouse=warehouse).available


def test_sales_heard_of_after_a_push_has_written_over_them_end_right(shop, simulator):
    sku = matched(simulator, shop)[0]
    stock(sku, 20)
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    tell(shop)
    place = next(iter(pieces(simulator, sku)))
    ours = Warehouse.objects.get(shop_warehouses__remote_id=place)
    before = pieces(simulator, sku)[place]

    rush(simulator, sku, 3, place)
    receive(sku.variant, 1, ours, effective_at=timezone.now())
    tell(shop)  # knows nothing of the three
    assert pieces(simulator, sku)[place] == before + 1
    hear_of(sku, 3)
    tell(shop)

    assert pieces(simulator, sku)[place] == available(sku, ours) < before + 1


def test_sales_that_a_receipt_makes_up_for_are_not_lost_on_the_shop(shop, simulator):
    sku = matched(simulator, shop)[0]
    stock(sku, 20)
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    tell(shop)
    place = next(iter(pieces(simulator, sku)))
    ours = Warehouse.objects.get(shop_warehouses__remote_id=place)
    before = available(sku, ours)

    rush(simulator, sku, 3, place)
    hear_of(sku, 3)
    sold = before - available(sku, ours)  # one of them may have been called off
    assert sold > 0
    receive(sku.variant, sold, ours, effective_at=timezone.now())
    tell(shop)

    assert pieces(simulator, sku)[place] == before
    assert tell(shop).listings == 0


def test_sales_that_race_with_our_pushes_end_equal_to_the_ledger(shop, simulator):
    sku = matched(simulator, shop)[0]
    stock(sku, 20)
    tell(shop)
    pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
    tell(shop)
    sold: list[int] = []

    def buyers() -> None:
        path = f"shops/{shop.remote_id}/rush"
        asked = {"sku_id": sku.remote_id, "orders": 40, "per_second": 25}
        sold.append(simulator.control(path, asked)["sold"])

    rush = threading.Thread(target=buyers)
    rush.start()
    while rush.is_alive():
        # Others move the same pieces.
        receive(sku.variant, 1, effective_at=timezone.now())
        pull_orders(shop, trigger=SyncRun.Trigger.COMMAND)
        tell(shop)
    rush.join()
    hear_of(sku, sold[0])
    tell(shop)

    assert sold[0] > 10
    shown = pieces(simulator, sku)
    levels = StockLevel.objects.filter(variant=sku.variant)
    ours = {
        place.remote_id: max(0, levels.get(warehouse=place.warehouse).available)
        for place in ShopWarehouse.objects.filter(remote_id__in=shown)
    }
    assert shown == ours
    assert StockPush.objects.get(listing_sku=sku).state == State.IN_STEP
    assert tell(shop).listings == 0
