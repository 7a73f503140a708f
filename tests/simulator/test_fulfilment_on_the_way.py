"""Own fleets deliver, scans are told, and warehouses say how they send."""

from typing import Any

import pytest

from tests.simulator.dispatch import DE, ID, MY, ORDERS, PACKAGES, TH, US, Dispatch
from tests.simulator.dispatch import package_of as only
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]


@pytest.fixture
def desk(server: SimulatorServer) -> Dispatch:
    return Dispatch(server, TH)


def shipped(desk: Dispatch, number: str, **fields: Any) -> Json:
    order = desk.place("SELLER", **fields)
    desk.data(desk.ship(only(order), self_shipment=desk.own(number)))
    return order


def deliver(desk: Dispatch, *rows: Json) -> list[tuple[int, str]]:
    """The errors: code and package."""
    data = desk.data(desk.post(f"{PACKAGES}/deliver", {"packages": list(rows)}))
    errors = data.get("errors", ())
    return [(error["code"], error["detail"]["package_id"]) for error in errors]


def row(order: Json, kind: str = "DELIVERY_SUCCESS", **more: str) -> Json:
    return {"id": only(order), "delivery_type": kind} | more


def test_an_own_fleet_delivers_or_says_why_not(desk: Dispatch):
    there, missed = shipped(desk, "FLEET-001"), shipped(desk, "FLEET-002")
    waiting, platforms = desk.place("SELLER"), desk.place(status="IN_TRANSIT")
    gone = desk.place("SELLER")
    desk.control(f"orders/{gone['id']}/cancel")
    reason = {"fail_delivery_reason": "UNABLE_CONTACT_BUYER"}

    errors = deliver(
        desk,
        row(there),
        row(missed, "DELIVERY_FAILED", **reason),
        row(waiting),
        row(platforms),
        row(gone),
        row(there),
        row(missed, "DELIVERY_FAILED"),
        row(missed, "DELIVERED"),
        {"id": "57", "delivery_type": "DELIVERY_SUCCESS"},
    )

    assert errors == [
        (21011043, only(waiting)),
        (21011003, only(platforms)),
        (21011042, only(gone)),
        (21011030, only(there)),
        (21001001, only(missed)),
        (21001001, only(missed)),
        (21011028, "57"),
    ]
    assert desk.status(there) == "DELIVERED"
    assert "collection_time" in desk.order(there["id"])
    assert desk.status(missed) == "IN_TRANSIT"
    package = desk.package(only(missed))
    assert package["ship_exception_reason"] == "UNABLE_CONTACT_BUYER"
    assert deliver(desk, row(missed)) == []
    assert "ship_exception_reason" not in desk.package(only(missed))
    assert deliver(desk, row(there, "UPDATE_POD")) == [(21001001, only(there))]
    proof = {"file_type": "IMAGE", "file_url": "https://proof.example.com/1.jpeg"}
    assert deliver(desk, row(there, "UPDATE_POD", **proof)) == []
    assert desk.status(there) == "DELIVERED"
    assert desk.post(f"{PACKAGES}/deliver")["code"] == 21001001


def test_a_split_order_is_delivered_with_its_last_package(desk: Dispatch):
    order = desk.place("SELLER", kind="split", quantity=2)
    first, second = (package["id"] for package in order["packages"])
    for number, package_id in enumerate((first, second)):
        own = desk.own(f"TWO-0000{number}")
        desk.data(desk.ship(package_id, self_shipment=own))
    done = {"delivery_type": "DELIVERY_SUCCESS"}

    assert deliver(desk, {"id": first} | done) == []
    half = desk.order(order["id"])
    assert half["status"] == "AWAITING_COLLECTION"
    assert "DELIVERED" in {line["display_status"] for line in half["line_items"]}
    assert deliver(desk, {"id": second} | done) == []
    assert desk.status(order) == "DELIVERED"


def test_scans_are_told_in_milliseconds_the_newest_first(desk: Dispatch):
    order = desk.place()
    old = f"{ORDERS}/{order['id']}/tracking"
    new = f"/logistics/202604/orders/{order['id']}/tracking"
    assert desk.data(desk.get(old)) == {"tracking": []}
    assert desk.data(desk.get(new))["logistics_details"] == []

    desk.data(desk.ship(only(order)))
    desk.advance(hours=1)
    desk.control(f"orders/{order['id']}/collect")
    desk.control(f"packages/{only(order)}/exception", reason="DELAY_DELIVERY")
    desk.advance(hours=1)
    desk.control(f"orders/{order['id']}/deliver")

    after = desk.order(order["id"])
    scans = desk.data(desk.get(old))["tracking"]
    times = [scan["update_time_millis"] for scan in scans]
    expected = [after[f"{name}_time"] for name in ("delivery", "collection", "rts")]
    assert times == [moment * 1_000 for moment in expected]
    assert all(after["tracking_number"] in scan["description"] for scan in scans)
    (parcel,) = desk.data(desk.get(new))["logistics_details"]
    assert parcel["newest_tracking_no"] == after["tracking_number"]
    assert parcel["carrier_name"] == after["shipping_provider"]
    assert [one["update_time_millis"] for one in parcel["track_list"]] == times
    assert desk.get(f"{ORDERS}/57/tracking")["code"] == 21008111


def test_warehouses_say_how_they_send_and_by_whom(server: SimulatorServer):
    desk, german = Dispatch(server, ID), Dispatch(server, DE)
    rows = desk.data(desk.get("/logistics/202309/warehouses"))["warehouses"]
    path = "/logistics/202309/warehouses/{}/delivery_options"
    sales = [row["id"] for row in rows if row["type"] == "SALES_WAREHOUSE"]
    (returns,) = (row["id"] for row in rows if row["type"] == "RETURN_WAREHOUSE")

    options = desk.data(desk.get(path.format(sales[0])))["delivery_options"]

    assert {one["type"] for one in options} == {"STANDARD", "EXPRESS", "SEND_BY_SELLER"}
    order, own = desk.place(), desk.place("SELLER")
    by_id = {one["id"]: one for one in options}
    assert by_id[order["delivery_option_id"]]["name"] == order["delivery_option_name"]
    assert by_id[own["delivery_option_id"]]["type"] == "SEND_BY_SELLER"
    assert desk.data(desk.get(path.format(returns))) == {"delivery_options": []}
    assert german.get(path.format(sales[0]))["code"] == 11005004

    path = "/logistics/202309/delivery_options/{}/shipping_providers"
    assert desk.get(path.format(order["delivery_option_id"]))["code"] == 21008117
    assert desk.get(path.format("57"))["code"] == 21008116
    mine = path.format(own["delivery_option_id"])
    carriers = desk.data(desk.get(mine, warehouse_region="ID"))["shipping_providers"]
    assert carriers == desk.providers()
    assert len({one["id"] for one in carriers}) == len(carriers) > 2
    assert not {one["id"] for one in carriers} & {
        one["id"] for one in german.providers()
    }
    abroad = desk.data(desk.get(mine, buyer_region="SG"))
    assert abroad == {"shipping_providers": []}


def test_shipping_needs_its_scopes(server: SimulatorServer):
    desk = Dispatch(server, MY)
    order, app_key = desk.place(), desk.caller.app["app_key"]
    desk.control(f"apps/{app_key}", scopes=["seller.fulfillment.basic"])
    package = f"{PACKAGES}/{only(order)}"

    assert desk.get(f"{package}/handover_time_slots")["code"] == 105005
    assert desk.post(f"{PACKAGES}/deliver", {})["code"] == 105005
    assert desk.get(f"{ORDERS}/{order['id']}/tracking")["code"] == 105005
    assert desk.get(package)["code"] == 0
    assert desk.post(f"{package}/ship", {})["code"] == 0


def test_control_says_what_it_cannot_do(server: SimulatorServer):
    desk = Dispatch(server, US)
    order = desk.place()
    wrong: list[tuple[str, Json]] = [
        ("orders/57/collect", {}),
        (f"orders/{order['id']}/deliver", {}),
        ("packages/57/collect", {}),
        (f"orders/{order['id']}/refuse_shipping", {"count": 1_000}),
        (
            "orders",
            {"shop_id": desk.shop_id, "waits_for_seller": True, "status": "IN_TRANSIT"},
        ),
        (
            "orders",
            {"shop_id": desk.shop_id, "same_buyer_as": "57"},
        ),
    ]

    for path, body in wrong:
        with pytest.raises(AssertionError, match=": 4"):
            desk.control(path, **body)
    indonesian = Dispatch(server, ID)
    with pytest.raises(AssertionError, match="never has such orders"):
        indonesian.place("", fulfilled_by_platform=True)
