"""Cancelling: sellers who do it, buyers who ask for it, and clocks that decide."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.caller import connect
from tests.simulator.dispatch import DE, GB, ID, MY, US, package_of
from tests.simulator.requests_desk import (
    CANCELLATIONS,
    KEEP_ORDER,
    OUT_OF_STOCK,
    RequestsDesk,
    line_ids,
    refund,
    total,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
PENDING, SUCCESS, COMPLETE, OFF = (
    f"CANCELLATION_REQUEST_{word}"
    for word in ("PENDING", "SUCCESS", "COMPLETE", "CANCELLED")
)


@pytest.fixture
def desk(server: SimulatorServer) -> RequestsDesk:
    return RequestsDesk(server, GB)


@pytest.mark.parametrize("shop", [US, ID])
def test_a_seller_cancels_a_whole_order(server: SimulatorServer, shop: Any):
    desk = RequestsDesk(server, shop)
    desk.listen()
    order = desk.place(quantity=3)
    sku_id = order["line_items"][0]["sku_id"]
    held = desk.stock(sku_id)

    reply = desk.cancel(order)

    cancel_id = reply["data"]["cancel_id"]
    assert reply["data"] == {"cancel_id": cancel_id, "cancel_status": SUCCESS}
    after = desk.order(order["id"])
    assert after["status"] == "CANCELLED"
    assert after["cancellation_initiator"] == "SELLER"
    assert after["cancel_reason"] == "Out of stock"
    assert after["payment"] == order["payment"]
    assert after["update_time"] >= after["cancel_time"] > 0
    assert {line["display_status"] for line in after["line_items"]} == {"CANCELLED"}
    assert desk.stock(sku_id) == held + 3
    row = desk.cancellation(order)
    assert (row["cancel_id"], row["cancel_type"]) == (cancel_id, "CANCEL")
    assert (row["role"], row["cancel_reason"]) == ("SELLER", OUT_OF_STOCK)
    assert "seller_next_action_response" not in row
    pay = order["payment"]
    assert refund(row) == {
        "refund_total": Decimal(pay["total_amount"]),
        "refund_subtotal": Decimal(pay["sub_total"]),
        "refund_shipping_fee": Decimal(pay["shipping_fee"]),
        "refund_tax": Decimal(pay["tax"]),
    } | (
        {"retail_delivery_fee": Decimal(pay["retail_delivery_fee"])}
        if "retail_delivery_fee" in pay
        else {}
    )
    lines = row["cancel_line_items"]
    assert [line["order_line_item_id"] for line in lines] == line_ids(order)
    for name, amount in refund(row).items():
        assert sum(refund(line)[name] for line in lines) == amount
    desk.later(minutes=3)
    assert desk.cancellation(order)["cancel_status"] == COMPLETE
    told = desk.news(11, order, 2)
    assert [data["cancel_status"] for data in told] == [SUCCESS, COMPLETE]
    assert {data["cancel_id"] for data in told} == {cancel_id}
    assert {data["cancellations_role"] for data in told} == {"SELLER"}
    assert desk.news(1, order)[-1]["order_status"] == "CANCEL"
    assert desk.cancel(order)["code"] == 25001051


@pytest.mark.parametrize(
    ("status", "shop", "code"),
    [
        ("ON_HOLD", ID, 0),
        ("AWAITING_COLLECTION", US, 0),
        ("AWAITING_COLLECTION", GB, 25001045),
        ("IN_TRANSIT", US, 25001045),
        ("DELIVERED", MY, 25001045),
        ("COMPLETED", MY, 25001051),
        ("CANCELLED", DE, 25001051),
    ],
)
def test_when_a_seller_may_cancel(
    server: SimulatorServer, status: str, shop: Any, code: int
):
    desk = RequestsDesk(server, shop)
    order = desk.place(status=status)

    assert desk.cancel(order)["code"] == code

    expected = status if code else "CANCELLED"
    assert desk.order(order["id"])["status"] == expected


@pytest.mark.parametrize(
    ("status", "shop", "reason", "code"),
    [
        ("UNPAID", GB, "seller_cancel_unpaid_reason_wrong_price", 0),
        ("UNPAID", GB, OUT_OF_STOCK, 25001021),
        ("AWAITING_SHIPMENT", GB, "seller_cancel_unpaid_reason_wrong_price", 25001021),
        ("AWAITING_SHIPMENT", GB, "no_such_reason", 25001014),
        ("AWAITING_SHIPMENT", GB, "system_cancel_unpaid_time_out", 25001015),
        ("AWAITING_SHIPMENT", DE, "seller_cancel_paid_reason_address_not_deliver", 0),
        ("AWAITING_SHIPMENT", ID, "seller_cancel_paid_reason_address_not_deliver",
         25001020),
    ],
)  # fmt: skip
def test_reasons_fit_the_status_and_the_region(
    server: SimulatorServer, status: str, shop: Any, reason: str, code: int
):
    desk = RequestsDesk(server, shop)
    order = desk.place(status=status)

    assert desk.cancel(order, reason)["code"] == code

    if not code and status == "UNPAID":
        row = desk.cancellation(order)
        assert row["cancel_status"] == COMPLETE  # there is nothing to pay back
        assert total(row) == 0


def test_single_units_are_cancelled_and_the_rest_goes_on(desk: RequestsDesk):
    order = desk.place(quantity=3)
    sku_id = order["line_items"][0]["sku_id"]
    held, first = desk.stock(sku_id), line_ids(order)[0]

    assert desk.cancel(order, order_line_item_ids=[first])["code"] == 0

    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_SHIPMENT"
    assert after["update_time"] >= order["update_time"]
    gone, *others = after["line_items"]
    assert gone["display_status"] == "CANCELLED"
    assert (gone["cancel_user"], gone["cancel_reason"]) == ("SELLER", "Out of stock")
    assert {line["display_status"] for line in others} == {"AWAITING_SHIPMENT"}
    assert desk.stock(sku_id) == held + 1
    row = desk.cancellation(order)
    assert refund(row)["refund_shipping_fee"] == 0
    assert total(row) == Decimal(order["line_items"][0]["sale_price"])
    again = desk.cancel(order, order_line_item_ids=[first])
    assert again["code"] == 25001051

    assert desk.cancel(order)["code"] == 0  # what is left

    assert desk.order(order["id"])["status"] == "CANCELLED"
    assert desk.stock(sku_id) == held + 3
    rows = desk.cancellations(order)
    assert len({row["cancel_id"] for row in rows}) == 2
    assert sum(map(total, rows)) == Decimal(order["payment"]["total_amount"])


def test_parts_are_out_of_stock_and_in_two_countries(
    server: SimulatorServer, desk: RequestsDesk
):
    order = desk.place(quantity=2)
    ids, sku_id = line_ids(order), order["line_items"][0]["sku_id"]
    one = {"order_line_item_ids": ids[:1]}

    wrong_price = "seller_cancel_reason_wrong_price"
    assert desk.cancel(order, wrong_price, **one)["code"] == 25005010
    assert desk.cancel(order, order_line_item_ids=["1"])["code"] == 25001001
    many = [{"sku_id": sku_id, "quantity": 3}]
    assert desk.cancel(order, skus=many)["code"] == 25005011
    wrong: list[Any] = [[{"sku_id": "1", "quantity": 1}], [{"sku_id": sku_id}], [{}]]
    for skus in (*wrong, "x"):
        assert desk.cancel(order, skus=skus)["code"] == 25001001
    newer: Json = {"order_id": order["id"], "cancel_reason": OUT_OF_STOCK}
    newer["order_line_list"] = [{"order_line_item_id": ids[1]}]
    path = CANCELLATIONS.replace("202309", "202602")
    assert desk.post(path, newer)["code"] == 0
    assert desk.cancellations(order)[0]["cancel_line_items"][0]["sku_id"] == sku_id
    assert desk.order(order["id"])["line_items"][1]["display_status"] == "CANCELLED"

    german = RequestsDesk(server, DE)
    order = german.place(quantity=2)
    one = {"order_line_item_ids": line_ids(order)[:1]}
    assert german.cancel(order, **one)["code"] == 25005010
    whole = [{"sku_id": order["line_items"][0]["sku_id"], "quantity": 2}]
    assert german.cancel(order, skus=whole)["code"] == 0
    assert german.order(order["id"])["status"] == "CANCELLED"


@pytest.mark.parametrize(("shop", "hours"), [(US, 24), (DE, 48)])
def test_a_buyer_asks_and_the_seller_agrees_once(
    server: SimulatorServer, shop: Any, hours: int
):
    desk = RequestsDesk(server, shop)
    desk.listen()
    desk.freeze()
    order = desk.place(quantity=2)

    reason = "ecom_order_to_ship_canceled_reason_no_longer_needed"
    desk.control(f"orders/{order['id']}/request_cancel", reason=reason)

    asked = desk.order(order["id"])
    assert asked["is_buyer_request_cancel"] is True
    assert asked["status"] == "AWAITING_SHIPMENT"
    row = desk.cancellation(order)
    assert (row["cancel_status"], row["cancel_type"]) == (PENDING, "BUYER_CANCEL")
    assert (row["role"], row["cancel_reason"]) == ("BUYER", reason)
    assert row["cancel_reason_text"] == "No longer needed"
    assert row["seller_next_action_response"] == [
        {
            "action": "SELLER_RESPOND_CANCEL",
            "deadline": asked["request_cancel_time"] + hours * 3_600,
        }
    ]
    assert desk.cancel(order)["code"] == 25001011

    first = desk.reply("approve", row, key="once")
    assert desk.reply("approve", row, key="once") | {"request_id": ""} == first | {
        "request_id": ""
    }
    assert desk.answer("approve", row) == 25011012
    assert desk.answer("reject", row, reject_reason=KEEP_ORDER) == 25020010
    desk.later(minutes=3)
    after = desk.order(order["id"])
    assert (after["status"], after["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    row = desk.cancellation(order)
    assert row["cancel_status"] == COMPLETE
    assert "seller_next_action_response" not in row
    assert total(row) == Decimal(order["payment"]["total_amount"])
    told = [data["cancel_status"] for data in desk.news(11, order, 3)]
    assert told == [PENDING, SUCCESS, COMPLETE]


def test_a_refused_wish_leaves_the_order_to_be_shipped(desk: RequestsDesk):
    desk.listen()
    order = desk.place()
    desk.control(f"orders/{order['id']}/request_cancel")
    row = desk.cancellation(order)

    path = "/return_refund/202309/reject_reasons"
    found = desk.get(path, return_or_cancel_id=row["cancel_id"])["data"]["reasons"]
    assert KEEP_ORDER in [reason["name"] for reason in found]
    assert all(reason["text"] for reason in found)
    agreed = "seller_reject_apply_you_have_reached_an_agreement_with_the_buyer"
    wrong: list[tuple[Json, int]] = [
        ({}, 25001001),
        ({"reject_reason": "no_such_reason"}, 25001014),
        ({"reject_reason": agreed}, 25001057),
        ({"reject_reason": KEEP_ORDER, "images": [{"image_id": "x"}]}, 11050001),
        ({"reject_reason": KEEP_ORDER, "comment": 5}, 25001001),
    ]
    for body, code in wrong:
        assert desk.answer("reject", row, **body) == code
    assert desk.cancellation(order)["cancel_status"] == PENDING
    assert desk.answer("reject", row, reject_reason=KEEP_ORDER) == 0

    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_SHIPMENT"
    assert after["is_buyer_request_cancel"] is False
    assert desk.cancellation(order)["cancel_status"] == OFF
    assert desk.news(11, order, 2)[-1]["cancel_status"] == OFF
    assert desk.answer("approve", row) == 25020009
    assert desk.answer("reject", row, reject_reason=KEEP_ORDER) == 25011011
    assert desk.get(path, return_or_cancel_id=row["cancel_id"])["data"] == {}
    desk.server.control("switches", {"short_cancelled": True})
    short = "CANCELLATION_REQUEST_CANCEL"
    assert desk.cancellation(order)["cancel_status"] == short
    found = desk.post(f"{CANCELLATIONS}/search", {"cancel_status": [short]})["data"]
    assert row["cancel_id"] in [one["cancel_id"] for one in found["cancellations"]]

    desk.control(f"orders/{order['id']}/request_cancel")  # asked once more
    assert desk.order(order["id"])["is_buyer_request_cancel"] is True
    first, second = desk.cancellations(order)
    assert first["cancel_id"] != second["cancel_id"]
    desk.control(f"aftersales/{second['cancel_id']}/withdraw")
    assert desk.order(order["id"])["is_buyer_request_cancel"] is False
    desk.control(f"orders/{order['id']}/request_cancel")
    desk.control(f"orders/{order['id']}/refuse_cancel")
    assert desk.cancellations(order)[-1]["cancel_status"] == short


@pytest.mark.parametrize("is_a_leap", [False, True])
def test_silence_is_consent(desk: RequestsDesk, is_a_leap: bool):  # noqa: FBT001
    order = desk.place(quantity=2)
    ids = line_ids(order)
    desk.control(f"orders/{order['id']}/request_cancel", units=ids[:1])
    other = desk.place(quantity=2)
    desk.control(f"orders/{other['id']}/request_cancel")

    if is_a_leap:
        desk.control("clock", advance=49 * 3_600)
    else:
        desk.advance(hours=49)

    desk.caller = connect(desk.server)
    after = desk.order(order["id"])
    assert after["status"] == "AWAITING_SHIPMENT"
    assert after["is_buyer_request_cancel"] is False
    assert [line["display_status"] for line in after["line_items"]] == [
        "CANCELLED",
        "AWAITING_SHIPMENT",
    ]
    row = desk.cancellation(order)
    assert row["cancel_status"] == COMPLETE
    assert [one["order_line_item_id"] for one in row["cancel_line_items"]] == ids[:1]
    assert row["update_time"] == row["create_time"] + 48 * 3_600 + 120
    assert desk.order(other["id"])["status"] == "CANCELLED"
    assert desk.order(other["id"])["cancel_time"] == (
        desk.cancellation(other)["create_time"] + 48 * 3_600
    )


def test_before_the_release_a_buyer_needs_nobody(desk: RequestsDesk):
    order = desk.place(status="ON_HOLD")

    desk.control(f"orders/{order['id']}/request_cancel")

    assert desk.order(order["id"])["status"] == "CANCELLED"
    row = desk.cancellation(order)
    assert (row["cancel_type"], row["role"]) == ("CANCEL", "BUYER")
    assert desk.answer("approve", row) == 25020004
    assert desk.answer("reject", row, reject_reason=KEEP_ORDER) == 25020004


def test_others_orders_and_unknown_ones(server: SimulatorServer, desk: RequestsDesk):
    foreign = RequestsDesk(server, ID).place()
    unknown = {"id": "570000000000000000"}
    wrong = {"cancel_id": "4030000000000000000"}

    assert desk.cancel(foreign)["code"] == 25020005
    assert desk.cancel(unknown)["code"] == 25007006
    assert desk.answer("approve", wrong) == 25007006
    assert desk.answer("approve", {"cancel_id": "5️⃣"}) == 25007006
    server.control(f"orders/{foreign['id']}/request_cancel", {})
    (row,) = server.control(f"orders/{foreign['id']}/aftersales")
    assert desk.answer("approve", {"cancel_id": row["id"]}) == 25020005
    assert desk.post(CANCELLATIONS, {"order_id": 5})["code"] == 25001001
    few = connect(server, scopes=["seller.order.info"])
    assert few.code("POST", CANCELLATIONS, desk.query, {}) == 105005
    older = CANCELLATIONS.replace("202309", "202212")
    assert desk.post(older, {})["code"] == 36009014


def test_a_cancellation_from_behind_the_stage_ends_what_runs(desk: RequestsDesk):
    order, shipped = desk.place(quantity=2), desk.place()
    for one in (order, shipped):
        desk.control(f"orders/{one['id']}/request_cancel")

    desk.control(f"orders/{order['id']}/cancel", by="BUYER")
    desk.control(f"orders/{shipped['id']}/move", status="AWAITING_COLLECTION")

    assert desk.cancellation(order)["cancel_status"] == COMPLETE
    assert total(desk.cancellation(order)) == Decimal(order["payment"]["total_amount"])
    assert desk.cancellation(shipped)["cancel_status"] == OFF
    assert desk.order(shipped["id"])["is_buyer_request_cancel"] is False

    parts = desk.place(quantity=3)
    path, units = f"orders/{parts['id']}/request_cancel", line_ids(parts)[:1]
    desk.control(path, units=units)
    assert desk.ship(package_of(parts))["code"] == 21011007  # answer first
    desk.control(f"orders/{parts['id']}/cancel")
    asked, rest = desk.cancellations(parts)
    assert [line["order_line_item_id"] for line in asked["cancel_line_items"]] == units
    assert {asked["cancel_status"], rest["cancel_status"]} == {COMPLETE}
    assert total(asked) + total(rest) == Decimal(parts["payment"]["total_amount"])
