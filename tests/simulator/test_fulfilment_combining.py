"""Orders are split before they are shipped, and those of one buyer combined."""

from typing import Any

import pytest

from tests.simulator.dispatch import (
    ID,
    MY,
    ORDERS,
    PACKAGES,
    US,
    Dispatch,
    package_of,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
COMBINABLE = "/fulfillment/202309/combinable_packages/search"


@pytest.fixture
def desk(server: SimulatorServer) -> Dispatch:
    return Dispatch(server, MY)


def lines_of(order: Json) -> list[str]:
    return [line["id"] for line in order["line_items"]]


def split(desk: Dispatch, order: Json, *groups: list[str]) -> Json:
    rows = [
        {"id": f"group {n}", "order_line_item_ids": ids} for n, ids in enumerate(groups)
    ]
    path = f"{ORDERS}/{order['id']}/split"
    return desk.post(path, {"splittable_groups": rows})


def offers(desk: Dispatch) -> list[Json]:
    found = desk.data(desk.get(COMBINABLE, page_size="50"))
    assert found["total_count"] == len(found["combinable_packages"])
    return list(found["combinable_packages"])


def pair(desk: Dispatch, count: int = 2, shipping_type: str = "TIKTOK") -> list[Json]:
    first = desk.place(shipping_type)
    others = [
        desk.place(shipping_type, same_buyer_as=first["id"]) for _ in range(count - 1)
    ]
    return [first, *others]


def combine(desk: Dispatch, *ids: str) -> Json:
    (offer,) = offers(desk)
    row = offer | ({"order_ids": list(ids)} if ids else {})
    return desk.post(f"{PACKAGES}/combine", {"combinable_packages": [row]})


def attributes(desk: Dispatch, *orders: Json) -> dict[str, Json]:
    ids = ",".join([order["id"] for order in orders] + ["57"])
    found = desk.data(desk.get(f"{ORDERS}/split_attributes", order_ids=ids))
    return {row["order_id"]: row for row in found["split_attributes"]}


def test_an_order_is_split_and_shipped_package_by_package(desk: Dispatch):
    desk.listen()
    order = desk.place(quantity=3)
    first, second, third = lines_of(order)
    assert attributes(desk, order)[order["id"]]["can_split"] is True

    rows = desk.data(split(desk, order, [first, third], [second]))["packages"]

    assert [row["splittable_group_id"] for row in rows] == ["group 0", "group 1"]
    one, two = (row["id"] for row in rows)
    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_SHIPMENT"
    assert after["update_time"] >= order["update_time"]
    assert after["split_or_combine_tag"] == "SPLIT"
    assert after["packages"] == [{"id": one}, {"id": two}]
    assert [x["package_id"] for x in after["line_items"]] == [one, two, one]
    gone = desk.package(package_of(order))
    assert gone["package_status"] == "CANCELLED"
    assert gone["order_line_item_ids"] == []
    listed = {row["id"]: row["status"] for row in desk.all_packages()}
    assert listed[package_of(order)] == "CANCELLED"
    assert listed[one] == listed[two] == "TO_FULFILL"
    (told,) = desk.news(4, order)
    assert (told["sc_type"], told["role_type"]) == ("SPLIT", "ROLE_SELLER")
    assert [row["package_id"] for row in told["package_list"]] == [one, two]
    assert split(desk, order, [first], [second, third])["code"] == 21011035

    assert desk.data(desk.ship(two)) == {}
    half = desk.order(order["id"])
    assert half["status"] == "PARTIALLY_SHIPPING"
    assert [x["package_status"] for x in half["line_items"]] == [
        "TO_FULFILL",
        "PROCESSING",
        "TO_FULFILL",
    ]
    assert desk.ship(two)["code"] == 21011040
    assert desk.data(desk.ship(one)) == {}
    assert desk.status(order) == "AWAITING_COLLECTION"
    assert desk.ship(package_of(order))["code"] == 21011041


def test_what_can_be_split_and_what_cannot(desk: Dispatch):
    single, asked, many = desk.place(), desk.place(quantity=2), desk.place(quantity=21)
    sent, gone = desk.place(status="IN_TRANSIT", quantity=2), desk.place(quantity=2)
    desk.control(f"orders/{asked['id']}/request_cancel")
    desk.control(f"orders/{gone['id']}/cancel")

    found = attributes(desk, single, asked, many, sent, gone)

    assert len(found) == 5
    assert {id for id, row in found.items() if row["can_split"]} == {many["id"]}
    assert found[many["id"]]["must_split"] is True
    assert found[many["id"]]["must_split_reasons"][0]["max_count"] == "20"
    assert found[gone["id"]]["reason"] == "Order has been canceled"
    for order in (single, asked, sent, gone):
        lines = lines_of(order)
        assert split(desk, order, lines[:1], lines[1:])["code"] == 21011035
    american = Dispatch(desk.server, US)
    theirs = american.place(quantity=2)
    lines = lines_of(theirs)
    assert split(american, theirs, lines[:1], lines[1:])["code"] == 21011035
    assert attributes(american, theirs)[theirs["id"]]["can_split"] is False
    assert desk.get(f"{ORDERS}/split_attributes")["code"] == 36009004


def test_every_line_goes_into_exactly_one_group(desk: Dispatch):
    order, other = desk.place(quantity=3), desk.place(quantity=2)
    first, second, third = lines_of(order)

    for groups in (
        ([first, second, third],),
        ([first], [second]),
        ([first, second], [second, third]),
        ([first, second, third], []),
    ):
        assert split(desk, order, *groups)["code"] == 21011005, groups
    foreign = split(desk, order, [first, second], lines_of(other)[:1])
    assert foreign["code"] == 21011029
    same = [{"id": "x", "order_line_item_ids": [one]} for one in (first, second, third)]
    path = f"{ORDERS}/{order['id']}/split"
    assert desk.post(path, {"splittable_groups": same})["code"] == 21011005
    assert desk.post(path, {})["code"] == 21011005
    assert desk.order(order["id"]) == order


def test_two_orders_travel_together(desk: Dispatch):
    desk.listen()
    first, second = pair(desk)
    stranger = desk.place()
    assert first["user_id"] == second["user_id"] != stranger["user_id"]
    assert first["recipient_address"] == second["recipient_address"]
    (offer,) = offers(desk)
    assert offer["order_ids"] == [first["id"], second["id"]]

    made = desk.data(combine(desk))

    assert "errors" not in made
    (row,) = made["packages"]
    assert row["order_ids"] == [first["id"], second["id"]]
    assert offers(desk) == []
    package = desk.package(row["id"])
    assert package["split_and_combine_tag"] == "COMBINE"
    assert [one["id"] for one in package["orders"]] == row["order_ids"]
    assert package["order_line_item_ids"] == [*lines_of(first), *lines_of(second)]
    for order in (first, second):
        after = desk.order(order["id"])
        assert after["packages"] == [{"id": row["id"]}]
        assert after["split_or_combine_tag"] == "COMBINED"
        assert desk.package(package_of(order))["package_status"] == "CANCELLED"
        assert desk.ship(package_of(order))["code"] == 21011041
    (told,) = desk.news(4, first)
    assert told["sc_type"] == "COMBINE"
    assert told["package_list"] == [
        {"package_id": row["id"], "order_id_list": row["order_ids"]}
    ]
    assert [one["id"] for one in desk.all_packages()].count(row["id"]) == 1

    assert desk.data(desk.ship(row["id"])) == {}
    orders = [desk.order(order["id"]) for order in (first, second)]
    assert {order["status"] for order in orders} == {"AWAITING_COLLECTION"}
    assert len({order["tracking_number"] for order in orders}) == 1
    uncombined = desk.post(f"{PACKAGES}/{row['id']}/uncombine")
    assert uncombined["code"] == 21011005
    desk.control(f"packages/{row['id']}/deliver")
    assert {desk.status(order) for order in (first, second)} == {"DELIVERED"}


def test_an_order_is_taken_out_and_the_others_stay(desk: Dispatch):
    desk.listen()
    first, second, third = pair(desk, 3, "SELLER")
    (row,) = desk.data(combine(desk))["packages"]
    path = f"{PACKAGES}/{row['id']}/uncombine"
    assert desk.post(path, {"order_ids": ["57"]})["code"] == 21011029

    left = desk.data(desk.post(path, {"order_ids": [third["id"]]}))["packages"]

    assert left[0] == {"id": row["id"], "order_ids": [first["id"], second["id"]]}
    alone = left[1]["id"]
    assert desk.order(third["id"])["packages"] == [{"id": alone}]
    assert "split_or_combine_tag" not in desk.order(third["id"])
    assert desk.package(alone)["split_and_combine_tag"] == "DEFAULT"
    assert len(desk.package(row["id"])["orders"]) == 2
    assert desk.news(4, third, 2)[-1]["sc_type"] == "CANCEL_COMBINE"

    rest = desk.data(desk.post(path))["packages"]

    assert [one["order_ids"] for one in rest] == [[first["id"]], [second["id"]]]
    assert row["id"] not in {one["id"] for one in rest}
    gone = desk.package(row["id"])
    assert gone["package_status"] == "CANCELLED"
    assert [one["id"] for one in gone["orders"]] == [first["id"], second["id"]]
    assert desk.post(path)["code"] == 21011005
    assert desk.post(f"{PACKAGES}/57/uncombine")["code"] == 21011028
    ids = [one["id"] for one in (*rest, left[1], row)]
    assert len(set(ids)) == 4
    own = {"self_shipment": desk.own("APART-0001")}
    assert desk.data(desk.ship(rest[0]["id"], **own)) == {}
    assert desk.status(second) == "AWAITING_SHIPMENT"


def test_one_package_that_cannot_be_combined_does_not_hold_up_the_others(
    desk: Dispatch,
):
    good, bad = pair(desk), pair(desk)
    rows = {row["order_ids"][0]: row["id"] for row in offers(desk)}
    asked: list[Json] = [
        {"id": rows[good[0]["id"]], "order_ids": [order["id"] for order in good]},
        {"id": rows[bad[0]["id"]], "order_ids": [bad[0]["id"], good[0]["id"]]},
        {"id": rows[bad[0]["id"]], "order_ids": [bad[0]["id"], "57"]},
        {"id": rows[bad[0]["id"]], "order_ids": [bad[0]["id"]]},
        {"id": "57"},
    ]

    body = {"combinable_packages": asked}
    done = desk.data(desk.post(f"{PACKAGES}/combine", body))

    assert [row["order_ids"] for row in done["packages"]] == [
        [order["id"] for order in good]
    ]
    codes = [(e["code"], e["detail"]["package_id"]) for e in done["errors"]]
    offer = rows[bad[0]["id"]]
    assert codes == [
        (10007014, offer),
        (21011031, offer),
        (10007014, offer),
        (21011028, "57"),
    ]
    assert desk.order(bad[0]["id"]) == bad[0]
    assert desk.post(f"{PACKAGES}/combine")["code"] == 21011005


def test_what_no_longer_fits_together_comes_apart(server: SimulatorServer):
    desk = Dispatch(server, ID)
    desk.listen()
    first, second, third = pair(desk, 3)
    (row,) = desk.data(combine(desk))["packages"]

    desk.control(f"orders/{second['id']}/change_address")

    assert desk.news(4, second, 2)[-1]["sc_type"] == "ADDRESS_UPDATE_SPLIT"
    assert desk.news(4, second, 2)[-1]["role_type"] == "ROLE_USER"
    assert desk.order(second["id"])["packages"] != [{"id": row["id"]}]
    desk.control(f"orders/{third['id']}/request_cancel")
    assert desk.ship(row["id"])["code"] == 21011007
    desk.control(f"orders/{third['id']}/cancel", by="BUYER")
    assert desk.news(4, third, 3)[-1]["sc_type"] == "PARTLY_CANCEL_SPLIT"
    package = desk.package(row["id"])
    assert [one["id"] for one in package["orders"]] == [first["id"]]
    assert desk.data(desk.ship(row["id"])) == {}
    assert desk.status(first) == "AWAITING_COLLECTION"
    assert desk.status(third) == "CANCELLED"


def test_americans_have_nothing_to_combine(server: SimulatorServer):
    desk = Dispatch(server, US)
    pair(desk)

    assert offers(desk) == []
    for size in ("", "0", "51"):
        assert desk.get(COMBINABLE, page_size=size)["code"] == 36009004
