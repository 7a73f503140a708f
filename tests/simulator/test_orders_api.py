from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.simulator.caller import DETAIL, SEARCH, Caller, connect
from tests.simulator_server import SimulatorServer

Order = dict[str, Any]


@pytest.fixture
def caller(server: SimulatorServer) -> Caller:
    """Time stands still, so that nothing moves while we page."""
    server.control("clock", {"freeze": True})
    return connect(server)


@pytest.mark.parametrize("field", ["create_time", "update_time"])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
@pytest.mark.parametrize("size", ["1", "7", "100"])
def test_paging_covers_every_order_exactly_once(
    caller: Caller, field: str, order: str, size: str
):
    window = {}
    if size == "1":  # otherwise many requests
        newest = caller.search(page_size="8")["orders"][-1]
        window = {"create_time_ge": newest["create_time"]}
    query = {"page_size": size, "sort_field": field, "sort_order": order}

    orders = caller.search_all(window, **query)

    ids = [row["id"] for row in orders]
    assert len(ids) == len(set(ids)) == caller.search(window)["total_count"] > 0
    times = [row[field] for row in orders]
    assert times == sorted(times, reverse=order == "DESC")


def test_the_last_page_has_an_empty_token(caller: Caller):
    page = caller.search({"order_status": "UNPAID"})

    assert page["next_page_token"] == ""


def test_a_window_can_be_read_while_the_world_moves(server: SimulatorServer):
    caller = connect(server)
    until = {"update_time_lt": int(server.control("clock")["now"]) - 60}

    sort = {"sort_field": "update_time", "sort_order": "ASC", "page_size": "20"}
    first = caller.search(until, **sort)
    server.control("orders", {"shop_id": caller.seller["shops"][0]["id"]})
    rest = caller.search_all(until, **sort, page_token=first["next_page_token"])

    ids = [row["id"] for row in first["orders"] + rest]
    assert len(ids) == len(set(ids)) == first["total_count"]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"order_status": "COMPLETED"}, {}),
        ({}, {"sort_order": "ASC"}),
        ({}, {"sort_field": "update_time"}),
    ],
)
def test_a_page_token_is_bound_to_filters_and_sort(
    caller: Caller, body: dict[str, Any], query: dict[str, str]
):
    token = caller.search(page_size="5")["next_page_token"]
    query = {
        "page_size": "5",
        "shop_cipher": caller.cipher(),
        "page_token": token,
    } | query

    assert caller.code("POST", SEARCH, query, body) == 36009004


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"page_size": "0"}, {}),
        ({"page_size": "101"}, {}),
        ({"page_size": "many"}, {}),
        ({"page_size": ""}, {}),
        ({}, {"page_size": 20}),
        ({}, {"page_token": "x"}),
        ({"sort_field": "paid_time"}, {}),
        ({"sort_order": "asc"}, {}),
        ({"page_token": "x"}, {}),
        ({}, {"order_status": "CANCEL"}),
        ({}, {"create_time_ge": "yesterday"}),
        ({}, {"update_time_lt": 1.5}),
        ({}, {"shipping_type": "PIGEON"}),
        ({}, {"is_buyer_request_cancel": "yes"}),
        ({}, {"warehouse_ids": "6955"}),
    ],
)
def test_invalid_parameters_are_refused(
    caller: Caller, query: dict[str, str], body: dict[str, Any]
):
    query = {"page_size": "20", "shop_cipher": caller.cipher()} | query

    reply = caller.send("POST", SEARCH, query, body).json()

    assert reply["code"] == 36009004
    assert reply["message"].startswith("Invalid parameter")


def test_filters_agree_with_what_the_orders_say(caller: Caller):
    placed = caller.server.control(
        "orders", {"shop_id": caller.seller["shops"][0]["id"]}
    )
    caller.server.control(f"orders/{placed['id']}/request_cancel", {})
    everything = caller.search_all()
    some = everything[len(everything) // 2]
    middle = some["create_time"]
    changed = sorted(row["update_time"] for row in everything)[len(everything) // 2]
    filters: list[tuple[dict[str, Any], Any]] = [
        ({"order_status": "COMPLETED"}, lambda o: o["status"] == "COMPLETED"),
        ({"order_status": "CANCELLED"}, lambda o: o["status"] == "CANCELLED"),
        ({"create_time_ge": middle}, lambda o: o["create_time"] >= middle),
        ({"create_time_lt": middle}, lambda o: o["create_time"] < middle),
        ({"update_time_ge": changed}, lambda o: o["update_time"] >= changed),
        ({"update_time_lt": changed}, lambda o: o["update_time"] < changed),
        ({"shipping_type": "SELLER"}, lambda o: o["shipping_type"] == "SELLER"),
        (
            {"buyer_user_id": some["user_id"]},
            lambda o: o["user_id"] == some["user_id"],
        ),
        (
            {"is_buyer_request_cancel": True},
            lambda o: o["is_buyer_request_cancel"],
        ),
        (
            {"warehouse_ids": [some["warehouse_id"], "1"]},
            lambda o: o["warehouse_id"] == some["warehouse_id"],
        ),
        (
            {"create_time_ge": middle, "update_time_lt": changed},
            lambda o: o["create_time"] >= middle and o["update_time"] < changed,
        ),
    ]
    for body, matches in filters:
        for field in ("create_time", "update_time"):
            found = caller.search_all(body, sort_field=field)
            expected = {row["id"] for row in everything if matches(row)}
            assert {row["id"] for row in found} == expected, body
    assert len(caller.search_all({"is_buyer_request_cancel": True})) > 0


def test_detail_leaves_out_unknown_and_foreign_orders(server: SimulatorServer):
    mine, other = connect(server), connect(server, 1)
    own = mine.search(page_size="3")["orders"]
    foreign = other.search(page_size="1")["orders"][0]
    ids = ",".join([row["id"] for row in own] + [foreign["id"], "57", "x", "5️⃣"])

    found = mine.data("GET", DETAIL, {"ids": ids, "shop_cipher": mine.cipher()})

    assert [row["id"] for row in found["orders"]] == [row["id"] for row in own]


def test_detail_takes_at_most_fifty_ids(caller: Caller):
    ids = ",".join(row["id"] for row in caller.search(page_size="51")["orders"])
    query = {"shop_cipher": caller.cipher()}

    assert caller.code("GET", DETAIL, query | {"ids": ids}) == 36009004
    assert caller.code("GET", DETAIL, query) == 36009004
    fifty = ids.rsplit(",", 1)[0]
    assert len(caller.data("GET", DETAIL, query | {"ids": fifty})["orders"]) == 50


def test_the_newer_detail_only_adds_payment_details(caller: Caller):
    rows = caller.search(page_size="50")["orders"]
    query = {
        "ids": ",".join(row["id"] for row in rows),
        "shop_cipher": caller.cipher(),
    }

    older = caller.data("GET", "/order/202309/orders", query)["orders"]
    newer = caller.data("GET", "/order/202507/orders", query)["orders"]

    assert older == rows
    added = {
        "payment_card_type",
        "payment_method_code",
        "payment_auth_code",
        "channel_entity_national_registry_id",
    }
    seen = set()
    for old, new in zip(older, newer, strict=True):
        seen |= new.keys() - old.keys()
        assert {name: new[name] for name in old} == old
    assert "payment_method_code" in seen <= added


def test_seller_apis_list_shops_and_permissions(server: SimulatorServer):
    local, cross_border = connect(server, 0), connect(server, 2)

    shops = cross_border.data("GET", "/seller/202309/shops")["shops"]
    assert [shop["region"] for shop in shops] == ["MY", "TH", "VN"]
    path = "/seller/202309/permissions"
    assert cross_border.data("GET", path) == {"permissions": ["MANAGE_GLOBAL_PRODUCT"]}
    assert local.data("GET", path) == {"permissions": []}


def test_many_may_ask_at_once(server: SimulatorServer):
    caller = connect(server)
    server.control("rate_limit", {"per_second": 10_000})

    def ask(number: int) -> int:
        field = "update_time" if number % 2 else "create_time"
        if number % 10 == 0:
            server.control("orders", {"shop_id": caller.seller["shops"][0]["id"]})
        return len(caller.search(page_size="20", sort_field=field)["orders"])

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(80))) == {20}
