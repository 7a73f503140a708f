"""Stock as a client sees it while buyers, Seller Center and others move it."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.caller import connect
from tests.simulator.product_caller import INVENTORY, Products
from tests.simulator_server import run_simulator

Json = dict[str, Any]
NOBODY_ANSWERS = "http://127.0.0.1:9/hooks"


def one_sku(shop: Products, places: int = 1) -> Json:
    """A plain SKU on sale, by its control row; so many warehouses hold it."""
    live = {row["id"] for row in shop.search({"status": "ACTIVATE"})["products"]}
    for sku in shop.server.control(f"shops/{shop.shop['id']}/skus"):
        stock = shop.server.control(f"skus/{sku['id']}/stock")
        if sku["product_id"] in live and len(stock["warehouses"]) == places:
            return dict(sku)
    raise AssertionError("no such SKU")


def a_bundle(shop: Products) -> Json:
    skus = shop.server.control(f"shops/{shop.shop['id']}/skus")
    return next(dict(sku) for sku in skus if sku["parts"])


def searched(shop: Products, sku_id: str) -> Json:
    (product,) = shop.data("POST", INVENTORY, {"sku_ids": [sku_id]})["inventory"]
    (sku,) = product["skus"]
    return dict(sku)


def totals(shop: Products, sku_id: str) -> tuple[int, int]:
    """Available and committed, over all warehouses."""
    sku = searched(shop, sku_id)
    return sku["total_available_quantity"], sku["total_committed_quantity"]


def push(shop: Products, sku: Json, *quantities: int) -> Json:
    rows = [
        {"warehouse_id": row["warehouse_id"], "quantity": quantity}
        for row, quantity in zip(
            searched(shop, sku["id"])["warehouse_inventory"], quantities, strict=True
        )
    ]
    body = {"skus": [{"id": sku["id"], "inventory": rows}]}
    return shop.data("POST", f"/{sku['product_id']}/inventory/update", body)


def place(shop: Products, sku: Json, quantity: int = 1, **fields: Any) -> Json:
    what = {"shop_id": shop.shop["id"], "sku_id": sku["id"], "quantity": quantity}
    return dict(shop.server.control("orders", what | fields))


def move(shop: Products, order: Json, status: str) -> None:
    shop.server.control(f"orders/{order['id']}/move", {"status": status, "force": True})


def log(shop: Products, sku: Json) -> list[Json]:
    return list(shop.server.control(f"skus/{sku['id']}/stock")["moves"])


def refusal(shop: Products, path: str, body: Json) -> tuple[int, str]:
    url = f"{shop.server.url}/control/{path}"
    reply = requests.post(url, json=body, timeout=30)
    return reply.status_code, reply.json().get("error", "")


def test_a_sale_is_available_no_more_and_committed_until_it_is_shipped(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 50)
    _, committed = totals(shop, sku["id"])

    order = place(shop, sku, 3, status="UNPAID")
    assert totals(shop, sku["id"]) == (47, committed + 3)
    move(shop, order, "AWAITING_SHIPMENT")
    assert totals(shop, sku["id"]) == (47, committed + 3)
    for status in ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED"):
        move(shop, order, status)
        assert totals(shop, sku["id"]) == (47, committed)
    product = shop.get(sku["product_id"])
    (row,) = next(s["inventory"] for s in product["skus"] if s["id"] == sku["id"])
    assert row["quantity"] == 47


def test_what_is_cancelled_before_shipping_can_be_sold_again(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 50)
    before = totals(shop, sku["id"])
    order = place(shop, sku, 2)

    shop.server.control(f"orders/{order['id']}/cancel", {})

    assert totals(shop, sku["id"]) == before


@pytest.mark.parametrize("status", ["AWAITING_COLLECTION", "IN_TRANSIT"])
def test_what_fails_on_the_way_does_not_come_back(shop: Products, status: str):
    sku = one_sku(shop)
    push(shop, sku, 50)
    _, committed = totals(shop, sku["id"])
    order = place(shop, sku, 2, status=status)

    shop.server.control(f"orders/{order['id']}/cancel", {"reason": "Package lost"})

    assert totals(shop, sku["id"]) == (48, committed)


@pytest.mark.parametrize("number", [0, 1])
def test_a_bundle_takes_its_parts_where_all_of_them_are(shop: Products, number: int):
    bundle, both = a_bundle(shop), one_sku(shop, places=2)
    rows = searched(shop, both["id"])["warehouse_inventory"]
    before = {part: totals(shop, part) for part, _ in bundle["parts"]}
    places = {
        part: len(searched(shop, part)["warehouse_inventory"])
        for part, _ in bundle["parts"]
    }
    own = totals(shop, bundle["id"])

    place(shop, bundle, 2, warehouse_id=rows[number]["warehouse_id"])

    for part, count in bundle["parts"]:
        available, committed = before[part]
        assert totals(shop, part) == (available - 2 * count, committed + 2 * count)
    assert set(places.values()) == {1, 2}  # so only the first has everything
    assert totals(shop, bundle["id"]) == (own[0] - 2, own[1] + 2)


def test_an_order_takes_from_the_warehouse_it_is_sent_from(shop: Products):
    sku = one_sku(shop, places=2)
    push(shop, sku, 30, 40)
    rows = searched(shop, sku["id"])["warehouse_inventory"]

    place(shop, sku, 3, warehouse_id=rows[1]["warehouse_id"])

    first, second = searched(shop, sku["id"])["warehouse_inventory"]
    assert first == rows[0]
    assert second["available_quantity"] == 37
    assert second["committed_quantity"] == rows[1]["committed_quantity"] + 3


def test_a_buyer_who_wants_too_much_is_told_that_it_is_sold_out(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 2)
    before = totals(shop, sku["id"])
    orders = shop.caller.search()["total_count"]
    what = {"shop_id": shop.shop["id"], "sku_id": sku["id"], "quantity": 3}

    status, error = refusal(shop, "orders", what)

    assert status == 409
    assert error.startswith(f"Sold out: SKU {sku['id']} has 2 in warehouse")
    assert totals(shop, sku["id"]) == before
    assert shop.caller.search()["total_count"] == orders


def test_the_platform_may_oversell(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 2)
    _, committed = totals(shop, sku["id"])

    order = place(shop, sku, 3, force=True)

    assert totals(shop, sku["id"]) == (0, committed + 3)
    assert shop.caller.search(page_size="1")["orders"][0]["id"] == order["id"]


def test_a_push_overwrites_the_sale_before_it_but_nothing_committed(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 10)
    _, committed = totals(shop, sku["id"])
    place(shop, sku, 4)

    assert push(shop, sku, 10) == {}  # what its sender knew before the sale

    assert totals(shop, sku["id"]) == (10, committed + 4)


def test_a_sale_is_no_change_of_the_product(shop: Products):
    sku = one_sku(shop)
    product = shop.get(sku["product_id"])

    place(shop, sku)

    assert shop.get(sku["product_id"])["update_time"] == product["update_time"]


def test_the_log_says_who_has_moved_the_stock(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 10)
    order = place(shop, sku, 2)
    shop.server.control(f"orders/{order['id']}/cancel", {})
    shop.server.control(f"skus/{sku['id']}/stock", {"quantity": 6})
    shop.control(sku["product_id"], "change", {"sku_id": sku["id"], "quantity": 5})
    push(shop, sku, 5)  # as it is already

    rows = log(shop, sku)

    app = shop.caller.app["name"]
    assert [(r["by"], r["reference"], r["from"], r["to"]) for r in rows[:-1]] == [
        ("seller_center", "", 6, 5),
        ("seller_center", "", 10, 6),
        ("cancellation", order["id"], 8, 10),
        ("sale", order["id"], 10, 8),
    ]
    assert (rows[-1]["by"], rows[-1]["reference"], rows[-1]["to"]) == ("push", app, 10)
    (held,) = shop.server.control(f"skus/{sku['id']}/stock")["warehouses"]
    assert {row["warehouse_id"] for row in rows} == {held["warehouse_id"]}
    assert all(row["at"] for row in rows)


def test_an_edit_that_names_stock_is_in_the_log_too(shop: Products):
    sku = one_sku(shop)
    product = shop.get(sku["product_id"])
    (held,) = searched(shop, sku["id"])["warehouse_inventory"]
    skus = [
        {key: value for key, value in row.items() if key not in ("price", "inventory")}
        for row in product["skus"]
    ]
    for row in skus:
        if row["id"] == sku["id"]:
            row["inventory"] = [{"warehouse_id": held["warehouse_id"], "quantity": 77}]

    shop.data("POST", f"/{product['id']}/partial_edit", {"skus": skus})

    assert totals(shop, sku["id"])[0] == 77
    assert (log(shop, sku)[0]["by"], log(shop, sku)[0]["to"]) == ("edit", 77)


def test_the_log_is_bounded(shop: Products):
    sku = one_sku(shop)
    path = f"skus/{sku['id']}/stock"
    for quantity in range(210):
        shop.server.control(path, {"quantity": 100 + quantity % 2})

    assert len(shop.server.control(f"{path}?limit=200")["moves"]) == 200
    assert refusal(shop, path, {"quantity": 1, "limit": 201})[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("skus/1/stock", {"quantity": 5}, 404),
        ("skus/{sku}/stock", {"quantity": -1}, 400),
        ("skus/{sku}/stock", {"quantity": 100_000}, 400),
        ("skus/{sku}/stock", {"quantity": 5, "warehouse_id": "1"}, 404),
        ("skus/{bundle}/stock", {"quantity": 5}, 400),
        ("skus/{sku}/reserved", {"campaign": 100_000}, 400),
        ("skus/{sku}/reserved", {"creator": -1}, 400),
        ("shops/{shop}/rush", {"sku_id": "1"}, 404),
        ("shops/{shop}/rush", {"sku_id": "{sku}", "orders": 0}, 400),
        ("shops/{shop}/rush", {"sku_id": "{sku}", "orders": 61, "per_second": 1}, 400),
        ("shops/1/rush", {"sku_id": "{sku}"}, 404),
    ],
)
def test_deeds_that_make_no_sense_change_nothing(
    shop: Products, path: str, body: Json, status: int
):
    sku, bundle = one_sku(shop), a_bundle(shop)
    ids = {"sku": sku["id"], "bundle": bundle["id"], "shop": shop.shop["id"]}
    before = searched(shop, sku["id"])
    body = {k: v.format(**ids) if isinstance(v, str) else v for k, v in body.items()}

    code, error = refusal(shop, path.format(**ids), body)

    assert code == status
    assert error
    assert searched(shop, sku["id"]) == before


def test_a_rush_sells_until_nothing_is_left(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 11)
    _, committed = totals(shop, sku["id"])

    outcome = shop.server.control(
        f"shops/{shop.shop['id']}/rush",
        {"sku_id": sku["id"], "orders": 40, "quantity": 2},
    )

    assert (outcome["sold"], outcome["refused"]) == (5, 35)
    assert totals(shop, sku["id"]) == (1, committed + 10)
    found = {order["id"] for order in shop.caller.search()["orders"]}
    assert len(set(outcome["order_ids"]) & found) == 5


def test_a_paced_rush_lets_a_client_push_in_between(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 2)
    outcome: Json = {}

    def run() -> None:
        body = {"sku_id": sku["id"], "orders": 40, "per_second": 10}
        path = f"shops/{shop.shop['id']}/rush"
        outcome.update(shop.server.control(path, body))

    rush = threading.Thread(target=run)
    rush.start()
    deadline = time.monotonic() + 8
    while totals(shop, sku["id"])[0] and time.monotonic() < deadline:
        time.sleep(0.02)
    push(shop, sku, 5)
    rush.join()

    assert (outcome["sold"], outcome["refused"]) == (7, 33)
    assert totals(shop, sku["id"])[0] == 0


def test_reserved_pieces_are_shown_apart(shop: Products):
    sku = one_sku(shop)
    push(shop, sku, 10)

    body = {"campaign": 4, "creator": 1}
    shop.server.control(f"skus/{sku['id']}/reserved", body)

    found = searched(shop, sku["id"])
    assert found["total_available_quantity"] == 10
    parts = found["total_available_inventory_distribution"]
    assert parts["in_shop_inventory"] == {"quantity": 5}
    assert [row["quantity"] for row in parts["campaign_inventory"]] == [4]
    assert [row["quantity"] for row in parts["creator_inventory"]] == [1]
    assert parts["campaign_inventory"][0]["campaign_name"]
    shop.server.control(f"skus/{sku['id']}/reserved", {})
    parts = searched(shop, sku["id"])["total_available_inventory_distribution"]
    assert parts == {"in_shop_inventory": {"quantity": 10}}


def news(shop: Products, count: int) -> list[Json]:
    """The data of webhook 71, oldest first, once there are so many."""
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline:
        sent = shop.server.control("webhooks/deliveries")
        data = [d["body"]["data"] for d in reversed(sent) if d["body"]["type"] == 71]
        if len(data) >= count:
            return data
        time.sleep(0.05)
    raise AssertionError("too few webhooks")


def test_who_asks_for_it_is_told_of_every_change_of_stock(shop: Products):
    sku = one_sku(shop)
    path = f"apps/{shop.caller.app['app_key']}"
    shop.server.control(path, {"webhook_url": NOBODY_ANSWERS})
    push(shop, sku, 10)  # nobody has asked yet
    shop.server.control("switches", {"tells_stock": True})
    _, committed = totals(shop, sku["id"])

    order = place(shop, sku, 2)
    move(shop, order, "AWAITING_COLLECTION")
    push(shop, sku, 20)

    sale, shipment, pushed = (
        one for one in news(shop, 3) if one["sku_id"] == int(sku["id"])
    )
    assert sale["product_id"] == int(sku["product_id"])
    assert sale["quantity_snapshot_after_change"] == {
        "total_quantity": 8 + committed + 2,
        "total_available_quantity": 8,
        "total_committed_quantity": committed + 2,
        "in_shop_quantity": 8,
        "campaign_locked_quantity": 0,
        "creator_locked_quantity": 0,
    }
    deltas = [
        (one["change_detail"][0][f"{name}_quantity_delta"])
        for one in (sale, shipment, pushed)
        for name in ("available", "committed")
    ]
    assert deltas == [-2, 2, 0, -2, 12, 0]
    assert len({one["event_id"] for one in (sale, shipment, pushed)}) == 3


def test_a_warehouse_is_named_once(shop: Products):
    sku = one_sku(shop)
    (held,) = searched(shop, sku["id"])["warehouse_inventory"]
    row = {"warehouse_id": held["warehouse_id"], "quantity": 5}
    path = f"/{sku['product_id']}/inventory/update"
    before = searched(shop, sku["id"])

    body = {"skus": [{"id": sku["id"], "inventory": [row, row | {"quantity": 6}]}]}

    assert shop.code("POST", path, body) == 12052910
    assert searched(shop, sku["id"]) == before


def test_a_call_takes_no_more_skus_than_a_product_can_have(shop: Products):
    sku = one_sku(shop)
    path = f"/{sku['product_id']}/inventory/update"
    row = {"warehouse_id": "1", "quantity": 5}
    skus = [{"id": str(number), "inventory": [row]} for number in range(301)]

    assert shop.code("POST", path, {"skus": skus}) == 12052050
    assert shop.code("POST", path, {"skus": skus[:300]}) == 0


def test_stock_and_its_log_survive_a_restart(tmp_path: Path):
    state = tmp_path / "state.jsonl"
    with run_simulator(orders=200, state_path=state) as server:
        server.control("clock", {"freeze": True})
        shop = Products(connect(server))
        sku, bundle = one_sku(shop), a_bundle(shop)
        push(shop, sku, 9)
        path = f"shops/{shop.shop['id']}/rush"
        server.control(path, {"sku_id": sku["id"], "orders": 12, "quantity": 2})
        place(shop, bundle)
        server.control(f"skus/{sku['id']}/reserved", {"campaign": 1})
        ids = [sku["id"], bundle["id"], *(part for part, _ in bundle["parts"])]
        before = [searched(shop, one) for one in ids]
        moves = log(shop, sku)
        orders = shop.caller.search()["total_count"]

    with run_simulator(orders=200, state_path=state) as server:
        shop = Products(connect(server))
        assert [searched(shop, one) for one in ids] == before
        assert log(shop, sku) == moves
        assert shop.caller.search()["total_count"] == orders
