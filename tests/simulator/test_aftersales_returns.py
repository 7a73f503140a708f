"""Returns and refunds: what buyers ask for, sellers decide and the platform ends."""

from decimal import Decimal
from typing import Any

import pytest

from tests.simulator.caller import connect
from tests.simulator.dispatch import DE, GB, ID, MY, US
from tests.simulator.requests_desk import (
    AGREED,
    DAMAGED,
    RETURNS,
    RequestsDesk,
    line_ids,
    refund,
    total,
)
from tests.simulator_server import SimulatorServer

Json = dict[str, Any]
PENDING, SUCCESS, COMPLETE, OFF = (
    f"RETURN_OR_REFUND_REQUEST_{word}"
    for word in ("PENDING", "SUCCESS", "COMPLETE", "CANCEL")
)
REJECTED, TO_SHIP = "REFUND_OR_RETURN_REQUEST_REJECT", "AWAITING_BUYER_SHIP"
SHIPPED, PARCEL_REFUSED = "BUYER_SHIPPED_ITEM", "REJECT_RECEIVE_PACKAGE"
OFFERED = "AWAITING_BUYER_RESPONSE"
BACK = "RETURN_AND_REFUND"
USED = "seller_reject_receive_product_used_or_damaged"


@pytest.fixture
def desk(server: SimulatorServer) -> RequestsDesk:
    return RequestsDesk(server, GB)


@pytest.mark.parametrize("shop", [US, ID])
def test_goods_come_back_and_the_money_goes(server: SimulatorServer, shop: Any):
    desk = RequestsDesk(server, shop)
    desk.listen()
    order = desk.place(status="DELIVERED", quantity=2)
    held = desk.stock(order["line_items"][0]["sku_id"])

    row = desk.wish(order, BACK, shipment_type="PLATFORM")

    assert (row["return_status"], row["return_type"]) == (PENDING, BACK)
    assert (row["role"], row["shipment_type"]) == ("BUYER", "PLATFORM")
    assert row["seller_next_action_response"] == [
        {
            "action": "SELLER_RESPOND_RETURN",
            "deadline": row["create_time"] + 48 * 3_600,
        }
    ]
    assert "arbitration_status" not in row
    assert "return_tracking_number" not in row
    assert desk.answer("approve", row, decision="APPROVE_RETURN") == 0
    row = desk.return_of(order)
    assert row["return_status"] == TO_SHIP
    assert row["return_shipping_document_type"] == "SHIPPING_LABEL"
    assert row["return_warehouse_address"]["full_address"]
    (fee,) = row["shipping_fee_amount"]
    assert Decimal(fee["seller_paid_return_shipping_fee"]) > 0
    desk.control(f"aftersales/{row['return_id']}/ship", tracking_number="BACK-1")
    row = desk.return_of(order)
    assert (row["return_status"], row["return_tracking_number"]) == (SHIPPED, "BACK-1")
    assert row["return_provider_id"].isdigit()
    (action,) = row["seller_next_action_response"]
    assert action["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    assert desk.order(order["id"])["status"] == "DELIVERED"
    assert desk.answer("approve", row, decision="APPROVE_RECEIVED_PACKAGE") == 0
    assert desk.return_of(order)["return_status"] == SUCCESS
    desk.later(minutes=3)

    row = desk.return_of(order)
    assert row["return_status"] == COMPLETE
    assert total(row) == Decimal(order["payment"]["total_amount"])
    lines = row["return_line_items"]
    assert [line["order_line_item_id"] for line in lines] == line_ids(order)
    for name, amount in refund(row).items():
        assert sum(refund(line)[name] for line in lines) == amount
    assert desk.order(order["id"])["status"] == "COMPLETED"
    assert desk.stock(order["line_items"][0]["sku_id"]) == held
    told = desk.news(12, order, 5)
    statuses = [PENDING, TO_SHIP, SHIPPED, SUCCESS, COMPLETE]
    assert [data["return_status"] for data in told] == statuses
    assert {data["return_type"] for data in told} == {BACK}
    assert {data["return_role"] for data in told} == {"BUYER"}
    assert desk.give_back(order, return_type="REFUND")["code"] == 25001051


def test_records_tell_the_story(desk: RequestsDesk):
    order = desk.place(status="DELIVERED")
    row = desk.wish(order, "REFUND")
    body = {"reject_reason": AGREED, "comment": "As we said."}
    desk.answer("reject", row, decision="REJECT_REFUND", **body)

    path = f"{RETURNS}/{row['return_id']}/records"
    records = desk.get(path)["data"]["records"]

    assert [record["role"] for record in records] == ["BUYER", "SELLER"]
    assert records[0]["reason_text"] == row["return_reason_text"]
    assert records[1]["note"] == "As we said."
    assert records[1]["reason_text"].startswith("You have reached an agreement")
    assert all(record["create_time"] and record["description"] for record in records)
    assert desk.get(f"{RETURNS}/1/records")["code"] == 25007006


def test_a_refund_while_the_parcel_travels_completes_the_order(desk: RequestsDesk):
    order = desk.place(status="IN_TRANSIT")
    row = desk.wish(order, "REFUND")
    assert row["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_REFUND"
    assert "shipment_type" not in row

    assert desk.answer("approve", row, decision="APPROVE_REFUND") == 0
    desk.later(minutes=3)

    assert desk.return_of(order)["return_status"] == COMPLETE
    after = desk.order(order["id"])
    assert after["status"] == "COMPLETED"
    assert "delivery_time" not in after


def test_parts_add_up_and_only_the_last_takes_the_order_along(server: SimulatorServer):
    desk = RequestsDesk(server, US)
    order = desk.place(status="DELIVERED", quantity=3)
    ids = line_ids(order)

    first = desk.wish(order, "REFUND", units=ids[:1])
    desk.answer("approve", first, decision="APPROVE_REFUND")
    desk.later(minutes=3)
    assert desk.order(order["id"])["status"] == "DELIVERED"
    body = {"return_type": "REFUND", "order_line_item_ids": ids[:1]}
    assert desk.give_back(order, **body)["code"] == 25001010
    second = desk.wish(order, BACK, units=ids[1:])
    body = {"return_type": "REFUND"}
    assert desk.give_back(order, **body)["code"] == 25001011
    desk.answer("approve", second, decision="APPROVE_RETURN", buyer_keep_item=True)
    desk.later(minutes=3)

    rows = desk.returns(order)
    assert [row["return_status"] for row in rows] == [COMPLETE, COMPLETE]
    assert [row["can_buyer_keep_item"] for row in rows] == [False, True]
    assert "return_warehouse_address" not in rows[1]
    pay = order["payment"]
    sums = {
        name: sum(refund(row).get(name, Decimal(0)) for row in rows)
        for name in refund(rows[1])
    }
    assert sums["refund_total"] == Decimal(pay["total_amount"])
    assert sums["refund_subtotal"] == Decimal(pay["sub_total"])
    assert sums["refund_shipping_fee"] == Decimal(pay["shipping_fee"])
    assert sums["refund_tax"] == Decimal(pay["tax"])
    assert desk.order(order["id"])["status"] == "COMPLETED"


def test_a_part_is_offered_refused_and_paid_after_all(desk: RequestsDesk):
    desk.listen()
    order = desk.place(status="DELIVERED", quantity=2)
    row = desk.wish(order, "REFUND")
    currency = row["refund_amount"]["currency"]
    offer = {"decision": "OFFER_PARTIAL_REFUND"}

    def offered(amount: str, currency: str = currency) -> Json:
        return offer | {"partial_refund": {"amount": amount, "currency": currency}}

    too_much = str(total(row) + Decimal("0.01"))
    for body, code in (
        (offer, 25001001),
        (offered(too_much), 25005005),
        (offered("0"), 25001001),
        (offered("1.005"), 25001001),
        (offered("much"), 25001001),
        (offered("1.00", "EUR"), 25001001),
    ):
        assert desk.answer("approve", row, **body) == code
    assert desk.answer("approve", row, **offered("1.23")) == 0

    row = desk.return_of(order)
    assert row["return_status"] == OFFERED
    assert row["seller_proposed_return_type"] == "PARTIAL_REFUND"
    assert row["partial_refund"] == {"currency": currency, "amount": "1.23"}
    assert row["buyer_rejected_partial_refund"] is False
    assert "seller_next_action_response" not in row
    assert desk.answer("approve", row, decision="APPROVE_REFUND") == 25007007
    path = f"aftersales/{row['return_id']}/answer_offer"
    desk.control(path, accept=False)
    row = desk.return_of(order)
    assert row["return_status"] == PENDING
    assert row["buyer_rejected_partial_refund"] is True
    assert desk.answer("approve", row, **offered("1.23")) == 25007007

    other = desk.place(status="DELIVERED", quantity=2)
    desk.answer("approve", desk.wish(other, "REFUND"), **offered("1.23"))
    path = f"aftersales/{desk.return_of(other)['return_id']}/answer_offer"
    desk.control(path)
    desk.later(minutes=3)
    row = desk.return_of(other)
    assert row["return_status"] == COMPLETE
    assert total(row) == Decimal("1.23")
    assert [total(line) for line in row["return_line_items"]] == [
        Decimal("0.62"),
        Decimal("0.61"),
    ]
    assert desk.order(other["id"])["status"] == "DELIVERED"
    told = desk.news(12, other, 3)  # offers have no word there
    assert [data["return_status"] for data in told] == [PENDING, SUCCESS, COMPLETE]


def test_an_offer_for_goods_that_came_back_needs_the_newer_version(desk: RequestsDesk):
    order = desk.place(status="DELIVERED")
    row = desk.wish(order, BACK)
    desk.answer("approve", row, decision="APPROVE_RETURN")
    desk.control(f"aftersales/{row['return_id']}/ship")
    body: Json = {
        "decision": "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG",
        "reject_reason": USED,
        "partial_refund_amount": {"partial_refund_total": "2.00", "currency": "GBP"},
    }

    assert desk.answer("reject", row, **body) == 25001001
    path = f"{RETURNS.replace('202309', '202606')}/{row['return_id']}/reject"
    assert desk.post(path, body)["code"] == 0

    assert desk.return_of(order)["return_status"] == OFFERED
    desk.control(f"aftersales/{row['return_id']}/answer_offer", accept=False)
    assert desk.return_of(order)["return_status"] == SHIPPED


def test_a_refused_buyer_may_ask_the_platform(server: SimulatorServer):
    desk = RequestsDesk(server, DE)
    refusal = {"decision": "REJECT_RETURN", "reject_reason": AGREED}
    ends = {"SUPPORT_BUYER": TO_SHIP, "SUPPORT_SELLER": OFF, "CLOSED": OFF}
    for result, end in ends.items():
        order = desk.place(status="DELIVERED")
        row = desk.wish(order, BACK)
        assert desk.answer("reject", row, **refusal) == 0
        assert desk.return_of(order)["return_status"] == REJECTED
        path = f"aftersales/{row['return_id']}/arbitrate"
        desk.control(path)
        disputed = desk.return_of(order)
        assert disputed["arbitration_status"] == "IN_PROGRESS"
        assert desk.answer("approve", row, decision="APPROVE_RETURN") == 25011010
        found = desk.data(
            desk.post(f"{RETURNS}/search", {"arbitration_status": ["IN_PROGRESS"]})
        )
        ids = [one["return_id"] for one in found["return_orders"]]
        assert row["return_id"] in ids

        desk.control(path, result=result)

        row = desk.return_of(order)
        assert row["return_status"] == end
        assert row["arbitration_status"] == result


def test_refused_goods_and_the_last_word(desk: RequestsDesk):
    order = desk.place(status="DELIVERED")
    row = desk.wish(order, BACK)
    refuse = {"decision": "REJECT_RECEIVED_PACKAGE", "reject_reason": USED}
    assert desk.answer("reject", row, **refuse) == 25020012
    desk.answer("approve", row, decision="APPROVE_RETURN")
    late = {"decision": "REJECT_RETURN", "reject_reason": AGREED}
    assert desk.answer("reject", row, **late) == 25020010
    assert desk.answer("approve", row, decision="APPROVE_RECEIVED_PACKAGE") == 25011013
    desk.control(f"aftersales/{row['return_id']}/ship")

    wrong = refuse | {
        "reject_reason": "seller_reject_apply_product_is_as_described",
    }
    assert desk.answer("reject", row, **wrong) == 25001016
    assert desk.answer("reject", row, **refuse) == 0

    assert desk.return_of(order)["return_status"] == PARCEL_REFUSED
    path = f"aftersales/{row['return_id']}/arbitrate"
    desk.control(path, result="SUPPORT_BUYER")
    assert desk.return_of(order)["return_status"] == SUCCESS
    assert desk.answer("reject", row, **refuse) == 25020011
    assert desk.answer("approve", row, decision="APPROVE_RETURN") == 25011012


def test_decisions_fit_the_request(server: SimulatorServer, desk: RequestsDesk):
    order = desk.place(status="DELIVERED")
    row = desk.wish(order, "REFUND")

    for decision, code in (
        ("APPROVE_RETURN", 25020004),
        ("APPROVE_REPLACEMENT", 25020004),
        ("REJECT_REFUND", 25001001),
        ("PERHAPS", 25001001),
    ):
        assert desk.answer("approve", row, decision=decision) == code
    assert desk.answer("approve", row) == 25001001
    assert desk.answer("approve", {"return_id": "1"}, decision="APPROVE_REFUND") == (
        25007006
    )
    desk.control(f"aftersales/{row['return_id']}/withdraw")
    assert desk.return_of(order)["return_status"] == OFF
    assert desk.answer("approve", row, decision="APPROVE_REFUND") == 25020009
    again = desk.wish(order, "REFUND")
    assert again["pre_return_id"] == row["return_id"]
    assert desk.returns(order)[0]["next_return_id"] == again["return_id"]
    quick = desk.place(status="DELIVERED")
    fast = desk.wish(quick, BACK, quick=True)
    desk.answer("approve", fast, decision="APPROVE_RETURN")
    desk.control(f"aftersales/{fast['return_id']}/ship")
    refuse = {"decision": "REJECT_RECEIVED_PACKAGE", "reject_reason": USED}
    assert desk.answer("reject", fast, **refuse) == 25011025
    stored = desk.place(status="DELIVERED", fulfilled_by_platform=True)
    kept = desk.wish(stored, BACK)
    desk.answer("approve", kept, decision="APPROVE_RETURN")
    desk.control(f"aftersales/{kept['return_id']}/ship")
    assert desk.answer("approve", kept, decision="APPROVE_RECEIVED_PACKAGE") == 25011026


def test_a_replacement_is_another_order(desk: RequestsDesk):
    sku_id = desk.place()["line_items"][0]["sku_id"]
    stock = desk.server.control(f"skus/{sku_id}/stock")["warehouses"]
    place = {"warehouse_id": stock[0]["warehouse_id"]}
    order = desk.place(status="DELIVERED", quantity=2, **place)
    row = desk.wish(order, "REPLACEMENT", units=line_ids(order)[:1])
    assert row["return_status"] == "REPLACEMENT_REQUEST_PENDING"
    desk.control(f"skus/{sku_id}/stock", quantity=0, **place)
    approve = {"decision": "APPROVE_REPLACEMENT"}
    assert desk.answer("approve", row, **approve) == 25001044
    desk.control(f"skus/{sku_id}/stock", quantity=5, **place)
    held = desk.stock(sku_id)

    assert desk.reply("approve", row, key="k", **approve)["code"] == 0
    assert desk.reply("approve", row, key="k", **approve)["code"] == 0

    assert desk.return_of(order)["return_status"] == "REPLACEMENT_REQUEST_COMPLETE"
    found = desk.caller.search({"buyer_user_id": order["user_id"]}, 1)["orders"]
    (new,) = [one for one in found if one.get("replaced_order_id") == order["id"]]
    assert new["is_replacement_order"] is True
    assert new["status"] == "AWAITING_SHIPMENT"
    assert [line["sku_id"] for line in new["line_items"]] == [sku_id]
    assert Decimal(new["payment"]["total_amount"]) == 0
    assert new["warehouse_id"] == order["warehouse_id"]
    assert desk.stock(sku_id) == held - 1
    assert desk.order(order["id"])["is_replacement_order"] is False
    other = desk.place(status="DELIVERED")
    row = desk.wish(other, "REPLACEMENT")
    assert desk.answer("approve", row, decision="ISSUE_REPLACEMENT_REFUND") == 0
    row = desk.return_of(other)
    assert row["return_status"] == "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    assert desk.order(other["id"])["status"] == "COMPLETED"


def test_silence_approves_and_buyers_may_be_late(server: SimulatorServer):
    desk = RequestsDesk(server, MY)
    orders = {
        kind: desk.place(status="DELIVERED") for kind in ("REFUND", BACK, "EXCHANGE")
    }
    for kind, order in orders.items():
        desk.wish(order, kind)

    desk.advance(hours=49)

    desk.caller = connect(server, MY[0])
    statuses = {
        kind: desk.return_of(order)["return_status"] for kind, order in orders.items()
    }
    assert statuses == {
        "REFUND": COMPLETE,
        BACK: TO_SHIP,
        "EXCHANGE": "EXCHANGE_REQUEST_COMPLETE",
    }
    assert desk.order(orders["REFUND"]["id"])["status"] == "COMPLETED"
    buyer = {"buyer_user_id": orders["EXCHANGE"]["user_id"]}
    found = desk.caller.search(buyer, MY[1])["orders"]
    sources = {one.get("exchange_source_order_id") for one in found}
    assert orders["EXCHANGE"]["id"] in sources
    desk.control("clock", advance=11 * 86_400)  # a leap
    desk.caller = connect(server, MY[0])
    row = desk.return_of(orders[BACK])
    assert row["return_status"] == OFF
    assert row["update_time"] == row["create_time"] + 12 * 86_400
    assert desk.order(orders[BACK]["id"])["status"] == "DELIVERED"


def test_a_seller_gives_money_back(desk: RequestsDesk):
    desk.listen()
    order = desk.place(status="DELIVERED", quantity=3)
    ids = line_ids(order)
    price = Decimal(order["line_items"][0]["sale_price"])
    refund_one = {"return_type": "REFUND", "order_line_item_ids": ids[:1]}
    wrong: list[tuple[Json, str, int]] = [
        ({"return_type": "REPLACEMENT"}, DAMAGED, 25001001),
        ({}, DAMAGED, 25001001),
        (refund_one, "no_such_reason", 25001014),
        (refund_one, "ecom_order_shipped_refund_reason_package_lost_seller", 25001021),
        (refund_one, DAMAGED.removesuffix("_seller"), 25001015),
        (refund_one | {"refund_total": str(price + 1), "currency": "GBP"}, DAMAGED,
         25005005),
        (refund_one | {"refund_total": "1.00"}, DAMAGED, 25001001),
        (refund_one | {"shipment_type": "PIGEON"}, DAMAGED, 25001001),
        (refund_one | {"order_line_item_ids": ["1"]}, DAMAGED, 25001001),
    ]  # fmt: skip
    for body, reason, code in wrong:
        assert desk.give_back(order, reason, **body)["code"] == code, body
    assert desk.returns(order) == []

    part = refund_one | {"refund_total": "1.00", "currency": "GBP"}
    first = desk.give_back(order, key="mine", **part)
    assert first["data"]["return_status"] == SUCCESS
    assert desk.give_back(order, key="mine", **part)["data"] == first["data"]
    row = desk.return_of(order)
    assert (row["return_id"], row["role"]) == (first["data"]["return_id"], "SELLER")
    assert total(row) == 1
    desk.later(minutes=3)
    assert desk.return_of(order)["return_status"] == COMPLETE
    goods = desk.give_back(order, return_type=BACK, order_line_item_ids=ids[1:])
    assert goods["data"]["return_status"] == TO_SHIP
    assert {data["return_role"] for data in desk.news(12, order, 3)} == {"SELLER"}
    early = desk.place()
    assert desk.give_back(early, return_type="REFUND")["code"] == 25001003
    travelling = desk.place(status="IN_TRANSIT")
    assert desk.give_back(travelling, return_type=BACK)["code"] == 25001003
    assert desk.give_back({"id": "57"}, return_type="REFUND")["code"] == 25007006
    on_delivery = RequestsDesk(desk.server, ID)
    unpaid = on_delivery.place(status="IN_TRANSIT", kind="cash on delivery")
    lost = "ecom_order_shipped_refund_reason_package_lost_seller"
    reply = on_delivery.give_back(unpaid, lost, return_type="REFUND")
    assert reply["code"] == 25001003


def test_what_is_possible_and_what_it_would_cost(desk: RequestsDesk):
    order = desk.place(status="DELIVERED", quantity=2)
    ids = line_ids(order)
    row = desk.wish(order, "REFUND", units=ids[:1])
    path = f"/return_refund/202309/orders/{order['id']}/aftersale_eligibility"

    (sku,) = desk.get(path)["data"]["sku_eligibility"]

    rows = sku["line_item_eligibility"]
    assert sku["sku_id"] == order["line_items"][0]["sku_id"]
    busy, free = (one for one in rows if one["request_type"] == BACK)
    assert busy["order_line_items_ids"] == ids[:1]
    assert (busy["eligible"], busy["ineligible_code"]) == (False, 25001011)
    assert busy["ineligible_reason"]
    assert free == {
        "request_type": BACK,
        "order_line_items_ids": ids[1:],
        "eligible": True,
    }
    cancels = [one for one in rows if one["request_type"] == "CANCEL"]
    assert not any(one["eligible"] for one in cancels)
    newer = path.replace("202309", "202602")
    (sku,) = desk.get(newer, request_types="REFUND")["data"]["sku_eligibility"]
    names = sku["line_item_eligibility"][1]["available_reason_names"]
    assert {one["request_type"] for one in sku["line_item_eligibility"]} == {"REFUND"}
    body = {"return_type": "REFUND", "order_line_item_ids": ids[1:]}
    (sku,) = desk.get(newer, initiate_aftersale_user="BUYER")["data"]["sku_eligibility"]
    assert row["return_reason"] in str(sku)
    assert desk.get(newer, initiate_aftersale_user="ME")["code"] == 25001001
    assert desk.get(path.replace(order["id"], "57"))["code"] == 25007006

    asked = {
        "order_id": order["id"],
        "request_type": "REFUND",
        "reason_name": names[0],
        "order_line_item_ids": ids[1:],
    }
    calculate = "/return_refund/202309/refunds/calculate"
    preview = desk.data(desk.post(calculate, asked))["order_refund_amount"]
    assert desk.give_back(order, names[0], **body)["code"] == 0
    made = desk.returns(order)[1]
    assert preview == made["refund_amount"]
    assert desk.post(calculate, asked | {"order_id": "57"})["code"] == 25007006
    for change in ({"request_type": "GIFT"}, {"reason_name": "none"}, {"skus": 5}):
        assert desk.post(calculate, asked | change)["code"] == 25001001
