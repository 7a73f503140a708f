"""Packages are shipped: by handover or with an own carrier, one or many, or not."""

from typing import Any

import pytest

from tests.simulator.dispatch import (
    DE,
    GB,
    ID,
    MY,
    PACKAGES,
    TH,
    US,
    Dispatch,
    package_of,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]


@pytest.fixture
def desk(server: SimulatorServer) -> Dispatch:
    return Dispatch(server, MY)


def handover(desk: Dispatch, package_id: str) -> Json:
    return desk.data(desk.get(f"{PACKAGES}/{package_id}/handover_time_slots"))


def slot_of(rows: list[Json], *, is_free: bool) -> Json:
    row = next(row for row in rows if row["avaliable"] == is_free)
    return {"start_time": row["start_time"], "end_time": row["end_time"]}


def test_a_package_is_handed_over_in_a_slot(desk: Dispatch):
    desk.listen()
    order = desk.place(quantity=2)
    package_id = package_of(order)
    offered = handover(desk, package_id)
    slot = slot_of(offered["pickup_slots"], is_free=True)
    assert offered["can_pickup"] is offered["can_drop_off"] is True
    assert offered["drop_off_point_url"].startswith("https://")
    assert set(offered["pickup_slots"][0]) == {"start_time", "end_time", "avaliable"}

    reply = desk.ship(package_id, handover_method="PICKUP", pickup_slot=slot)

    assert desk.data(reply) == {}
    after, package = desk.order(order["id"]), desk.package(package_id)
    assert after["status"] == "AWAITING_COLLECTION"
    assert after["rts_time"] == after["update_time"] == package["update_time"]
    assert after["tracking_number"] == package["tracking_number"] != ""
    assert package["package_status"] == "PROCESSING"
    assert (package["handover_method"], package["pickup_slot"]) == ("PICKUP", slot)
    assert {line["display_status"] for line in after["line_items"]} == {
        "AWAITING_COLLECTION"
    }
    assert {line["tracking_number"] for line in after["line_items"]} == {
        package["tracking_number"]
    }
    *_, told = desk.news(1, order, 4)
    assert told["order_status"] == "AWAITING_COLLECTION"
    assert told["update_time"] == after["update_time"]
    assert desk.ship(package_id)["code"] == 21011040
    path = f"{PACKAGES}/{package_id}/handover_time_slots"
    assert desk.get(path)["code"] == 11021009


def test_wrong_handovers_change_nothing(desk: Dispatch):
    order = desk.place()
    package_id = package_of(order)
    rows = handover(desk, package_id)["pickup_slots"]
    free = slot_of(rows, is_free=True)
    shifted = {name: moment + 60 for name, moment in free.items()}

    wrong: list[tuple[Json, int]] = [
        ({"handover_method": "PIGEON"}, 21001001),
        ({"handover_method": "PICKUP"}, 21011054),
        ({"handover_method": "PICKUP", "pickup_slot": shifted}, 21011053),
        ({"handover_method": "PICKUP", "pickup_slot": [1, 2]}, 21001001),
        ({"self_shipment": desk.own()}, 21001001),
    ]
    taken = [row for row in rows if not row["avaliable"]]
    if taken:
        slot = slot_of(taken, is_free=False)
        wrong.append(({"handover_method": "PICKUP", "pickup_slot": slot}, 21011053))
    desk.control(f"shops/{desk.shop_id}/handover", can_drop_off=False)
    wrong.append(({"handover_method": "DROP_OFF"}, 11021009))

    for body, code in wrong:
        assert desk.ship(package_id, **body)["code"] == code, body
    assert "drop_off_point_url" not in handover(desk, package_id)
    assert desk.order(order["id"]) == order
    desk.control(f"shops/{desk.shop_id}/handover", can_pickup=False, can_drop_off=True)
    assert desk.data(desk.ship(package_id)) == {}
    assert desk.package(package_id)["handover_method"] == "DROP_OFF"


def test_southeast_asia_ships_packages_with_an_own_carrier(desk: Dispatch):
    first, second = desk.place("SELLER"), desk.place("SELLER")
    own = desk.own("MYOWN-00001")

    wrong = {
        21011022: [
            {},
            {"self_shipment": {"tracking_number": "MYOWN-00001"}},
            {"self_shipment": own | {"shipping_provider_id": "66"}},
            {"self_shipment": own | {"tracking_number": "NO SPACES!"}},
        ],
        11028006: [{"self_shipment": own | {"tracking_number": "X1"}}],
    }
    for code, bodies in wrong.items():
        for body in bodies:
            assert desk.ship(package_of(first), **body)["code"] == code, body
    assert desk.order(first["id"]) == first

    assert desk.data(desk.ship(package_of(first), self_shipment=own)) == {}
    after = desk.order(first["id"])
    assert after["status"] == "AWAITING_COLLECTION"
    assert after["tracking_number"] == "MYOWN-00001"
    assert after["shipping_provider_id"] == own["shipping_provider_id"]
    again = desk.ship(package_of(second), self_shipment=own)
    assert again["code"] == 21011025
    assert desk.order(second["id"]) == second


def test_every_region_ships_in_its_own_way(server: SimulatorServer):
    american = Dispatch(server, US)
    british, german = Dispatch(server, GB, american.caller), Dispatch(server, DE)
    indonesian = Dispatch(server, ID)
    foreign = indonesian.provider()

    for desk in (british, german):
        order = desk.place("SELLER")
        own = {"self_shipment": desk.own()}
        assert desk.ship(package_of(order), **own)["code"] == 21011003
        assert desk.data(desk.mark(order["id"], **desk.own(f"EU{order['id']}")))
        assert desk.mark(desk.place()["id"])["code"] == 21011013
        assert desk.data(desk.ship(package_of(desk.place()))) == {}
    assert indonesian.mark(indonesian.place("SELLER")["id"])["code"] == 21008106
    assert american.mark(american.place()["id"])["code"] == 21011013
    marked = american.mark(american.place("SELLER")["id"], shipping_provider_id=foreign)
    assert marked["code"] == 21011022
    body = {"order_id": german.place()["id"]}
    assert german.post(PACKAGES, body)["code"] == 21004010


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "ON_HOLD"}, 21011003),
        ({"status": "AWAITING_COLLECTION"}, 21011040),
        ({"status": "IN_TRANSIT"}, 21011040),
        ({"status": "DELIVERED"}, 21011027),
    ],
)
def test_a_package_is_not_shipped_in_another_status(
    server: SimulatorServer, fields: Json, code: int
):
    desk = Dispatch(server, TH)
    order, cancelled = desk.place(**fields), desk.place()
    desk.control(f"orders/{cancelled['id']}/cancel")

    assert desk.ship(package_of(order))["code"] == code
    assert desk.order(order["id"]) == order
    assert desk.ship(package_of(cancelled))["code"] == 21011041


def test_nobody_ships_what_others_must_decide(server: SimulatorServer):
    desk = Dispatch(server, GB)
    asked, stored = desk.place(), desk.place("", fulfilled_by_platform=True)
    desk.control(f"orders/{asked['id']}/request_cancel")
    other = Dispatch(server, DE)

    assert desk.ship(package_of(asked))["code"] == 21011007
    assert desk.ship(package_of(stored))["code"] == 21008025
    assert other.ship(package_of(stored))["code"] == 21011028
    assert other.ship("1152")["code"] == 21011028
    desk.control(f"orders/{asked['id']}/refuse_cancel")
    assert desk.data(desk.ship(package_of(asked))) == {}


def test_many_are_shipped_at_once_and_those_that_cannot_are_named(desk: Dispatch):
    good, bad, own = desk.place(), desk.place(), desk.place("SELLER")
    gone = desk.place()
    desk.control(f"orders/{gone['id']}/cancel")
    desk.control(f"orders/{bad['id']}/refuse_shipping", code=11021012)
    rows: list[Json] = [
        {"id": package_of(good)},
        {"id": package_of(bad), "handover_method": "DROP_OFF"},
        {"id": package_of(own), "self_shipment": desk.own("BATCH-0001")},
        {"id": package_of(gone)},
        {"id": package_of(good)},
        {"id": "42"},
    ]

    errors = desk.data(desk.post(f"{PACKAGES}/ship", {"packages": rows}))["errors"]

    assert [(e["code"], e["detail"]["package_id"]) for e in errors] == [
        (11021012, package_of(bad)),
        (21011041, package_of(gone)),
        (21011040, package_of(good)),
        (21011028, "42"),
    ]
    for order, status in ((good, "AWAITING_COLLECTION"), (bad, "AWAITING_SHIPMENT")):
        assert desk.order(order["id"])["status"] == status
    assert desk.order(own["id"])["tracking_number"] == "BATCH-0001"
    again = desk.post(f"{PACKAGES}/ship", {"packages": [rows[1]]})
    assert "errors" not in desk.data(again)
    bodies: list[Json] = [{}, {"packages": []}, {"packages": ["42"]}]
    for body in bodies:
        assert desk.post(f"{PACKAGES}/ship", body)["code"] == 21001001


def test_the_courier_moves_on_by_the_clock_unless_the_order_stands(desk: Dispatch):
    living, still = desk.place(waits_for_seller=True), desk.place()
    for order in (living, still):
        assert desk.data(desk.ship(package_of(order))) == {}

    seen = set()
    for _ in range(16):
        desk.advance(days=1)
        seen.add(desk.status(living))

    assert {"IN_TRANSIT", "DELIVERED", "COMPLETED"} <= seen
    after = desk.server.control(f"orders/{living['id']}")["order"]
    assert after["rts_time"] < after["collection_time"] < after["delivery_time"]
    (package,) = desk.server.control(f"orders/{living['id']}/packages")
    assert package["package_status"] == "COMPLETED"
    assert package["package_sub_status"] == "DELIVERED"
    assert package["update_time"] == after["delivery_time"]
    assert desk.status(still) == "AWAITING_COLLECTION"
    desk.control(f"orders/{still['id']}/collect")
    assert desk.status(still) == "IN_TRANSIT"
    desk.control(f"orders/{still['id']}/deliver")
    assert desk.status(still) == "DELIVERED"
    desk.advance(days=20)
    assert desk.status(still) == "DELIVERED"


def test_what_nobody_ships_in_time_is_cancelled(desk: Dispatch):
    desk.listen()
    order = desk.place(waits_for_seller=True, status="UNPAID")
    assert "recipient_address" not in order

    desk.advance(hours=2)
    waiting = desk.order(order["id"])
    assert waiting["status"] == "AWAITING_SHIPMENT"
    desk.advance(days=3, hours=20)
    assert desk.order(order["id"])["status"] == "AWAITING_SHIPMENT"
    desk.advance(hours=4)

    after = desk.order(order["id"])
    assert after["status"] == "CANCELLED"
    assert after["cancel_time"] == waiting["cancel_order_sla_time"]
    assert after["cancellation_initiator"] == "SYSTEM"
    assert after["cancel_reason"] == "system_cancel_order_reason_shipping_timeout"
    assert desk.package(package_of(waiting))["package_status"] == "CANCELLED"
    assert desk.ship(package_of(waiting))["code"] == 21011041
    told = [one["order_status"] for one in desk.news(1, order, 4)]
    assert told == ["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "CANCEL"]


def test_pickup_tells_who_collected(desk: Dispatch):
    path = "/fulfillment/202508/tts_tracking_validation"
    fetched, dropped, own = desk.place(), desk.place(), desk.place("SELLER")
    desk.data(desk.ship(package_of(fetched)))
    desk.data(desk.ship(package_of(dropped), handover_method="DROP_OFF"))
    desk.data(desk.ship(package_of(own), self_shipment=desk.own("NOT-TIKTOKS")))

    def answer(order: Json) -> Json:
        number = desk.order(order["id"])["tracking_number"]
        return desk.data(desk.get(path, tracking_number=number))

    names = ("is_tiktok_shipping", "is_tiktok_collection")
    assert answer(fetched) == dict.fromkeys(names, True)
    assert answer(dropped) == dict(zip(names, (True, False), strict=True))
    assert answer(own) == dict.fromkeys(names, False)
    assert desk.get(path)["code"] == 36009004
