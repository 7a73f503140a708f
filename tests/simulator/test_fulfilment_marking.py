"""Orders are marked as shipped, whole or in parts, and their numbers are corrected."""

from typing import Any

import pytest

from tests.simulator.dispatch import (
    DE,
    GB,
    ID,
    ORDERS,
    PACKAGES,
    US,
    Dispatch,
    package_of,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]


def lines_of(order: Json) -> list[str]:
    return [line["id"] for line in order["line_items"]]


def correct(desk: Dispatch, order: Json, **own: str) -> int:
    path = f"{ORDERS}/{order['id']}/shipping_info/update"
    return int(desk.post(path, desk.own("CORRECTED-1") | own)["code"])


def correct_package(desk: Dispatch, package_id: str, number: str) -> int:
    path = f"{PACKAGES}/{package_id}/shipping_info/update"
    return int(desk.post(path, desk.own(number))["code"])


@pytest.mark.parametrize("shop", [US, DE])
def test_a_whole_order_is_marked_and_announced(
    server: SimulatorServer, shop: tuple[int, int]
):
    desk = Dispatch(server, shop)
    desk.listen()
    order = desk.place("SELLER", quantity=2)
    own = desk.own("MARKED-00001")

    marked = desk.data(desk.mark(order["id"], **own))

    after = desk.order(order["id"])
    assert marked == {
        "order_id": order["id"],
        "order_line_item_ids": lines_of(order),
        "package_id": package_of(after),
    }
    if shop != US:
        assert package_of(order) == package_of(after)
    assert after["status"] == "AWAITING_COLLECTION"
    assert after["tracking_number"] == "MARKED-00001"
    assert after["shipping_provider_id"] == own["shipping_provider_id"]
    *_, told = desk.news(1, order, 4)
    assert told["order_status"] == "AWAITING_COLLECTION"
    assert desk.mark(order["id"], **own)["code"] == 21011006
    warned = desk.data(desk.mark(desk.place("SELLER")["id"], tracking_number="1234567"))
    assert warned["warning"] == {"message": "match more than one provider"}


def test_the_newer_version_takes_lists(server: SimulatorServer):
    desk = Dispatch(server, US)
    order = desk.place("SELLER", quantity=2)
    body: Json = {
        "order_line_list": [{"order_line_id": lines_of(order)[1]}],
        "shipping_info_list": [desk.own("NEWER-00001")],
    }
    path = f"/fulfillment/202610/orders/{order['id']}/packages"

    assert desk.post(path, desk.own())["code"] == 21001001
    marked = desk.data(desk.post(path, body))

    assert marked["order_line_item_ids"] == [lines_of(order)[1]]
    assert desk.order(order["id"])["status"] == "PARTIALLY_SHIPPING"
    path = f"/fulfillment/202610/packages/{marked['package_id']}/shipping_info/update"
    sent = {"shipping_info_list": [desk.own("NEWER-00002")]}
    assert desk.data(desk.post(path, sent)) == {}
    assert desk.package(marked["package_id"])["tracking_number"] == "NEWER-00002"


@pytest.mark.parametrize("shop", [US, GB])
def test_an_order_is_sent_in_parts(server: SimulatorServer, shop: tuple[int, int]):
    desk = Dispatch(server, shop)
    order = desk.place("SELLER", quantity=3)
    first, *others = lines_of(order)
    desk.listen()

    one = desk.data(
        desk.mark(order["id"], order_line_item_ids=[first], tracking_number="PART-001")
    )

    half = desk.order(order["id"])
    assert half["status"] == "PARTIALLY_SHIPPING"
    assert [line["display_status"] for line in half["line_items"]] == [
        "AWAITING_COLLECTION",
        "AWAITING_SHIPMENT",
        "AWAITING_SHIPMENT",
    ]
    assert half["line_items"][0]["package_id"] == one["package_id"]
    ids = [package["id"] for package in half["packages"]]
    if shop == US:
        assert ids == [one["package_id"]]
        assert "package_id" not in half["line_items"][1]
    else:
        assert half["split_or_combine_tag"] == "SPLIT"
        assert set(ids) == {package_of(order), one["package_id"]}
        assert desk.package(package_of(order))["split_and_combine_tag"] == "SPLIT"
    (told,) = desk.news(4, order)
    assert (told["sc_type"], told["role_type"]) == ("SPLIT", "ROLE_SELLER")
    assert {row["package_id"] for row in told["package_list"]} == set(ids)
    again = desk.own("AGAIN-0001") | {"order_line_item_ids": [first]}
    assert desk.mark(order["id"], **again)["code"] == 21011006

    rest = desk.data(
        desk.mark(order["id"], order_line_item_ids=others, tracking_number="PART-002")
    )

    whole = desk.order(order["id"])
    assert whole["status"] == "AWAITING_COLLECTION"
    assert whole["split_or_combine_tag"] == "SPLIT"
    numbers = [line["tracking_number"] for line in whole["line_items"]]
    assert numbers == ["PART-001", "PART-002", "PART-002"]
    assert rest["order_line_item_ids"] == others
    rows = {row["id"]: row for row in desk.all_packages()}
    assert rows[one["package_id"]]["order_line_item_ids"] == [first]
    assert rows[rest["package_id"]]["order_line_item_ids"] == others


def test_packages_travel_by_themselves_and_the_order_waits_for_the_last(
    server: SimulatorServer,
):
    desk = Dispatch(server, DE)
    order = desk.place("SELLER", quantity=2)
    first, second = lines_of(order)
    packages = [
        desk.data(
            desk.mark(order["id"], order_line_item_ids=[line], tracking_number=number)
        )["package_id"]
        for line, number in ((first, "ALONE-01"), (second, "ALONE-02"))
    ]

    desk.control(f"packages/{packages[0]}/deliver")
    half = desk.order(order["id"])
    assert half["status"] == "AWAITING_COLLECTION"
    assert [line["display_status"] for line in half["line_items"]] == [
        "DELIVERED",
        "AWAITING_COLLECTION",
    ]
    desk.control(f"packages/{packages[1]}/collect")
    assert desk.status(order) == "IN_TRANSIT"
    desk.control(f"packages/{packages[1]}/deliver")

    assert desk.status(order) == "DELIVERED"
    assert desk.package(packages[1])["package_status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "UNPAID"}, 21042057),
        ({"status": "ON_HOLD"}, 21042057),
        ({"status": "CANCELLED"}, 21011041),
        ({"status": "IN_TRANSIT"}, 21011006),
        ({"status": "COMPLETED"}, 21011030),
    ],
)
def test_an_order_is_not_marked_in_another_status(
    server: SimulatorServer, fields: Json, code: int
):
    desk = Dispatch(server, US)
    order = desk.place("SELLER", **fields)

    assert desk.mark(order["id"])["code"] == code
    assert desk.order(order["id"]) == order


def test_wrong_marks_change_nothing(server: SimulatorServer):
    desk = Dispatch(server, US)
    order, other = desk.place("SELLER", quantity=2), desk.place("SELLER")
    asked, stored = desk.place("SELLER"), desk.place("", fulfilled_by_platform=True)
    desk.control(f"orders/{asked['id']}/request_cancel")
    desk.data(desk.mark(other["id"], **desk.own("TAKEN-00001")))

    wrong: list[tuple[Json, int]] = [
        ({"tracking_number": None}, 21001001),
        ({"tracking_number": "TAKEN-00001"}, 21011025),
        ({"tracking_number": "has spaces"}, 21004012),
        ({"tracking_number": "X"}, 11028006),
        ({"shipping_provider_id": "1"}, 21011022),
        ({"order_line_item_ids": lines_of(other)}, 21011029),
        ({"order_line_item_ids": ["x"]}, 21011029),
        ({"order_line_item_ids": "all"}, 21001001),
    ]
    for body, code in wrong:
        assert desk.mark(order["id"], **body)["code"] == code, body
    assert desk.order(order["id"]) == order
    assert desk.mark(asked["id"])["code"] == 21011007
    assert desk.mark(stored["id"])["code"] == 21008025
    assert desk.mark("57")["code"] == 21008111


def test_several_packages_must_be_told_apart(server: SimulatorServer):
    desk = Dispatch(server, GB)
    order = desk.place("SELLER", kind="split", quantity=4)
    assert len(order["packages"]) == 2

    assert desk.mark(order["id"])["code"] == 21011048
    first = order["packages"][0]["id"]
    lines = [x["id"] for x in order["line_items"] if x["package_id"] == first]
    every = [line["id"] for line in order["line_items"]]
    assert desk.mark(order["id"], order_line_item_ids=every)["code"] == 21011048
    marked = desk.data(desk.mark(order["id"], order_line_item_ids=lines))

    assert marked["package_id"] == first
    assert desk.status(order) == "PARTIALLY_SHIPPING"


def test_a_number_is_corrected_for_three_days(server: SimulatorServer):
    desk = Dispatch(server, GB)
    order, other = desk.place("SELLER"), desk.place("SELLER")
    package_id = package_of(order)
    assert correct(desk, order) == 21011043
    assert correct_package(desk, package_id, "EARLY-0001") == 21011043
    desk.data(desk.mark(order["id"], **desk.own("FIRST-0001")))
    desk.data(desk.mark(other["id"], **desk.own("OTHER-0001")))

    assert correct(desk, order, tracking_number="OTHER-0001") == 21011025
    assert correct(desk, order, shipping_provider_id="1") == 21011022
    assert correct(desk, order, tracking_number="SECOND-001") == 0
    assert correct_package(desk, package_id, "THIRD-0001") == 0
    package = desk.package(package_id)
    assert package["tracking_number"] == "THIRD-0001"
    assert desk.order(order["id"])["tracking_number"] == "THIRD-0001"
    assert desk.order(order["id"])["update_time"] == package["update_time"]
    desk.advance(hours=71)
    assert correct(desk, order, tracking_number="FOURTH-001") == 0
    assert correct_package(desk, package_id, "FIFTH-0001") == 21011052
    desk.advance(hours=2)
    assert correct_package(desk, package_id, "SIXTH-0001") == 21011050
    assert correct(desk, order) == 21011049
    assert desk.package(package_id)["tracking_number"] == "FOURTH-001"


def test_some_numbers_are_not_the_sellers_to_correct(server: SimulatorServer):
    desk, indonesian = Dispatch(server, US), Dispatch(server, ID)
    parted, done = desk.place("SELLER", quantity=2), desk.place("SELLER")
    gone, ours = desk.place("SELLER"), indonesian.place()
    part = {"order_line_item_ids": lines_of(parted)[:1]}
    desk.data(desk.mark(parted["id"], **part, tracking_number="SOME-00001"))
    rest = {"order_line_item_ids": lines_of(parted)[1:]}
    desk.data(desk.mark(parted["id"], **rest, tracking_number="SOME-00002"))
    for number, order in enumerate((done, gone)):
        desk.data(desk.mark(order["id"], tracking_number=f"SOME-1000{number}"))
    desk.control(f"orders/{done['id']}/deliver")
    desk.control(f"orders/{gone['id']}/cancel", force=True)
    indonesian.data(indonesian.ship(package_of(ours)))

    assert correct(desk, parted) == 21011004
    assert correct(desk, done) == 21011030
    assert correct(desk, gone) == 21011042
    assert correct(indonesian, ours) == 21011049
    assert correct(desk, {"id": "57"}) == 21008111
    assert correct_package(desk, "57", "NUMBER-001") == 21011028
    assert correct_package(indonesian, package_of(ours), "NUMBER-001") == 21011049
    desk.control(f"orders/{done['id']}/move", status="COMPLETED")
    assert correct(desk, done) == 25001010
