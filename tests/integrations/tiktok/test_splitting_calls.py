"""Splitting orders, and combining them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import ActionFault, Combinable, SplitAdvice
from apps.integrations.tiktok.fulfilment.splitting import (
    advice_from_json,
    combinable_from_json,
    split_from_json,
)
from tests.integrations.tiktok.fakes import FakeSession, make_client, success
from tests.integrations.tiktok.fulfilment_payloads import ORDER_ID, PACKAGE_ID
from tests.integrations.tiktok.odd_values import anything


def advised(order_id, *, can=False, must=False, reasons=()):
    return SplitAdvice(order_id, can_split=can, must_split=must, reasons=reasons)


def test_advice_is_asked_for_fifty_orders_a_call_and_each_once():
    ids = [str(number) for number in range(60)]
    rows = [
        {"order_id": 1, "can_split": True, "must_split": "false"},
        {"order_id": "2", "can_split": False, "reason": "Order has been cancelled"},
        {
            "order_id": "3",
            "can_split": "true",
            "must_split": True,
            "must_split_reasons": [
                {"type": "max_count", "category_id": "5", "max_count": 2},
                "TOO_HEAVY",
            ],
        },
        {"order_id": "4"},
        {"can_split": True},
        "?",
    ]
    session = FakeSession(success({"split_attributes": rows}), success({}))

    advice = make_client(session).split_advice([*ids, "0"])

    assert [sent.params["order_ids"].count(",") for sent in session.sent] == [49, 9]
    assert session.sent[0].url.endswith("/fulfillment/202309/orders/split_attributes")
    assert advice == [
        advised("1", can=True),
        advised("2", reasons=("Order has been cancelled",)),
        advised("3", can=True, must=True, reasons=("MAX_COUNT", "TOO_HEAVY")),
        advised("4"),
    ]


def test_an_order_is_split_by_names_of_ours():
    session = FakeSession(
        success(
            {
                "packages": [
                    {"splittable_group_id": "b", "id": 1160000000000000002},
                    {"splittable_group_id": "a", "id": "1160000000000000003"},
                    {"splittable_group_id": "c"},
                ]
            }
        )
    )

    packages = make_client(session).split(ORDER_ID, {"a": ["11"], "b": ("12", "13")})

    [sent] = session.sent
    assert sent.url.endswith(f"/fulfillment/202309/orders/{ORDER_ID}/split")
    assert sent.json == {
        "splittable_groups": [
            {"id": "a", "order_line_item_ids": ["11"]},
            {"id": "b", "order_line_item_ids": ["12", "13"]},
        ]
    }
    assert packages == {"a": "1160000000000000003", "b": "1160000000000000002"}


def test_what_could_be_combined_comes_in_pages():
    session = FakeSession(
        success(
            {
                "combinable_packages": [
                    {"id": "9", "order_ids": ["1", 2, "1"]},
                    {"id": "8", "order_ids": []},
                    {"order_ids": ["3", "4"]},
                ],
                "next_page_token": "p2",
            }
        ),
        success({}),
    )
    client = make_client(session)

    assert client.combinable() == ([Combinable("9", ("1", "2"))], "p2")
    assert client.combinable(page_token="p2") == ([], "")
    first, second = session.sent
    assert (first.method, first.body) == ("GET", b"")
    assert first.url.endswith("/fulfillment/202309/combinable_packages/search")
    assert (first.params["page_size"], second.params["page_token"]) == ("50", "p2")
    assert "page_token" not in first.params


def test_offers_are_taken_and_each_answers_for_itself():
    session = FakeSession(
        success(
            {
                "errors": [
                    {
                        "code": 10007014,
                        "message": "fulfillment not allow combine package",
                        "detail": {"package_id": "9"},
                    }
                ],
                "packages": [{"id": "77", "order_ids": ["3", "4"]}],
            }
        )
    )

    failures = make_client(session).combine(
        [Combinable("9", ("1", "2")), Combinable("8", ("3", "4"))]
    )

    [sent] = session.sent
    assert sent.url.endswith("/fulfillment/202309/packages/combine")
    assert sent.json == {
        "combinable_packages": [
            {"id": "9", "order_ids": ["1", "2"]},
            {"id": "8", "order_ids": ["3", "4"]},
        ]
    }
    assert [(each.remote_id, each.fault) for each in failures] == [
        ("9", ActionFault.STOP)
    ]


@pytest.mark.parametrize(
    ("order_ids", "body"), [((), {}), (("1", "2"), {"order_ids": ["1", "2"]})]
)
def test_orders_are_taken_out_again(order_ids, body):
    session = FakeSession(success({"packages": []}))

    make_client(session).uncombine(PACKAGE_ID, order_ids)

    [sent] = session.sent
    assert sent.url.endswith(f"/fulfillment/202309/packages/{PACKAGE_ID}/uncombine")
    assert sent.json == body


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["split_attributes", "packages", "combinable_packages"]),
        anything,
    )
)
def test_whatever_is_answered_is_read(data):
    assert all(advice.order_id for advice in advice_from_json(data))
    assert all(split_from_json(data).values())
    assert all(offer.order_ids for offer in combinable_from_json(data))
