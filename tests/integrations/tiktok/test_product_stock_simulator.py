"""Stock set and read again at the simulated platform, over HTTP."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from apps.integrations.contracts import (
    ListingStatus,
    RemoteListing,
    RemoteStock,
    SkuStock,
    StockFailure,
    StockFault,
)
from apps.integrations.errors import NotFound, RequestRefused
from apps.integrations.tiktok.client import TikTokClient
from apps.integrations.tiktok.codes import stock_fault
from apps.integrations.tiktok.hosts import Hosts
from tests.simulator_server import SimulatorServer, run_simulator


@pytest.fixture(scope="module")
def platform() -> Iterator[SimulatorServer]:
    with run_simulator(orders=20) as server:
        yield server


@pytest.fixture(scope="module")
def clients(platform: SimulatorServer) -> list[TikTokClient]:
    """One for each shop of the first two sellers."""
    app = platform.apps()[0]
    found = []
    for seller in platform.sellers()[:2]:
        token = platform.tokens(seller_id=seller["id"])["access_token"]

        def make(cipher: str = "", token: str = token) -> TikTokClient:
            return TikTokClient(
                app["app_key"],
                app["app_secret"],
                token,
                cipher,
                hosts=Hosts.all_at(platform.url),
            )

        found += [make(shop.cipher) for shop in make().authorized_shops()]
    return found


@pytest.fixture(scope="module")
def client(clients: list[TikTokClient]) -> TikTokClient:
    return clients[0]


@pytest.fixture(scope="module")
def on_sale(client: TikTokClient) -> list[RemoteListing]:
    short = client.search_listings(status="ACTIVATE").listings
    return [client.get_listing(each.remote_id) for each in short]


Find = Callable[[int], tuple[str, RemoteStock]]


@pytest.fixture
def spread_over(client: TikTokClient, on_sale: list[RemoteListing]) -> Find:
    """(product id, SKU) of one that lies in so many warehouses and is no bundle."""

    def find(warehouses: int) -> tuple[str, RemoteStock]:
        ids = [
            sku["id"]
            for listing in on_sale
            for sku in listing.raw["skus"]
            if "combined_skus" not in sku
        ]
        for stock in client.search_stock(sku_ids=ids).stock:
            if len(stock.by_warehouse) == warehouses:
                return stock.remote_product_id, stock
        raise AssertionError(f"nothing on sale lies in {warehouses} warehouses")

    return find


def stock_at(client: TikTokClient, sku_id: str) -> RemoteStock:
    [stock] = client.search_stock(sku_ids=[sku_id]).stock
    return stock


def available(stock: RemoteStock) -> dict[str, int | None]:
    return {each.remote_warehouse_id: each.available for each in stock.by_warehouse}


def quantity(stock: RemoteStock, units: int) -> dict[str, int]:
    """The same number of units for every warehouse of a SKU."""
    return {each.remote_warehouse_id: units for each in stock.by_warehouse}


def push(
    client: TikTokClient, product_id: str, sku_id: str, units: Mapping[str, int]
) -> list[StockFailure]:
    return client.update_stock(product_id, [SkuStock(sku_id, units)])


def test_what_was_set_is_what_is_found(client, spread_over):
    product_id, before = spread_over(2)
    near, far = (each.remote_warehouse_id for each in before.by_warehouse)

    failures = push(client, product_id, before.remote_sku_id, {far: 41, near: 0})

    after = stock_at(client, before.remote_sku_id)
    assert failures == []
    assert available(after) == {near: 0, far: 41}
    assert (after.available, after.committed) == (41, before.committed)
    assert after.seller_sku == before.seller_sku
    listing = client.get_listing(product_id)
    shown = {sku.remote_id: sku.stock for sku in listing.skus}
    assert shown[after.remote_sku_id] == available(after)


def test_the_same_stock_twice_is_the_same_stock(client, spread_over):
    product_id, stock = spread_over(1)

    for _ in range(2):
        failures = push(client, product_id, stock.remote_sku_id, quantity(stock, 17))
        assert failures == []

    assert stock_at(client, stock.remote_sku_id).available == 17


def test_all_skus_of_products_can_be_asked_for(client, on_sale):
    listings = on_sale[:3]
    ids = [listing.remote_id for listing in listings]

    answer = client.search_stock(product_ids=[*ids, "1729000000000000000"])

    found = {(each.remote_product_id, each.remote_sku_id) for each in answer.stock}
    assert found == {
        (listing.remote_id, sku.remote_id)
        for listing in listings
        for sku in listing.skus
    }
    assert answer.missing == ("1729000000000000000",)
    assert answer.malformed == ()
    for each in answer.stock:
        assert each.available == sum(units or 0 for units in available(each).values())


def test_stock_of_another_shop_is_as_good_as_none(clients, client, on_sale):
    sku = on_sale[0].skus[0]
    other = clients[-1]

    answer = other.search_stock(sku_ids=[sku.remote_id])

    assert (answer.stock, answer.missing) == ((), (sku.remote_id,))
    before = stock_at(client, sku.remote_id)
    with pytest.raises(NotFound) as error:
        push(other, on_sale[0].remote_id, sku.remote_id, quantity(before, 3))
    assert stock_fault(error.value.code) is StockFault.GONE
    assert stock_at(client, sku.remote_id) == before


def test_zero_is_taken_unless_the_documents_are_followed(client, platform, spread_over):
    product_id, stock = spread_over(1)
    sku_id = stock.remote_sku_id
    assert push(client, product_id, sku_id, quantity(stock, 0)) == []
    assert stock_at(client, sku_id).available == 0
    assert push(client, product_id, sku_id, quantity(stock, 9)) == []

    platform.control("switches", {"refuses_zero_stock": True})
    try:
        [zero] = push(client, product_id, sku_id, quantity(stock, 0))
        [many] = push(client, product_id, sku_id, quantity(stock, 100_000))
    finally:
        platform.control("switches", {"refuses_zero_stock": False})

    assert (zero.code, many.code) == (12052055, 12052055)
    assert zero.kind is StockFault.ZERO_REFUSED
    assert many.kind is StockFault.OUT_OF_RANGE
    assert [each[:2] for each in zero.warehouses] == [
        (stock.by_warehouse[0].remote_warehouse_id, 12052055)
    ]
    assert stock_at(client, sku_id).available == 9


def test_a_warehouse_that_is_left_out_fails_the_call_and_changes_nothing(
    client, spread_over
):
    product_id, before = spread_over(2)
    near = before.by_warehouse[0].remote_warehouse_id

    with pytest.raises(RequestRefused, match="All warehouses must be sent") as error:
        push(client, product_id, before.remote_sku_id, {near: 5})

    assert stock_fault(error.value.code) is StockFault.WAREHOUSE
    assert error.value.progress
    assert error.value.progress.unsure == (before.remote_sku_id,)
    assert stock_at(client, before.remote_sku_id) == before


def test_what_is_wrong_with_one_sku_does_not_hold_up_another(client, spread_over):
    product_id, stock = spread_over(1)
    wrong = SkuStock("1729000000000000009", quantity(stock, 8))

    failures = client.update_stock(
        product_id, [wrong, SkuStock(stock.remote_sku_id, quantity(stock, 23))]
    )

    [failure] = failures
    assert (failure.remote_sku_id, failure.kind) == (
        wrong.remote_sku_id,
        StockFault.GONE,
    )
    assert stock_at(client, stock.remote_sku_id).available == 23


def test_a_warehouse_nobody_knows_is_named(client, spread_over):
    product_id, before = spread_over(1)
    units = quantity(before, 6) | {"7199999999999999999": 6}

    [failure] = push(client, product_id, before.remote_sku_id, units)

    assert failure.kind is StockFault.WAREHOUSE
    assert [each[:2] for each in failure.warehouses] == [
        ("7199999999999999999", 12052097)
    ]
    assert stock_at(client, before.remote_sku_id) == before


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (12052901, StockFault.STATUS),
        (12052921, StockFault.LOCKED),
        (12052700, StockFault.SELLER),
        (36009003, StockFault.RETRY),
    ],
)
def test_a_sku_may_fail_for_any_reason_and_succeed_the_next_time(
    client, platform, spread_over, code, kind
):
    product_id, before = spread_over(1)
    platform.control("partial_failures", {"code": code})

    [failure] = push(client, product_id, before.remote_sku_id, quantity(before, 31))

    assert (failure.code, failure.kind) == (code, kind)
    assert failure.message
    assert stock_at(client, before.remote_sku_id) == before
    assert push(client, product_id, before.remote_sku_id, quantity(before, 31)) == []
    assert stock_at(client, before.remote_sku_id).available == 31


def test_a_promotion_lets_stock_only_rise(client, platform, spread_over):
    product_id, stock = spread_over(1)
    sku_id = stock.remote_sku_id
    assert push(client, product_id, sku_id, quantity(stock, 50)) == []
    platform.control(f"listings/{product_id}/promotion", {"on": True})
    try:
        [failure] = push(client, product_id, sku_id, quantity(stock, 49))
        kept = stock_at(client, sku_id).available
        risen = push(client, product_id, sku_id, quantity(stock, 51))
    finally:
        platform.control(f"listings/{product_id}/promotion", {"on": False})

    assert (failure.code, failure.kind) == (12052393, StockFault.LOCKED)
    assert kept == 50
    assert risen == []


def test_the_stock_of_a_bundle_is_not_ours_to_set(client, on_sale):
    product_id, sku_id = next(
        (listing.remote_id, sku["id"])
        for listing in on_sale
        for sku in listing.raw["skus"]
        if "combined_skus" in sku
    )
    before = stock_at(client, sku_id)

    [failure] = push(client, product_id, sku_id, quantity(before, 5))

    assert (failure.code, failure.kind) == (12052850, StockFault.LOCKED)
    assert stock_at(client, sku_id) == before


def test_a_listing_that_is_off_sale_takes_no_stock(client, platform, spread_over):
    product_id, before = spread_over(1)
    assert client.deactivate_listings([product_id]) == []
    try:
        with pytest.raises(RequestRefused) as error:
            push(client, product_id, before.remote_sku_id, quantity(before, 5))
        after = stock_at(client, before.remote_sku_id)
    finally:
        client.activate_listings([product_id])
        # What goes back on sale is reviewed first.
        platform.control(f"listings/{product_id}/review", {"verdict": "pass"})

    assert stock_fault(error.value.code) is StockFault.STATUS
    assert after == before
    assert client.get_listing(product_id).status is ListingStatus.LIVE


def test_every_warehouse_that_holds_stock_is_one_the_shop_sells_from(client, on_sale):
    sells_from = {
        each.remote_id
        for each in client.warehouses()
        if each.kind == "SALES_WAREHOUSE" and each.is_active
    }

    answer = client.search_stock(product_ids=[each.remote_id for each in on_sale])

    assert {warehouse for each in answer.stock for warehouse in available(each)} <= (
        sells_from
    )
    assert len(sells_from) >= 2
