"""Packages: asked for as documented, read whatever shape they come in."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.contracts import (
    ActionFault,
    PackagePage,
    PackageStatus,
    RemoteTrackingStep,
    ShippingType,
)
from apps.integrations.errors import MalformedReply, NotFound, PlatformUnavailable
from apps.integrations.tiktok.fulfilment.packages import (
    package_from_json,
    package_page_from_json,
    tracking_from_json,
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
    PACKAGE_ID,
    make_found_package,
    make_package,
)
from tests.integrations.tiktok.odd_values import anything
from tests.integrations.tiktok.payloads import PLACED

SINCE = datetime.fromtimestamp(NOW - 3600, tz=UTC)
UNTIL = datetime.fromtimestamp(NOW, tz=UTC)


def at(seconds):
    return datetime.fromtimestamp(PLACED + seconds, tz=UTC)


def test_a_search_pages_in_the_query_and_filters_in_the_body():
    session = FakeSession(
        success(
            {
                "packages": [make_found_package()],
                "next_page_token": "p2/+=",
                "total_count": 71,
            }
        )
    )

    page = make_client(session).search_packages(SINCE, UNTIL, page_token="p1")

    [sent] = session.sent
    assert sent.method == "POST"
    assert sent.url.endswith("/fulfillment/202309/packages/search")
    assert (
        sent.params.items()
        >= {
            "page_size": "50",
            "page_token": "p1",
            "sort_field": "update_time",
            "sort_order": "ASC",
            "shop_cipher": "GCP_planted-cipher-77",
        }.items()
    )
    assert sent.json == {"update_time_ge": 1789996400, "update_time_lt": 1790000000}
    assert (page.next_page_token, page.total_count) == ("p2/+=", 71)
    [package] = page.packages
    assert (package.remote_id, package.status) == (PACKAGE_ID, PackageStatus.TO_FULFILL)
    assert (package.order_ids, package.unit_ids) == (
        (ORDER_ID,),
        ("581000000000000011",),
    )
    # A search does not tell these.
    assert package.shipping_type is ShippingType.UNKNOWN
    assert (package.pickup_from_at, package.split_or_combine) == (None, "")


def test_an_empty_window_is_not_asked_for():
    client = make_client(FakeSession())

    assert client.search_packages(UNTIL, SINCE) == PackagePage((), total_count=0)
    with pytest.raises(ValueError, match="without a zone"):
        client.search_packages(SINCE.replace(tzinfo=None), UNTIL)


def test_a_package_is_told_in_our_words():
    row = make_package()
    session = FakeSession(success(row))

    package = make_client(session).get_package(PACKAGE_ID)

    assert session.sent[0].method == "GET"
    assert session.sent[0].url.endswith(f"/fulfillment/202309/packages/{PACKAGE_ID}")
    assert package.remote_id == PACKAGE_ID
    assert (package.status, package.status_text) == (
        PackageStatus.PROCESSING,
        "PROCESSING",
    )
    assert package.order_ids == (ORDER_ID, "580000000000000002")
    assert package.unit_ids == ("581000000000000011", "581000000000000012")
    assert (package.created_at, package.updated_at) == (at(60), at(3600))
    assert (package.pickup_from_at, package.pickup_until_at) == (at(7200), at(14_400))
    assert (package.sub_status, package.problem) == ("RTS", "")
    assert (package.tracking_number, package.last_mile_tracking_number) == (
        "QP770001",
        "LM55",
    )
    assert (package.carrier, package.carrier_id) == (
        "Quick Parcel",
        "6617000000000000009",
    )
    assert package.shipping_type is ShippingType.PLATFORM
    assert (package.delivery_option, package.delivery_option_id) == (
        "Standard",
        "7091000000000000004",
    )
    assert (package.handover_method, package.split_or_combine) == ("PICKUP", "combined")
    assert package.warehouse == "7100000000000000003"
    assert package.raw == row


@pytest.mark.parametrize(
    ("spelling", "status"),
    [
        ("TO_FULFILL", PackageStatus.TO_FULFILL),
        ("PROCESSING", PackageStatus.PROCESSING),
        ("FULFILLING", PackageStatus.FULFILLING),
        ("COMPLETED", PackageStatus.COMPLETED),
        ("CANCELLED", PackageStatus.CANCELLED),
        ("CANCEL", PackageStatus.CANCELLED),
        ("to_fulfill ", PackageStatus.TO_FULFILL),
        ("Lost at sea", PackageStatus.NOT_UNDERSTOOD),
        ("", PackageStatus.NOT_UNDERSTOOD),
    ],
)
def test_each_status_has_its_place_and_keeps_its_words(spelling, status):
    package = package_from_json(make_package(package_status=spelling))

    assert (package.status, package.status_text) == (status, spelling.strip())


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("DEFAULT", ""), ("COMBINE", "combined"), ("Split", "split"), ("NEW", "")],
)
def test_split_and_combined_are_named_as_for_orders(tag, expected):
    package = package_from_json(make_package(split_and_combine_tag=tag))

    assert package.split_or_combine == expected


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"package_sub_status": "SHIP_EXCEPTION"}, "SHIP_EXCEPTION"),
        ({"package_sub_status": "issue"}, "ISSUE"),
        (
            {"package_sub_status": "PART_DELIVERED_AND_EXCEPTION"},
            "PART_DELIVERED_AND_EXCEPTION",
        ),
        (
            {
                "package_sub_status": "SHIP_EXCEPTION",
                "ship_exception_reason": "Van broke down",
            },
            "Van broke down",
        ),
        *[
            ({"package_sub_status": name}, "")
            for name in (
                *("CREATED", "STOCKING", "RTSING", "HBW", "HBWING", "TSP_PENDING"),
                *("RTS", "DELIVERED", "CANCELLED", ""),
            )
        ],
    ],
)
def test_what_went_wrong_on_the_way_is_a_problem(changes, problem):
    assert package_from_json(make_package(**changes)).problem == problem


def test_other_shapes_are_read_alike():
    package = package_from_json(
        {
            "id": 1160000000000000001,
            "order_line_item_ids": 581000000000000011,
            "orders": [580000000000000001, {"id": 580000000000000001}, None, {}],
            "update_time": str((PLACED + 3600) * 1000),
            "pickup_slot": [{"start_time": PLACED, "end_time": "soon"}],
            "shipping_type": "seller",
        }
    )

    assert package.remote_id == PACKAGE_ID
    assert package.unit_ids == ("581000000000000011",)
    assert package.order_ids == (ORDER_ID,)
    assert package.updated_at == at(3600)
    assert (package.pickup_from_at, package.pickup_until_at) == (at(0), None)
    assert package.shipping_type is ShippingType.SELLER
    assert package.created_at is None
    assert package.status is PackageStatus.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("row", "malformed"),
    [
        (make_found_package(id=""), ("", "the package has no id")),
        (make_found_package(id=1.16e18), ("", "the package has no id")),
        (
            make_found_package(update_time="soon"),
            (PACKAGE_ID, "update_time is not a time"),
        ),
        ("?", ("", "the row is not an object")),
        (None, ("", "the row is not an object")),
    ],
)
def test_a_bad_row_is_named_and_spoils_no_other(row, malformed):
    page = package_page_from_json({"packages": [row, make_found_package(id="2")]})

    assert page.malformed == (malformed,)
    assert [package.remote_id for package in page.packages] == ["2"]


@pytest.mark.parametrize("data", [{}, {"packages": None}, {"packages": []}])
def test_an_empty_page_is_no_error(data):
    assert package_page_from_json(data) == PackagePage(())


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(make_package())), anything))
def test_whatever_comes_is_a_package_or_a_reason(changes):
    page = package_page_from_json({"packages": [make_package(**changes)]})

    assert len(page.packages) + len(page.malformed) == 1


@pytest.mark.parametrize(
    "reply",
    [
        failure(21008111, "The order or package does not belong to the seller"),
        failure(21011028, "The package does not belong to the current shop"),
        success({}),
    ],
)
def test_a_package_that_is_not_here_is_not_found(reply):
    with pytest.raises(NotFound, match="no such package") as error:
        make_client(FakeSession(reply)).get_package(PACKAGE_ID)

    assert error.value.fault is ActionFault.STOP
    assert error.value.__context__ is None


def test_a_permission_is_asked_for_twice_before_the_package_is_called_missing():
    session = FakeSession(
        failure(10006402, "permission denied"), failure(10006402, "permission denied")
    )

    with pytest.raises(NotFound) as error:
        make_client(session).get_package(PACKAGE_ID)

    assert len(session.sent) == 2
    assert (error.value.code, error.value.request_id) == (10006402, "REQ2")


def test_an_id_that_is_none_asks_nobody():
    with pytest.raises(NotFound):
        make_client(FakeSession()).get_package("1/../2")


def test_a_package_that_cannot_be_read_is_not_called_missing():
    session = FakeSession(success(make_package(update_time="soon")))

    with pytest.raises(MalformedReply, match="update_time is not a time") as error:
        make_client(session).get_package(PACKAGE_ID)

    assert error.value.fault is ActionFault.REREAD


def test_other_refusals_stay_what_they_are():
    session = FakeSession(*[failure(36009003) for _ in range(5)])

    with pytest.raises(PlatformUnavailable):
        make_client(session).get_package(PACKAGE_ID)
    assert len(session.sent) == 5


def test_where_a_package_has_been_is_told_newest_first():
    steps = [
        {"description": "Collected\n", "update_time_millis": (PLACED + 60) * 1000},
        {
            "description": "Delivered",
            "update_time_millis": (PLACED + 900) * 1000 + 123,
            "action_code": 8,
            "tracking_no": "QP1",
        },
        {"description": "No time", "update_time_millis": "soon"},
        {"description": "In seconds", "update_time_millis": PLACED + 120},
        "?",
    ]
    session = FakeSession(success({"tracking": steps}))

    told = make_client(session).tracking(ORDER_ID)

    assert session.sent[0].url.endswith(f"/orders/{ORDER_ID}/tracking")
    assert told == [
        RemoteTrackingStep("Delivered", at(900), 8, "QP1"),
        RemoteTrackingStep("In seconds", at(120)),
        RemoteTrackingStep("Collected", at(60)),
    ]
    assert tracking_from_json({}) == []
