"""Returns: asked for, read, and answered once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    Answered,
    Decision,
    RefundAmounts,
    ReturnKind,
    ReturnPage,
    ReturnStatus,
)
from apps.integrations.tiktok.aftersales.returns import (
    return_from_json,
    return_page_from_json,
)
from tests.integrations.tiktok.fakes import NOW, FakeSession, make_client, success
from tests.integrations.tiktok.fulfilment_payloads import (
    ORDER_ID,
    make_refund,
    make_return,
)
from tests.integrations.tiktok.odd_values import anything
from tests.integrations.tiktok.payloads import PLACED
from tests.integrations.tiktok.test_cancellation_calls import REFUND

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)
RETURN_ID = "4037000000000000001"
PART = RefundAmounts("MYR", total=Decimal("12.50"))


def at(seconds):
    return datetime.fromtimestamp(PLACED + seconds, tz=UTC)


def page_of(*ids, token=""):
    rows = [make_return(return_id=each) for each in ids]
    return success({"return_orders": rows, "next_page_token": token})


def test_a_search_pages_in_the_query_and_filters_in_the_body():
    session = FakeSession(page_of("1", token="p2"))

    page = make_client(session).search_returns(SINCE, UNTIL, page_token="p1")

    [sent] = session.sent
    assert sent.url.endswith("/return_refund/202309/returns/search")
    assert (
        sent.params.items()
        >= {
            "page_size": "50",
            "page_token": "p1",
            "sort_field": "update_time",
            "sort_order": "ASC",
        }.items()
    )
    assert sent.json == {"update_time_ge": 1789996400, "update_time_lt": 1790000000}
    assert [each.remote_id for each in page.returns] == ["1"]
    assert page.next_page_token == "p2"
    empty = make_client(FakeSession()).search_returns(UNTIL, SINCE)
    assert empty == ReturnPage((), total_count=0)


def test_a_return_is_told_in_our_words():
    row = make_return()

    told = return_from_json(row)

    assert (told.remote_id, told.order_id) == (RETURN_ID, ORDER_ID)
    assert (told.kind, told.kind_text) == (
        ReturnKind.RETURN_AND_REFUND,
        "RETURN_AND_REFUND",
    )
    assert (told.status, told.status_text) == (
        ReturnStatus.BUYER_SHIPPED,
        "BUYER_SHIPPED_ITEM",
    )
    assert (told.role, told.reason, told.reason_text) == (
        "BUYER",
        "buyer_return_reason_wrong_colour",
        "Wrong colour",
    )
    assert told.arbitration == "IN_PROGRESS"
    # The first of two.
    assert (told.next_action, told.respond_by_at) == (
        "SELLER_RESPOND_RECEIVE_PACKAGE",
        at(180_000),
    )
    assert (told.created_at, told.updated_at) == (at(90_000), at(95_000))
    assert (told.shipment_type, told.handover_method) == ("PLATFORM", "DROP_OFF")
    assert (told.tracking_number, told.carrier) == ("RB-9001", "Back Parcel")
    assert (told.keeps_goods, told.is_quick_refund) == (False, True)
    assert told.offered_amount == Decimal("12.25")
    assert (told.previous_id, told.next_id) == (
        "4037000000000000000",
        "4037000000000000002",
    )
    assert told.refund == REFUND
    assert [(line.remote_id, line.unit_id) for line in told.lines] == [
        ("4038000000000000001", "581000000000000011"),
        ("4038000000000000002", "581000000000000012"),
    ]
    assert told.raw == row
    assert told.refunded_at is None


STATUSES = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnStatus.PENDING,
    "REFUND_OR_RETURN_REQUEST_REJECT": ReturnStatus.REJECTED,
    "AWAITING_BUYER_SHIP": ReturnStatus.AWAITING_BUYER_SHIP,
    "BUYER_SHIPPED_ITEM": ReturnStatus.BUYER_SHIPPED,
    "REJECT_RECEIVE_PACKAGE": ReturnStatus.RECEIVE_REJECTED,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnStatus.SUCCESS,
    "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "RETURN_OR_REFUND__REQUEST_CANCELLED": ReturnStatus.CANCELLED,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
    "AWAITING_BUYER_RESPONSE": ReturnStatus.AWAITING_BUYER_RESPONSE,
    "EXCHANGE_REQUEST_PENDING": ReturnStatus.PENDING,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED_INSTEAD,
    "EXCHANGE_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "EXCHANGE_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
    "REPLACEMENT_REQUEST_PENDING": ReturnStatus.PENDING,
    "REPLACEMENT_REQUEST_REJECT": ReturnStatus.REJECTED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED_INSTEAD,
    "REPLACEMENT_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "REPLACEMENT_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
    "awaiting_buyer_ship": ReturnStatus.AWAITING_BUYER_SHIP,
    "LOST_IN_THE_POST": ReturnStatus.NOT_UNDERSTOOD,
    "": ReturnStatus.NOT_UNDERSTOOD,
}


@pytest.mark.parametrize(("spelling", "status"), STATUSES.items())
def test_each_status_has_its_place_and_keeps_its_words(spelling, status):
    told = return_from_json(make_return(return_status=spelling))

    assert (told.status, told.status_text) == (status, spelling)


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("REFUND", ReturnKind.REFUND),
        ("RETURN_AND_REFUND", ReturnKind.RETURN_AND_REFUND),
        ("REPLACEMENT", ReturnKind.REPLACEMENT),
        ("Exchange", ReturnKind.EXCHANGE),
        ("LOAN", ReturnKind.NOT_UNDERSTOOD),
        ("", ReturnKind.NOT_UNDERSTOOD),
    ],
)
def test_each_kind_has_its_place_and_keeps_its_words(spelling, kind):
    told = return_from_json(make_return(return_type=spelling))

    assert (told.kind, told.kind_text) == (kind, spelling)


@pytest.mark.parametrize(
    ("waits_for", "action", "deadline"),
    [
        (None, "", None),
        ([], "", None),
        ({"action": "SELLER_RESPOND_REFUND"}, "SELLER_RESPOND_REFUND", None),
        (
            [{"action": "Seller_Respond_Return", "deadline": str(PLACED)}],
            "SELLER_RESPOND_RETURN",
            at(0),
        ),
        (
            {"action": "SELLER_RESPOND_REPLACEMENT", "deadline": PLACED * 1000},
            "SELLER_RESPOND_REPLACEMENT",
            at(0),
        ),
        (["?", {"action": "X", "deadline": "soon"}], "X", None),
    ],
)
def test_what_the_platform_waits_for_comes_in_many_shapes(waits_for, action, deadline):
    told = return_from_json(make_return(seller_next_action_response=waits_for))

    assert (told.next_action, told.respond_by_at) == (action, deadline)


def test_what_is_not_said_stays_unknown():
    told = return_from_json({"return_id": 4037, "order_id": "58"})

    assert (told.keeps_goods, told.is_quick_refund, told.offered_amount) == (
        None,
        None,
        None,
    )
    assert (told.created_at, told.updated_at) == (None, None)
    assert (told.refund, told.lines) == (RefundAmounts(), ())
    assert (told.kind, told.status) == (
        ReturnKind.NOT_UNDERSTOOD,
        ReturnStatus.NOT_UNDERSTOOD,
    )


@pytest.mark.parametrize(
    ("changes", "malformed"),
    [
        ({"return_id": 4.0e18}, ("", "the return has no id")),
        ({"order_id": ""}, (RETURN_ID, "the return names no order")),
        ({"create_time": "soon"}, (RETURN_ID, "create_time is not a time")),
        (
            {"partial_refund": {"amount": "half"}},
            (RETURN_ID, "amount is not an amount"),
        ),
        (
            {"return_line_items": [{"refund_amount": make_refund(refund_tax="NaN")}]},
            (RETURN_ID, "refund_tax is not an amount"),
        ),
    ],
)
def test_a_bad_row_is_named_and_spoils_no_other(changes, malformed):
    rows = [make_return(**changes), None, make_return(return_id="2")]

    page = return_page_from_json({"return_orders": rows, "total_count": "3"})

    assert page.malformed == (malformed, ("", "the row is not an object"))
    assert [each.remote_id for each in page.returns] == ["2"]
    assert page.total_count == 3


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(make_return())), anything))
def test_whatever_comes_is_a_return_or_a_reason(changes):
    page = return_page_from_json({"return_orders": [make_return(**changes)]})

    assert len(page.returns) + len(page.malformed) == 1


def test_those_of_orders_are_walked_to_the_last_page():
    session = FakeSession(page_of("1", token="p2"), page_of(), page_of("2"))

    page = make_client(session).returns_of([str(number) for number in range(51)])

    assert [each.remote_id for each in page.returns] == ["1", "2"]
    assert [len(sent.json["order_ids"]) for sent in session.sent] == [50, 50, 1]
    assert {sent.params["page_size"] for sent in session.sent} == {"50"}
    assert make_client(FakeSession()).returns_of([]) == ReturnPage(())


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, {}),
        (
            {"unit_ids": ["11"], "amount": PART},
            {
                "order_line_item_ids": ["11"],
                "refund_total": "12.50",
                "currency": "MYR",
            },
        ),
    ],
)
def test_a_refund_is_started_as_the_seller(options, more):
    session = FakeSession(
        requests.ConnectionError(),
        success({"return_id": 4037, "return_status": "AWAITING_BUYER_SHIP"}),
    )

    answered = make_client(session).create_return(
        ORDER_ID, "damaged", ReturnKind.RETURN_AND_REFUND, key="k1", **options
    )

    for sent in session.sent:
        assert sent.url.endswith("/return_refund/202309/returns")
        assert sent.params["idempotency_key"] == "k1"
        assert (
            sent.json
            == {
                "order_id": ORDER_ID,
                "return_reason": "damaged",
                "return_type": "RETURN_AND_REFUND",
            }
            | more
        )
    assert len(session.sent) == 2
    assert answered == Answered("4037", "AWAITING_BUYER_SHIP")


@pytest.mark.parametrize(
    "kind", [ReturnKind.REPLACEMENT, ReturnKind.EXCHANGE, ReturnKind.NOT_UNDERSTOOD]
)
def test_a_seller_starts_nothing_else(kind):
    with pytest.raises(ValueError, match="cannot start"):
        make_client(FakeSession()).create_return(ORDER_ID, "x", kind, key="k")


@pytest.mark.parametrize(
    "amount", [RefundAmounts("MYR"), RefundAmounts(total=Decimal(1))]
)
def test_a_part_without_amount_or_currency_is_not_sent(amount):
    client = make_client(FakeSession())

    with pytest.raises(ValueError, match="amount and its currency"):
        client.create_return(ORDER_ID, "x", ReturnKind.REFUND, key="k", amount=amount)
    with pytest.raises(ValueError, match="amount and its currency"):
        client.approve_return(
            "4037", Decision.OFFER_PARTIAL_REFUND, key="k", amount=amount
        )


@pytest.mark.parametrize(
    ("decision", "options", "more"),
    [
        (Decision.APPROVE_REFUND, {}, {}),
        (Decision.APPROVE_RETURN, {"keeps_goods": True}, {"buyer_keep_item": True}),
        (Decision.APPROVE_RECEIVED_PACKAGE, {}, {}),
        (Decision.APPROVE_REPLACEMENT, {}, {}),
        (Decision.ISSUE_REPLACEMENT_REFUND, {}, {}),
        (Decision.DIRECT_REFUND, {}, {}),
        (
            Decision.OFFER_PARTIAL_REFUND,
            {"amount": PART},
            {"partial_refund": {"currency": "MYR", "amount": "12.50"}},
        ),
    ],
)
def test_a_return_is_agreed_with(decision, options, more):
    session = FakeSession(requests.ConnectionError(), success({}))

    make_client(session).approve_return(RETURN_ID, decision, key="k", **options)

    for sent in session.sent:
        assert sent.url.endswith(f"/return_refund/202309/returns/{RETURN_ID}/approve")
        assert sent.json == {"decision": decision.name} | more
        assert sent.params["idempotency_key"] == "k"
    assert len(session.sent) == 2


@pytest.mark.parametrize(
    "decision",
    [
        Decision.REJECT_REFUND,
        Decision.REJECT_RETURN,
        Decision.REJECT_RECEIVED_PACKAGE,
        Decision.REJECT_REPLACEMENT,
        Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG,
    ],
)
@pytest.mark.parametrize("comment", ["", "The seal is broken"])
def test_a_return_is_refused(decision, comment):
    session = FakeSession(requests.ConnectionError(), success({}))

    make_client(session).reject_return(
        RETURN_ID, decision, "seal_broken", key="k", comment=comment
    )

    more = {"comment": comment} if comment else {}
    for sent in session.sent:
        assert sent.url.endswith(f"/return_refund/202309/returns/{RETURN_ID}/reject")
        assert (
            sent.json
            == {"decision": decision.name, "reject_reason": "seal_broken"} | more
        )
        assert sent.params["idempotency_key"] == "k"
    assert len(session.sent) == 2


def test_part_of_the_money_is_offered_for_goods_that_came_back():
    session = FakeSession(success({}))
    decision = Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG

    make_client(session).reject_return(
        RETURN_ID, decision, "seal_broken", key="k", amount=PART
    )

    [sent] = session.sent
    assert sent.url.endswith(f"/return_refund/202606/returns/{RETURN_ID}/reject")
    assert sent.json == {
        "decision": "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG",
        "reject_reason": "seal_broken",
        "partial_refund_amount": {"partial_refund_total": "12.50", "currency": "MYR"},
    }


def test_without_a_key_nothing_is_sent():
    client = make_client(FakeSession())

    with pytest.raises(ValueError, match="idempotency key"):
        client.create_return(ORDER_ID, "x", ReturnKind.REFUND, key="")
    with pytest.raises(ValueError, match="idempotency key"):
        client.approve_return(RETURN_ID, Decision.APPROVE_REFUND, key="")
    with pytest.raises(ValueError, match="idempotency key"):
        client.reject_return(RETURN_ID, Decision.REJECT_REFUND, "x", key="")
