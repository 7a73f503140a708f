"""What may be done after a sale, why, and for how much."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    Eligibility,
    RefundAmounts,
    RequestReason,
    RequestRecord,
)
from apps.integrations.errors import OurFault
from apps.integrations.tiktok.aftersales.questions import (
    eligibility_from_json,
    reasons_from_json,
    records_from_json,
)
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success
from tests.integrations.tiktok.fulfilment_payloads import ORDER_ID, make_refund
from tests.integrations.tiktok.odd_values import anything
from tests.integrations.tiktok.payloads import PLACED


def test_reasons_are_told_in_a_language():
    rows = [
        {"name": "seller_reject_apply_agreed", "text": "You have agreed otherwise"},
        {"name": "without_words"},
        {"text": "without a name"},
        "?",
    ]
    session = FakeSession(success({"reasons": rows}))

    reasons = make_client(session).reject_reasons("4037", locale="th-TH")

    [sent] = session.sent
    assert (sent.method, sent.body) == ("GET", b"")
    assert sent.url.endswith("/return_refund/202309/reject_reasons")
    assert sent.params.items() >= (
        {"return_or_cancel_id": "4037", "locale": "th-TH"}.items()
    )
    assert reasons == [
        RequestReason("seller_reject_apply_agreed", "You have agreed otherwise"),
        RequestReason("without_words", "without_words"),
    ]


def test_the_story_of_a_return_is_told():
    rows = [
        {
            "event": "ORDER_RETURN",
            "role": "Buyer",
            "description": "Asked for a return",
            "reason_text": "Wrong colour",
            "note": "It is blue",
            "create_time": PLACED,
            "images": [
                {"url": "https://p16.img.example/1.jpeg", "width": 9},
                {"url": "javascript:alert(1)"},
                {},
            ],
        },
        {"event": "X", "role": "SYSTEM", "reason_text": "Late", "create_time": "soon"},
        "?",
    ]
    session = FakeSession(success({"records": rows}))

    records = make_client(session).return_records("4037")

    [sent] = session.sent
    assert sent.url.endswith("/return_refund/202309/returns/4037/records")
    assert sent.params["locale"] == "en-US"
    assert records == [
        RequestRecord(
            event="ORDER_RETURN",
            role="BUYER",
            description="Asked for a return",
            note="It is blue",
            happened_at=datetime.fromtimestamp(PLACED, tz=UTC),
            image_urls=("https://p16.img.example/1.jpeg",),
        ),
        RequestRecord("X", "SYSTEM", "Late", "", None),
    ]


ROWS = [
    {
        "sku_id": 1730000000000000101,
        "line_item_eligibility": [
            {
                "request_type": "Cancel",
                "order_line_items_ids": ["11", 12],
                "eligible": True,
                "ineligible_reason": "said all the same",
                "available_reason_names": ["out_of_stock", "wrong_price", ""],
            },
            {
                "request_type": "REFUND",
                "order_line_item_ids": "11",
                "eligible": "false",
                "ineligible_code": 25001001,
                "ineligible_reason": "invalid order status",
            },
            "?",
        ],
    },
    {"sku_id": "2", "line_item_eligibility": {"request_type": "RETURN_AND_REFUND"}},
    {"sku_id": "3"},
]


def test_what_can_be_asked_for_comes_with_its_reasons():
    session = FakeSession(success({"sku_eligibility": ROWS}))

    eligible = make_client(session).eligibility(ORDER_ID, role="BUYER")

    [sent] = session.sent
    assert sent.url.endswith(
        f"/return_refund/202602/orders/{ORDER_ID}/aftersale_eligibility"
    )
    assert sent.params["initiate_aftersale_user"] == "BUYER"
    assert eligible == [
        Eligibility(
            request="CANCEL",
            remote_sku_id="1730000000000000101",
            unit_ids=("11", "12"),
            is_eligible=True,
            reasons=("out_of_stock", "wrong_price"),
        ),
        Eligibility(
            request="REFUND",
            remote_sku_id="1730000000000000101",
            unit_ids=("11",),
            is_eligible=False,
            why_not="invalid order status",
        ),
        Eligibility(
            request="RETURN_AND_REFUND",
            remote_sku_id="2",
            unit_ids=(),
            is_eligible=False,
        ),
    ]


def test_where_the_newer_version_is_not_known_the_older_is_asked():
    session = FakeSession(
        failure(36009014, "Invalid API version"), success({"sku_eligibility": ROWS[1:]})
    )

    [eligible] = make_client(session).eligibility(ORDER_ID)

    assert eligible.reasons == ()
    assert session.sent[1].url.endswith(
        f"/return_refund/202309/orders/{ORDER_ID}/aftersale_eligibility"
    )
    assert session.sent[1].params["initiate_aftersale_user"] == "SELLER"
    with pytest.raises(OurFault):
        make_client(FakeSession(failure(106013))).eligibility(ORDER_ID)


@pytest.mark.parametrize(
    ("options", "more"),
    [({}, {}), ({"unit_ids": ["11"]}, {"order_line_item_ids": ["11"]})],
)
def test_a_refund_is_worked_out_and_nothing_is_asked_for(options, more):
    session = FakeSession(
        failure(36009003), success({"order_refund_amount": make_refund()})
    )

    amounts = make_client(session).refund_preview(
        ORDER_ID, "REFUND", "damaged", **options
    )

    sent = session.sent[-1]
    assert len(session.sent) == 2
    assert sent.url.endswith("/return_refund/202309/refunds/calculate")
    assert (
        sent.json
        == {"order_id": ORDER_ID, "request_type": "REFUND", "reason_name": "damaged"}
        | more
    )
    assert (amounts.total, amounts.fees) == (Decimal("41.60"), Decimal("1.00"))
    silent = make_client(FakeSession(success({})))
    assert silent.refund_preview(ORDER_ID, "REFUND", "x") == RefundAmounts()


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["reasons", "records", "sku_eligibility"]), anything
    )
)
def test_whatever_is_answered_is_read(data):
    assert all(reason.text for reason in reasons_from_json(data))
    assert isinstance(records_from_json(data), list)
    assert isinstance(eligibility_from_json(data), list)
