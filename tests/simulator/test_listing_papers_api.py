"""Size charts, the prerequisites of listing, warehouses."""

from typing import Any

from tests.simulator.caller import Caller, connect
from tests.simulator_server import SimulatorServer

CHARTS = "/product/202407/sizecharts/search"
PREREQUISITES = "/product/202312/prerequisites"
WAREHOUSES = "/logistics/202309/warehouses"
PAGE = {"page_size": "100"}
US, ABROAD = 0, 2  # sellers; the second sells across borders
Row = dict[str, Any]


def test_size_charts_are_the_sellers_templates(server: SimulatorServer):
    mine, other = connect(server, US), connect(server, ABROAD)
    data = mine.data("POST", CHARTS, PAGE, {})

    charts = data["size_chart"]
    assert data["total_count"] == len(charts) > 1
    assert set(charts[0]) == {"template_id", "template_name", "images"}
    assert {i["locale"] for i in charts[0]["images"]} == {"en-US", "en-GB"}
    assert charts[0]["images"][0]["url"].startswith(server.url + "/images/tos-seed/")
    foreign = other.data("POST", CHARTS, PAGE, {"ids": [charts[0]["template_id"]]})
    assert foreign["size_chart"] == []


def test_size_charts_are_found_by_id_word_and_locale(server: SimulatorServer):
    caller = connect(server, ABROAD)

    def search(body: Row, **query: str) -> list[Row]:
        found = caller.data("POST", CHARTS, PAGE | query, body)["size_chart"]
        return list(found)

    first = search({})[0]["template_id"]
    assert [row["template_id"] for row in search({"ids": [first]})] == [first]
    assert len(search({"keyword": "SHOES"})) == 1
    thai = search({}, locales="th-TH,vi")
    assert {i["locale"] for row in thai for i in row["images"]} == {"th-TH", "vi-VN"}
    assert search({}, locales='["ja"]') == []


def test_size_charts_come_in_pages(caller: Caller):
    first = caller.data("POST", CHARTS, {"page_size": "2"}, {})
    query = {"page_size": "2", "page_token": first["next_page_token"]}
    second = caller.data("POST", CHARTS, query, {})

    assert (len(first["size_chart"]), len(second["size_chart"])) == (2, 1)
    assert second["next_page_token"] == ""
    assert caller.code("POST", CHARTS, {}, {}) == 12019109


def test_prerequisites_are_met_until_control_says_otherwise(caller: Caller):
    query = {"shop_cipher": caller.cipher()}
    shop_id = caller.seller["shops"][0]["id"]
    path = f"shops/{shop_id}/prerequisites"

    def failing() -> dict[str, list[str]]:
        rows = caller.data("GET", PREREQUISITES, query)["check_results"]
        assert len(rows) == 10
        assert "BANk_ACCOUNT" in {row["check_item"] for row in rows}
        return {r["check_item"]: r["fail_reasons"] for r in rows if r["is_failed"]}

    assert failing() == {}
    item = {"item": "RETURN_WAREHOUSE"}
    caller.server.control(path, item | {"reason": "Add a return warehouse."})
    assert failing() == {"RETURN_WAREHOUSE": ["Add a return warehouse."]}
    caller.server.control(path, item)
    assert failing() == {}


def test_a_shop_has_warehouses_to_sell_from_and_one_for_returns(
    server: SimulatorServer,
):
    for seller in (US, ABROAD):
        caller = connect(server, seller)
        for number, _ in enumerate(caller.seller["shops"]):
            query = {"shop_cipher": caller.cipher(number)}
            rows = caller.data("GET", WAREHOUSES, query)["warehouses"]

            types = [row["type"] for row in rows]
            assert types == ["SALES_WAREHOUSE"] * 2 + ["RETURN_WAREHOUSE"]
            assert len({row["id"] for row in rows}) == 3
            assert sum(row["is_default"] for row in rows[:2]) == 1
            assert "distict" in rows[0]["address"]


def test_orders_leave_from_the_shops_own_warehouses(caller: Caller):
    query = {"shop_cipher": caller.cipher()}
    rows = caller.data("GET", WAREHOUSES, query)["warehouses"]
    selling = {row["id"] for row in rows if row["type"] == "SALES_WAREHOUSE"}

    used = {order.get("warehouse_id") for order in caller.search_all()}

    assert used & selling


def test_warehouses_take_the_logistics_scope(server: SimulatorServer):
    reader = connect(server, app=1)

    query = {"shop_cipher": reader.cipher()}
    assert reader.code("GET", WAREHOUSES, query) == 105005
    assert reader.code("GET", PREREQUISITES, query) == 0
