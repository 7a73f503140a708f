"""Cancellations: asked for, read, and answered once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    ActionFault,
    Answered,
    CancellationPage,
    CancellationStatus,
    RefundAmounts,
    RequestLine,
)
from apps.integrations.errors import (
    MalformedReply,
    PlatformUnavailable,
    RequestRefused,
)
from apps.integrations.tiktok.aftersales.cancellations import (
    cancellation_from_json,
    cancellation_page_from_json,
)
from tests.integrations.tiktok.fakes import (
    NOW,
    FakeSession,
    failure,
    make_client,
    success,
)
from tests.integrations.tiktok.fulfilment_payloads import (
    ORDER_ID,
    make_cancellation,
    make_refund,
    make_request_line,
)
from tests.integrations.tiktok.odd_values import anything
from tests.integrations.tiktok.payloads import PLACED

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)
CANCEL_ID = "4035000000000000001"
REFUND = RefundAmounts(
    currency="MYR",
    total=Decimal("41.60"),
    subtotal=Decimal("34.50"),
    shipping=Decimal("5.90"),
    tax=Decimal("0.20"),
    fees=Decimal("1.00"),
)
NOTHING_TO_DO = {"seller_next_action_response": None}


def at(seconds):
    return datetime.fromtimestamp(PLACED + seconds, tz=UTC)


def page_of(*ids, token=""):
    rows = [make_cancellation(cancel_id=each) for each in ids]
    return success({"cancellations": rows, "next_page_token": token})


def test_a_search_pages_in_the_query_and_filters_in_the_body():
    session = FakeSession(page_of("1", token="p2"))

    page = make_client(session).search_cancellations(SINCE, UNTIL, page_token="p1")

    [sent] = session.sent
    assert sent.url.endswith("/return_refund/202309/cancellations/search")
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
    assert [each.remote_id for each in page.cancellations] == ["1"]
    assert page.next_page_token == "p2"
    assert make_client(FakeSession()).search_cancellations(UNTIL, SINCE) == (
        CancellationPage((), total_count=0)
    )


def test_a_cancellation_is_told_in_our_words():
    row = make_cancellation()

    cancellation = cancellation_from_json(row)

    assert (cancellation.remote_id, cancellation.order_id) == (CANCEL_ID, ORDER_ID)
    assert cancellation.status is CancellationStatus.PENDING
    assert cancellation.status_text == "CANCELLATION_REQUEST_PENDING"
    assert cancellation.needs_answer is True
    assert (cancellation.role, cancellation.reason, cancellation.reason_text) == (
        "BUYER",
        "buyer_cancel_reason_changed_mind",
        "Changed their mind",
    )
    assert (cancellation.next_action, cancellation.respond_by_at) == (
        "SELLER_RESPOND_CANCEL",
        at(90_000),
    )
    assert (cancellation.created_at, cancellation.updated_at) == (at(900), at(950))
    assert cancellation.refund == REFUND
    assert cancellation.lines == (
        RequestLine(
            remote_id="4036000000000000001",
            unit_id="581000000000000011",
            remote_sku_id="1730000000000000101",
            seller_sku="LAMP-30",
            product_name="Rattan lamp",
            variation="Natural, 30 cm",
            refund=REFUND,
        ),
    )
    assert cancellation.raw == row


@pytest.mark.parametrize(
    ("spelling", "status"),
    [
        ("CANCELLATION_REQUEST_PENDING", CancellationStatus.PENDING),
        ("CANCELLATION_REQUEST_SUCCESS", CancellationStatus.SUCCESS),
        ("CANCELLATION_REQUEST_COMPLETE", CancellationStatus.COMPLETE),
        ("CANCELLATION_REQUEST_CANCEL", CancellationStatus.CANCELLED),
        ("CANCELLATION_REQUEST_CANCELLED", CancellationStatus.CANCELLED),
        ("cancellation_request_success", CancellationStatus.SUCCESS),
        ("CANCELLATION_REQUEST_SLEEPS", CancellationStatus.NOT_UNDERSTOOD),
        ("", CancellationStatus.NOT_UNDERSTOOD),
    ],
)
def test_each_status_has_its_place_and_keeps_its_words(spelling, status):
    cancellation = cancellation_from_json(make_cancellation(cancel_status=spelling))

    assert (cancellation.status, cancellation.status_text) == (status, spelling)


@pytest.mark.parametrize(
    ("changes", "needs_answer"),
    [
        ({"cancel_type": "BUYER_CANCEL"} | NOTHING_TO_DO, True),
        ({"cancel_type": "REQUEST_CANCEL_REFUND"} | NOTHING_TO_DO, True),
        ({"cancel_type": "CANCEL"} | NOTHING_TO_DO, False),
        ({"cancel_type": "CANCEL"}, True),
        ({"cancel_type": ""} | NOTHING_TO_DO, None),
        ({"cancel_type": "WISH"} | NOTHING_TO_DO, None),
        (
            {
                "cancel_type": "",
                "seller_next_action_response": {
                    "action": "SELLER_RESPOND_BUYER_CANCEL"
                },
            },
            True,
        ),
        ({"cancel_status": "CANCELLATION_REQUEST_SUCCESS"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_COMPLETE"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_CANCELLED"}, False),
        ({"cancel_status": "NEW"}, True),
        ({"cancel_status": "NEW"} | NOTHING_TO_DO, None),
    ],
)
def test_whether_the_seller_must_answer(changes, needs_answer):
    cancellation = cancellation_from_json(make_cancellation(**changes))

    assert cancellation.needs_answer is needs_answer


def test_what_is_not_said_stays_unknown():
    cancellation = cancellation_from_json({"cancel_id": 4035, "order_id": 58})

    assert (cancellation.remote_id, cancellation.order_id) == ("4035", "58")
    assert cancellation.refund == RefundAmounts()
    assert (cancellation.updated_at, cancellation.respond_by_at) == (None, None)
    assert (cancellation.needs_answer, cancellation.lines) == (None, ())


def test_fees_are_unknown_only_if_none_is_told():
    told = cancellation_from_json(
        make_cancellation(refund_amount=[make_refund(retail_delivery_fee=None)])
    )
    silent = cancellation_from_json(
        make_cancellation(refund_amount={"refund_total": 5, "buyer_service_fee": ""})
    )

    assert told.refund.fees == Decimal("0.70")
    assert silent.refund == RefundAmounts(total=Decimal(5))


def test_no_two_lines_of_a_request_have_the_same_id():
    rows = [
        make_request_line(cancel_line_item_id="7"),
        make_request_line(cancel_line_item_id="7"),
        make_request_line(),
        make_request_line(order_line_item_id=""),
        {},
        {},
        make_request_line(
            cancel_line_item_id="9",
            cancel_sub_line_items=[{"cancel_sub_line_item_id": "10"}],
        ),
    ]

    lines = cancellation_from_json(make_cancellation(cancel_line_items=rows)).lines

    assert [line.remote_id for line in lines] == [
        "7",
        "7#2",
        "581000000000000011",
        "1730000000000000101",
        "#5",
        "#6",
        "9",
    ]


@pytest.mark.parametrize(
    ("changes", "malformed"),
    [
        ({"cancel_id": ""}, ("", "the cancellation has no id")),
        ({"order_id": None}, (CANCEL_ID, "the cancellation names no order")),
        ({"update_time": "soon"}, (CANCEL_ID, "update_time is not a time")),
        (
            {"refund_amount": make_refund(refund_total="12,50")},
            (CANCEL_ID, "refund_total is not an amount"),
        ),
    ],
)
def test_a_bad_row_is_named_and_spoils_no_other(changes, malformed):
    rows = [make_cancellation(**changes), make_cancellation(cancel_id="2"), "?"]

    page = cancellation_page_from_json({"cancellations": rows})

    assert page.malformed == (malformed, ("", "the row is not an object"))
    assert [each.remote_id for each in page.cancellations] == ["2"]
    assert cancellation_page_from_json({}) == CancellationPage(())


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(make_cancellation())), anything))
def test_whatever_comes_is_a_cancellation_or_a_reason(changes):
    page = cancellation_page_from_json(
        {"cancellations": [make_cancellation(**changes)]}
    )

    assert len(page.cancellations) + len(page.malformed) == 1
    for cancellation in page.cancellations:
        ids = [line.remote_id for line in cancellation.lines]
        assert len(set(ids)) == len(ids)


def test_those_of_orders_are_walked_to_the_last_page():
    ids = [str(number) for number in range(60)]
    session = FakeSession(page_of("1", token="p2"), page_of("2"), page_of("3"))

    page = make_client(session).cancellations_of([*ids, "0"])

    assert [each.remote_id for each in page.cancellations] == ["1", "2", "3"]
    assert [len(sent.json["order_ids"]) for sent in session.sent] == [50, 50, 10]
    assert [sent.params.get("page_token") for sent in session.sent] == [
        None,
        "p2",
        None,
    ]
    assert make_client(FakeSession()).cancellations_of([]) == CancellationPage(())


def test_single_ones_are_asked_for_by_their_ids():
    session = FakeSession(page_of("1"))

    page = make_client(session).get_cancellations(["1", "2"])

    assert [each.remote_id for each in page.cancellations] == ["1"]
    assert session.sent[0].json == {"cancel_ids": ["1", "2"]}


def test_going_in_circles_is_noticed():
    session = FakeSession(page_of("1", token="p2"), page_of("2", token="p2"))

    with pytest.raises(MalformedReply, match="page we have been on"):
        make_client(session).cancellations_of(["58"])


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, {}),
        ({"unit_ids": ["11", "12"]}, {"order_line_item_ids": ["11", "12"]}),
        ({"skus": {"1730": 2}}, {"skus": [{"sku_id": "1730", "quantity": 2}]}),
    ],
)
def test_an_order_is_cancelled_as_its_seller(options, more):
    session = FakeSession(
        success(
            {
                "cancel_id": 4035000000000000001,
                "cancel_status": "CANCELLATION_REQUEST_SUCCESS",
            }
        )
    )

    answered = make_client(session).cancel_order(ORDER_ID, "out_of_stock", **options)

    [sent] = session.sent
    assert sent.url.endswith("/return_refund/202309/cancellations")
    assert sent.json == {"order_id": ORDER_ID, "cancel_reason": "out_of_stock"} | more
    assert "idempotency_key" not in sent.params
    assert answered == Answered(CANCEL_ID, "CANCELLATION_REQUEST_SUCCESS")


def test_an_answer_without_an_id_is_no_error_after_a_write():
    client = make_client(FakeSession(success()))

    assert client.cancel_order(ORDER_ID, "out_of_stock") == Answered("", "")


def test_a_wish_is_granted_with_a_key_that_signs_and_repeats():
    session = FakeSession(
        requests.ConnectionError(), failure(25001028, "lock"), success({})
    )

    make_client(session).approve_cancellation(CANCEL_ID, key="key-1")

    assert {sent.params["idempotency_key"] for sent in session.sent} == {"key-1"}
    assert len(session.sent) == 3
    assert session.sent[0].json == {}
    assert session.sent[0].url.endswith(f"/cancellations/{CANCEL_ID}/approve")


@pytest.mark.parametrize(
    ("options", "more"), [({}, {}), ({"comment": "It is packed"},) * 2]
)
def test_a_wish_is_refused(options, more):
    session = FakeSession(requests.ConnectionError(), success({}))

    make_client(session).reject_cancellation(CANCEL_ID, "packed", key="k", **options)

    for sent in session.sent:
        assert sent.url.endswith(
            f"/return_refund/202309/cancellations/{CANCEL_ID}/reject"
        )
        assert sent.json == {"reject_reason": "packed"} | more
        assert sent.params["idempotency_key"] == "k"


def test_without_a_key_nothing_is_sent():
    client = make_client(FakeSession())

    with pytest.raises(ValueError, match="idempotency key"):
        client.approve_cancellation(CANCEL_ID, key="")
    with pytest.raises(ValueError, match="idempotency key"):
        client.reject_cancellation(CANCEL_ID, "packed", key="")


def test_a_refusal_says_what_can_be_done():
    session = FakeSession(failure(25020009, "reverse already cancelled"))

    with pytest.raises(RequestRefused) as error:
        make_client(session).approve_cancellation(CANCEL_ID, key="k")

    assert error.value.fault is ActionFault.REREAD
    assert error.value.said == "reverse already cancelled"


def test_a_key_does_not_make_patience_endless():
    session = FakeSession(*[failure(36009003)] * 5)

    with pytest.raises(PlatformUnavailable):
        make_client(session).approve_cancellation(CANCEL_ID, key="k")
    assert session.script == []
