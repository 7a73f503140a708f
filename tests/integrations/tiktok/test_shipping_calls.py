"""Shipping: what is sent, what is answered, and that nothing is sent twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    ActionFault,
    Handover,
    Marked,
    OwnShipment,
    PickupSlot,
    Shipment,
)
from apps.integrations.errors import (
    PlatformError,
    PlatformUnavailable,
    RateLimited,
    RequestRefused,
)
from apps.integrations.tiktok.fulfilment.batches import failures_from_json
from apps.integrations.tiktok.fulfilment.shipping import (
    handover_from_json,
    marked_from_json,
)
from tests.integrations.tiktok.fakes import FakeSession, failure, make_client, success
from tests.integrations.tiktok.fulfilment_payloads import ORDER_ID, PACKAGE_ID
from tests.integrations.tiktok.odd_values import anything
from tests.integrations.tiktok.payloads import PLACED

OWN = OwnShipment("QP770001", "6617000000000000009")
OWN_BODY = {
    "tracking_number": "QP770001",
    "shipping_provider_id": "6617000000000000009",
}


def at(seconds):
    return datetime.fromtimestamp(PLACED + seconds, tz=UTC)


SLOT = PickupSlot(at(0), at(3600))


def refused(*package_ids, code=21011020, message="These orders are already shipped"):
    return success(
        {
            "errors": [
                {"code": code, "message": message, "detail": {"package_id": each}}
                for each in package_ids
            ]
        }
    )


def test_slots_are_told_with_the_platforms_misspelling_and_without():
    handover = handover_from_json(
        {
            "can_pickup": True,
            "can_drop_off": "true",
            "can_van_collection": True,
            "drop_off_point_url": "https://points.example/near",
            "pickup_slots": [
                {"start_time": PLACED, "end_time": PLACED + 3600, "avaliable": True},
                {"start_time": PLACED, "end_time": PLACED + 60, "available": False},
                {"start_time": PLACED, "end_time": PLACED + 60, "avaliable": "false"},
                {"start_time": PLACED * 1000, "end_time": (PLACED + 60) * 1000},
                {"start_time": PLACED},
                "?",
            ],
        }
    )

    assert handover == Handover(
        can_pick_up=True,
        can_drop_off=True,
        drop_off_url="https://points.example/near",
        slots=(
            SLOT,
            PickupSlot(at(0), at(60), is_free=False),
            PickupSlot(at(0), at(60), is_free=False),
            PickupSlot(at(0), at(60)),
        ),
    )


def test_a_link_that_is_none_is_left_out():
    for said in ("true", "javascript:alert(1)", None):
        handover = handover_from_json({"drop_off_point_url": said})
        assert handover == Handover(can_pick_up=False, can_drop_off=False)


def test_how_a_package_is_handed_over_is_asked_for():
    session = FakeSession(requests.ConnectionError(), success({"can_pickup": True}))

    assert make_client(session).handover(PACKAGE_ID).can_pick_up
    assert session.sent[1].url.endswith(
        f"/fulfillment/202309/packages/{PACKAGE_ID}/handover_time_slots"
    )


@pytest.mark.parametrize(
    ("shipment", "body"),
    [
        (Shipment(PACKAGE_ID), {}),
        (Shipment(PACKAGE_ID, "DROP_OFF"), {"handover_method": "DROP_OFF"}),
        (
            Shipment(PACKAGE_ID, "PICKUP", SLOT),
            {
                "handover_method": "PICKUP",
                "pickup_slot": {"start_time": PLACED, "end_time": PLACED + 3600},
            },
        ),
        (Shipment(PACKAGE_ID, own=OWN), {"self_shipment": OWN_BODY}),
    ],
)
def test_only_what_was_chosen_is_sent(shipment, body):
    session = FakeSession(success({}))

    make_client(session).ship_package(shipment)

    [sent] = session.sent
    assert (sent.method, sent.json) == ("POST", body)
    assert sent.url.endswith(f"/fulfillment/202309/packages/{PACKAGE_ID}/ship")


def calls(client):
    """Each write that goes without a key."""
    return {
        "ship": lambda: client.ship_package(Shipment(PACKAGE_ID)),
        "ship many": lambda: client.ship_packages([Shipment(PACKAGE_ID)]),
        "mark": lambda: client.mark_shipped(ORDER_ID, [], OWN),
        "order tracking": lambda: client.update_order_tracking(ORDER_ID, OWN),
        "package tracking": lambda: client.update_package_tracking(PACKAGE_ID, OWN),
        "deliver": lambda: client.deliver([PACKAGE_ID]),
        "buy": lambda: client.buy_label(ORDER_ID, [], "7"),
        "split": lambda: client.split(ORDER_ID, {"1": ["2"]}),
        "uncombine": lambda: client.uncombine(PACKAGE_ID),
        "cancel": lambda: client.cancel_order(ORDER_ID, "out_of_stock"),
    }


@pytest.mark.parametrize("name", calls(None))
@pytest.mark.parametrize(
    ("trouble", "kind", "may_be_done"),
    [
        (requests.ReadTimeout(), PlatformUnavailable, True),
        (requests.ConnectionError(), PlatformUnavailable, True),
        (failure(36009007, "timeout"), PlatformUnavailable, True),
        (failure(21001011, "System process error"), PlatformUnavailable, True),
        (failure(36009002, "too many", status=429), RateLimited, False),
    ],
)
def test_a_write_is_never_repeated_unasked(name, trouble, kind, may_be_done):
    session = FakeSession(trouble)

    with pytest.raises(kind) as error:
        calls(make_client(session))[name]()

    assert len(session.sent) == 1
    assert error.value.fault is ActionFault.RETRY
    assert error.value.may_be_done is may_be_done


def test_a_refusal_carries_the_platforms_own_code_and_words():
    session = FakeSession(failure(21011022, "Invalid tracking number or provider ID"))

    with pytest.raises(RequestRefused) as error:
        make_client(session).ship_package(Shipment(PACKAGE_ID, own=OWN))

    assert (error.value.code, error.value.said) == (
        21011022,
        "Invalid tracking number or provider ID",
    )
    assert error.value.fault is ActionFault.INPUT
    assert not error.value.may_be_done
    assert "tracking number or carrier is not accepted" in error.value.message


def test_several_are_shipped_in_parts_and_each_answers_for_itself():
    ids = [str(number) for number in range(60)]
    session = FakeSession(refused("3", "7"), refused("55", code=21011041))

    failures = make_client(session).ship_packages(
        [Shipment(ids[0], "PICKUP", SLOT), *map(Shipment, ids)]
    )

    first, second = session.sent
    assert first.url.endswith("/fulfillment/202309/packages/ship")
    assert [len(sent.json["packages"]) for sent in (first, second)] == [50, 10]
    assert first.json["packages"][1] == {"id": "1"}
    assert [(each.remote_id, each.code, each.fault) for each in failures] == [
        ("3", 21011020, ActionFault.DONE_BEFORE),
        ("7", 21011020, ActionFault.DONE_BEFORE),
        ("55", 21011041, ActionFault.STOP),
    ]
    assert failures[0].message == "These orders are already shipped"
    assert failures[0].meaning.startswith("It was shipped before.")
    assert make_client(FakeSession()).ship_packages([]) == []


def test_where_a_part_fails_it_is_known_how_far_it_had_come():
    ids = [str(number) for number in range(120)]
    session = FakeSession(refused("3"), requests.ReadTimeout())

    with pytest.raises(PlatformError) as error:
        make_client(session).ship_packages([Shipment(each) for each in ids])

    progress = error.value.progress
    assert progress is not None
    assert progress.taken == tuple(each for each in ids[:50] if each != "3")
    assert [each.remote_id for each in progress.failures] == ["3"]
    assert (progress.unsure, progress.unsent) == (tuple(ids[50:100]), tuple(ids[100:]))


@pytest.mark.parametrize(
    ("data", "blamed"),
    [
        ({}, []),
        ({"errors": None}, []),
        ({"errors": []}, []),
        ({"errors": {"code": 1, "detail": {"package_id": 2}}}, ["2"]),
        # Nobody knows whose these are.
        ({"errors": [{"code": 1}]}, ["1", "2"]),
        ({"errors": ["broken"]}, ["1", "2"]),
        ({"errors": [{"code": 1, "detail": {"package_id": "9"}}]}, ["1", "2"]),
        ({"errors": [{"code": 1}], "packages": [{"id": "1"}]}, ["2"]),
        ({"errors": [{"code": 1}], "packages": [{"id": "1"}, {"id": "2"}]}, ["1", "2"]),
    ],
)
def test_nothing_counts_as_done_that_may_have_been_refused(data, blamed):
    failures = failures_from_json(data, ["1", "2"])

    assert [each.remote_id for each in failures] == blamed


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["errors", "packages"]), anything))
def test_whatever_is_answered_blames_only_what_was_sent(data):
    failures = failures_from_json(data, ["1", "2"])

    assert {each.remote_id for each in failures} <= {"1", "2"}
    assert all(each.message for each in failures)


@pytest.mark.parametrize(
    ("unit_ids", "more"),
    [([], {}), (["11", "12"], {"order_line_item_ids": ["11", "12"]})],
)
def test_units_are_marked_as_shipped(unit_ids, more):
    session = FakeSession(
        success(
            {
                "order_id": ORDER_ID,
                "package_id": PACKAGE_ID,
                "warning": {"message": "match more than one provider"},
            }
        )
    )

    marked = make_client(session).mark_shipped(ORDER_ID, unit_ids, OWN)

    [sent] = session.sent
    assert sent.url.endswith(f"/fulfillment/202309/orders/{ORDER_ID}/packages")
    assert sent.json == OWN_BODY | more
    assert marked == Marked(PACKAGE_ID, "match more than one provider")


@pytest.mark.parametrize(
    ("data", "warning"),
    [
        ({}, ""),
        ({"warning": None}, ""),
        ({"warning": {}}, ""),
        ({"warning": "careful"}, "careful"),
        ({"warnings": [{"message": "one"}, "two", {}]}, "one two"),
    ],
)
def test_a_warning_is_read_in_any_shape(data, warning):
    assert marked_from_json(data) == Marked("", warning)


@pytest.mark.parametrize(
    ("update", "path"),
    [
        ("update_order_tracking", "orders"),
        ("update_package_tracking", "packages"),
    ],
)
def test_tracking_is_corrected(update, path):
    session = FakeSession(success({}))

    getattr(make_client(session), update)("58", OWN)

    [sent] = session.sent
    assert sent.url.endswith(f"/fulfillment/202309/{path}/58/shipping_info/update")
    assert (sent.method, sent.json) == ("POST", OWN_BODY)


@pytest.mark.parametrize(
    ("failed_because", "said"),
    [
        ("", {"delivery_type": "DELIVERY_SUCCESS"}),
        (
            "BUYER_REFUSED",
            {
                "delivery_type": "DELIVERY_FAILED",
                "fail_delivery_reason": "BUYER_REFUSED",
            },
        ),
    ],
)
def test_the_own_fleet_says_what_it_delivered(failed_because, said):
    session = FakeSession(refused("2", code=21011028, message="not yours"))

    failures = make_client(session).deliver(
        ["1", "2", "1"], failed_because=failed_because
    )

    [sent] = session.sent
    assert sent.url.endswith("/fulfillment/202309/packages/deliver")
    assert sent.json == {"packages": [{"id": "1", **said}, {"id": "2", **said}]}
    assert [(each.remote_id, each.fault) for each in failures] == [
        ("2", ActionFault.STOP)
    ]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["can_pickup", "pickup_slots"]), anything))
def test_whatever_is_said_of_a_handover_is_read(data: dict[str, Any]):
    assert isinstance(handover_from_json(data), Handover)
