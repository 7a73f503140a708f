"""Packages as the API shows them: they agree with the orders, page and filter."""

from collections import Counter
from typing import Any

import pytest

from tests.simulator.dispatch import DE, GB, ID, MY, PACKAGES, US, Dispatch
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]


@pytest.mark.parametrize("shop", [US, MY, DE])
def test_packages_and_orders_say_the_same(server: SimulatorServer, shop: Any):
    desk = Dispatch(server, shop)
    server.control("clock", {"freeze": True})
    for status in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "IN_TRANSIT"):
        desk.place(status=status, quantity=3)
    desk.place(kind="split", quantity=2)

    rows = {row["id"]: row for row in desk.all_packages()}
    orders = desk.caller.search_all({}, shop[1])

    listed = {p["id"] for order in orders for p in order.get("packages", ())}
    assert listed == set(rows)
    for order in orders:
        for line in order["line_items"]:
            if "package_id" not in line:
                continue
            row = rows[line["package_id"]]
            assert line["id"] in row["order_line_item_ids"]
            assert line["package_status"] == row["status"]
            for name in ("tracking_number", "shipping_provider_id"):
                assert line.get(name) == row.get(name)
    for row in rows.values():
        ids = row["order_line_item_ids"]
        assert ids
        quantities = [sku["quantity"] for one in row["orders"] for sku in one["skus"]]
        assert sum(quantities) == len(ids)
        has_number = row["status"] not in ("TO_FULFILL", "CANCELLED")
        assert not has_number or row["tracking_number"]
        assert row["status"] != "TO_FULFILL" or "tracking_number" not in row
        assert row["update_time"] >= row["create_time"]
    statuses = Counter(row["status"] for row in rows.values())
    assert ("TO_FULFILL" in statuses) == (shop != US)
    assert {"PROCESSING", "FULFILLING", "COMPLETED"} <= set(statuses)


def test_the_search_filters_and_sorts(server: SimulatorServer):
    server.control("clock", {"freeze": True})
    desk = Dispatch(server, ID)
    everything = desk.all_packages()
    middle = sorted(row["update_time"] for row in everything)[len(everything) // 2]
    created = sorted(row["create_time"] for row in everything)[len(everything) // 2]
    assert len(everything) == desk.packages()["total_count"] > 50

    filters: list[tuple[Json, Any]] = [
        ({"update_time_ge": middle}, lambda row: row["update_time"] >= middle),
        ({"update_time_lt": middle}, lambda row: row["update_time"] < middle),
        ({"create_time_ge": created}, lambda row: row["create_time"] >= created),
        ({"create_time_lt": created}, lambda row: row["create_time"] < created),
        ({"package_status": "COMPLETED"}, lambda row: row["status"] == "COMPLETED"),
    ]
    for body, matches in filters:
        found = {row["id"] for row in desk.all_packages(body)}
        assert found == {row["id"] for row in everything if matches(row)}
    for field in ("create_time", "update_time"):
        for order in ("ASC", "DESC"):
            rows = desk.all_packages(sort_field=field, sort_order=order)
            times = [row[field] for row in rows]
            assert times == sorted(times, reverse=order == "DESC")
            assert len({row["id"] for row in rows}) == len(everything)
    assert len(desk.all_packages(sort_field="order_pay_time")) == len(everything)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ({"page_size": "51"}, {}),
        ({"page_size": "0"}, {}),
        ({"page_size": ""}, {}),
        ({"sort_field": "status"}, {}),
        ({"page_token": "x"}, {}),
        ({}, {"package_status": "SHIPPED"}),
        ({}, {"update_time_ge": "now"}),
        ({}, {"page_size": 20}),
    ],
)
def test_invalid_searches_are_refused(
    server: SimulatorServer, query: dict[str, str], body: Json
):
    desk = Dispatch(server, ID)

    reply = desk.post(f"{PACKAGES}/search", body, **({"page_size": "20"} | query))

    assert reply["code"] == 36009004


def test_a_package_changes_with_its_order_and_comes_with_the_next_window(
    server: SimulatorServer,
):
    desk = Dispatch(server, MY)
    order = desk.place(quantity=2, buyer_message="please be quick")
    package_id = order["packages"][0]["id"]
    before = desk.package(package_id)
    since = int(server.control("clock", {"advance": 60, "freeze": True})["now"])

    desk.control(f"orders/{order['id']}/move", status="AWAITING_COLLECTION")

    (row,) = desk.packages({"update_time_ge": since})["packages"]
    assert (row["id"], row["status"]) == (package_id, "PROCESSING")
    assert row["create_time"] == before["create_time"] <= since <= row["update_time"]
    after = desk.package(package_id)
    assert before["package_status"] == "TO_FULFILL"
    assert before["package_sub_status"] == "CREATED"
    assert "tracking_number" not in before
    assert after["tracking_number"] == row["tracking_number"]
    assert after["order_line_item_ids"] == [one["id"] for one in order["line_items"]]
    assert after["orders"][0]["id"] == order["id"]
    assert after["orders"][0]["skus"][0]["quantity"] == 2
    assert after["note_tag"] == "BUYER_NOTED"
    assert after["split_and_combine_tag"] == "DEFAULT"
    assert after["warehouse_id"] == order["warehouse_id"]
    assert after["delivery_option_id"] == order["delivery_option_id"]
    address = order["recipient_address"]
    shown = after["recipient_address"]
    assert shown == {name: address[name] for name in shown}
    assert "*" in shown["name"]
    assert after["sender_address"]["region_code"] == "MY"


def test_an_american_package_is_made_by_shipping(server: SimulatorServer):
    desk = Dispatch(server, US)
    british = Dispatch(server, GB, desk.caller)

    order, other = desk.place(), british.place(status="ON_HOLD")

    assert "packages" not in order
    assert "package_id" not in order["line_items"][0]
    assert "recipient_address" not in other
    package = british.package(other["packages"][0]["id"])
    assert package["package_status"] == "TO_FULFILL"
    assert "recipient_address" not in package
    assert desk.get(f"{PACKAGES}/{package['package_id']}")["code"] == 10006402
    assert desk.get(f"{PACKAGES}/115")["code"] == 10006402


def test_some_packages_meet_with_trouble_on_their_way(server: SimulatorServer):
    desk = Dispatch(server, MY)
    order = desk.place(status="IN_TRANSIT")
    package_id = order["packages"][0]["id"]
    path = f"packages/{package_id}/exception"

    troubled = desk.control(path, reason="PACKAGE_DAMAGE")
    seen = desk.package(package_id)
    assert seen == troubled
    assert seen["package_status"] == "FULFILLING"
    assert seen["package_sub_status"] == "SHIP_EXCEPTION"
    assert seen["ship_exception_reason"] == "PACKAGE_DAMAGE"
    assert desk.order(order["id"])["update_time"] == seen["update_time"]

    righted = desk.control(path, reason="")
    assert "ship_exception_reason" not in righted

    rows = desk.all_packages({"package_status": "FULFILLING"})
    details = [desk.package(row["id"]) for row in rows]
    assert {one["package_sub_status"] for one in details} <= {"RTS", "SHIP_EXCEPTION"}
