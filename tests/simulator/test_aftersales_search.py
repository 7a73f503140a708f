"""Searching cancellations and returns: pages, filters, versions."""

from collections import Counter
from typing import Any

import pytest

from tests.simulator.dispatch import GB, US
from tests.simulator.requests_desk import (
    CANCELLATIONS,
    RETURNS,
    RequestsDesk,
    refund,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
ROWS = {CANCELLATIONS: "cancellations", RETURNS: "return_orders"}
IDS = {CANCELLATIONS: "cancel_id", RETURNS: "return_id"}


def everything(
    desk: RequestsDesk, path: str, body: Json | None = None, /, **query: str
) -> list[Json]:
    """Every page of a search."""
    rows: list[Json] = []
    query = {"page_size": "50"} | query
    while True:
        page = desk.data(desk.post(f"{path}/search", body, **query))
        rows += page.get(ROWS[path], ())
        if not page["next_page_token"]:
            return rows
        query["page_token"] = page["next_page_token"]


@pytest.fixture
def desk(server: SimulatorServer) -> RequestsDesk:
    desk = RequestsDesk(server, US)
    desk.freeze()
    return desk


@pytest.fixture
def busy(desk: RequestsDesk) -> RequestsDesk:
    """With some requests more than the world began with."""
    for number in range(11):
        order = desk.place(status="DELIVERED")
        desk.wish(order, ("REFUND", "RETURN_AND_REFUND", "REPLACEMENT")[number % 3])
        desk.later(minutes=1)
        desk.cancel(desk.place())
    return desk


@pytest.mark.parametrize("path", [CANCELLATIONS, RETURNS])
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_paging_covers_every_request_once(busy: RequestsDesk, path: str, order: str):
    desk = busy
    size = "10"
    for field in ("create_time", "update_time"):
        sort = {"sort_field": field, "sort_order": order}
        rows = everything(desk, path, page_size=size, **sort)

        ids = [row[IDS[path]] for row in rows]
        page = desk.data(desk.post(f"{path}/search"))
        assert len(ids) == len(set(ids)) == page["total_count"] >= 11
        assert len(page[ROWS[path]]) == 10  # unless another size is asked for
        times = [row[field] for row in rows]
        assert times == sorted(times, reverse=order == "DESC")


@pytest.mark.parametrize(
    ("path", "sizes"), [(CANCELLATIONS, ("0", "51")), (RETURNS, ("9", "51"))]
)
def test_sizes_and_filters_are_checked(
    desk: RequestsDesk, path: str, sizes: tuple[str, ...]
):
    status = "cancel_status" if path == CANCELLATIONS else "return_status"
    for query in (
        *({"page_size": size} for size in sizes),
        {"sort_field": "paid_time"},
        {"sort_order": "asc"},
        {"page_token": "x"},
    ):
        assert desk.post(f"{path}/search", {}, **query)["code"] == 25001001
    bodies: list[Json] = [
        {"order_ids": "57"},
        {"order_ids": [57]},
        {status: ["CANCELLATION_REQUEST_CANCELLED"]},
        {"create_time_ge": "now"},
        {"update_time_lt": True},
        {"page_size": 10},
    ]
    for body in bodies:
        assert desk.post(f"{path}/search", body)["code"] == 25001001, body
    nothing = desk.data(desk.post(f"{path}/search", {"order_ids": ["57"]}))
    assert nothing == {"next_page_token": "", "total_count": 0}


@pytest.mark.parametrize("path", [CANCELLATIONS, RETURNS])
def test_filters_agree_with_what_the_requests_say(busy: RequestsDesk, path: str):
    desk = busy
    rows = everything(desk, path)
    word = "cancel" if path == CANCELLATIONS else "return"
    some = rows[len(rows) // 2]
    order = desk.order(some["order_id"])
    created = some["create_time"]
    changed = sorted(row["update_time"] for row in rows)[len(rows) // 2]
    kind, status = some[f"{word}_type"], some[f"{word}_status"]
    filters: list[tuple[Json, Any]] = [
        ({f"{word}_ids": [some[f"{word}_id"]]}, lambda row: row is some),
        (
            {"order_ids": [some["order_id"], "57"]},
            lambda row: row["order_id"] == some["order_id"],
        ),
        ({f"{word}_types": [kind]}, lambda row: row[f"{word}_type"] == kind),
        ({f"{word}_status": [status]}, lambda row: row[f"{word}_status"] == status),
        ({"create_time_ge": created}, lambda row: row["create_time"] >= created),
        ({"create_time_lt": created}, lambda row: row["create_time"] < created),
        ({"update_time_ge": changed}, lambda row: row["update_time"] >= changed),
        ({"update_time_lt": changed}, lambda row: row["update_time"] < changed),
    ]
    status_filter = {f"{word}_status": [status.replace("CANCELLED", "CANCEL")]}
    for body, matches in filters:
        body = status_filter if f"{word}_status" in body else body
        for field in ("create_time", "update_time"):
            found = everything(desk, path, body, sort_field=field)
            expected = {row[f"{word}_id"] for row in rows if matches(row)}
            assert {row[f"{word}_id"] for row in found} == expected, body
    buyer = everything(desk, path, {"buyer_user_ids": [order["user_id"]]})
    assert some["order_id"] in [row["order_id"] for row in buyer]


def test_the_newer_version_knows_the_parts_of_bundles(server: SimulatorServer):
    desk = RequestsDesk(server, GB)
    skus = server.control(f"shops/{desk.shop_id}/skus")
    bundle = next(sku for sku in skus if sku["parts"])
    order = desk.place(sku_id=bundle["id"], quantity=1, status="DELIVERED")
    desk.wish(order, "REFUND")
    other = desk.place(sku_id=bundle["id"], quantity=1)
    desk.cancel(other)

    older = desk.return_of(order)
    newer_path = RETURNS.replace("202309", "202602")
    body = {"order_ids": [order["id"]]}
    (newer,) = desk.data(desk.post(f"{newer_path}/search", body))["return_orders"]

    assert newer.pop("is_quick_refund") is False
    parts = newer["return_line_items"][0].pop("return_sub_line_items")
    assert newer == older
    pieces = Counter(part["sku_id"] for part in parts)
    assert pieces == Counter(dict(bundle["parts"]))
    for name, amount in refund(newer["return_line_items"][0]).items():
        assert sum(refund(part)[name] for part in parts) == amount
    path = CANCELLATIONS.replace("202309", "202602")
    body = {"order_ids": [other["id"]]}
    (row,) = desk.data(desk.post(f"{path}/search", body))["cancellations"]
    assert row["should_replenish_stock"] is True
    assert len(row["cancel_line_items"][0]["cancel_sub_line_items"]) == len(parts)


def test_the_control_lists_them_with_what_is_to_come(desk: RequestsDesk):
    order = desk.place(status="DELIVERED")
    desk.wish(order, "REFUND")

    (row,) = desk.server.control(f"orders/{order['id']}/aftersales")

    assert row["request"]["return_id"] == row["id"]
    assert [step[0].rpartition("_")[2] for step in row["story"]] == [
        "PENDING",
        "SUCCESS",
        "COMPLETE",
    ]
    assert row["done"] == 1
    path = f"aftersales?shop_id={desk.shop_id}&status={row['status']}&limit=5"
    assert row["id"] in [one["id"] for one in desk.server.control(path)]
    assert desk.server.control(f"aftersales/{row['id']}") == row
