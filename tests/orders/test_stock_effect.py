"""What each stage of an order means for stock."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest

from apps.integrations.contracts import (
    CancellationStage,
    Fulfilment,
    OrderStatus,
    ReturnKind,
    ReturnStatus,
    Source,
)
from apps.inventory.models import StockLevel, StockMovement
from apps.orders.services.returns import ingest_returns
from apps.orders.services.stock_proof import differing_orders
from tests.factories.aftersales import (
    make_remote_return,
    make_request_line,
    make_unit_line,
    make_units,
)
from tests.factories.inventory import stock_of
from tests.factories.orders import PLACED, make_remote_line
from tests.factories.platforms import make_shop
from tests.factories.products import make_listing_sku, make_variant
from tests.orders.shelves import SKU, make_shelf, tell

pytestmark = pytest.mark.django_db

Stage, Kind, Status = CancellationStage, ReturnKind, ReturnStatus
SHIPPED = PLACED + timedelta(hours=5)
CANCELLED = PLACED + timedelta(days=3)
# On hand, reserved, expected back, quarantined; ten were there and two are ordered.
NOTHING = (10, 0, 0, 0)
PROMISED = (10, 2, 0, 0)
GONE = (8, 0, 0, 0)
ON_THE_WAY_BACK = (8, 0, 2, 0)


def two(**changes):
    return (make_remote_line(SKU, quantity=2, **changes),)


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize(
    ("status", "stock"),
    [
        (OrderStatus.UNPAID, PROMISED),
        (OrderStatus.ON_HOLD, PROMISED),
        (OrderStatus.TO_SHIP, PROMISED),
        (OrderStatus.AWAITING_COLLECTION, PROMISED),
        (OrderStatus.PARTLY_SHIPPED, PROMISED),
        (OrderStatus.IN_TRANSIT, GONE),
        (OrderStatus.DELIVERED, GONE),
        (OrderStatus.COMPLETED, GONE),
        (OrderStatus.NOT_UNDERSTOOD, NOTHING),
    ],
)
def test_goods_are_promised_from_the_first_moment_and_gone_once_shipped(
    source, status, stock
):
    shop, variant = make_shelf()

    tell(shop, source, status=status, lines=two())

    assert stock_of(variant) == stock


@pytest.mark.parametrize(
    ("changes", "stock"),
    [
        ({"cancellation_stage": Stage.BEFORE_PAYMENT}, NOTHING),
        ({"cancellation_stage": Stage.BEFORE_SHIPPING}, NOTHING),
        ({}, NOTHING),
        ({"cancellation_stage": Stage.FAILED_DELIVERY}, ON_THE_WAY_BACK),
        ({"shipped_at": SHIPPED}, ON_THE_WAY_BACK),
        # One source knew no time of shipping, and took it for not shipped.
        (
            {"shipped_at": SHIPPED, "cancellation_stage": Stage.BEFORE_SHIPPING},
            ON_THE_WAY_BACK,
        ),
    ],
)
def test_a_cancelled_order_frees_what_is_here_and_awaits_what_had_left(changes, stock):
    shop, variant = make_shelf()
    tell(shop, lines=two())

    tell(
        shop,
        version=2,
        lines=two(cancelled_quantity=2),
        status=OrderStatus.CANCELLED,
        cancelled_at=CANCELLED,
        **changes,
    )

    assert stock_of(variant) == stock


@pytest.mark.parametrize(
    "reason",
    [
        "Package damaged",
        "PACKAGE_LOST",
        "Paket rusak",
        "Paket hilang",
        "พัสดุเสียหาย",
        "พัสดุสูญหาย",
        "Kiện hàng bị hư hỏng",
        "Kiện hàng bị thất lạc",
        unicodedata.normalize("NFD", "Kiện hàng bị hư hỏng"),
    ],
)
def test_what_was_damaged_or_lost_on_the_way_never_comes_back(reason):
    shop, variant = make_shelf()

    tell(
        shop,
        lines=two(),
        status=OrderStatus.CANCELLED,
        cancellation_stage=Stage.FAILED_DELIVERY,
        cancel_reason=reason,
    )

    assert stock_of(variant) == GONE


@pytest.mark.parametrize(
    "changes",
    [
        {"is_cod": True, "status": OrderStatus.TO_SHIP},
        {"is_pre_order": True, "status": OrderStatus.UNPAID},
        {"is_sample": True},
        {"is_replacement": True},
    ],
)
def test_cash_on_delivery_pre_orders_samples_and_replacements_are_promised(changes):
    shop, variant = make_shelf()

    tell(shop, lines=two(), **changes)

    assert stock_of(variant) == PROMISED


@pytest.mark.parametrize("status", [OrderStatus.TO_SHIP, OrderStatus.DELIVERED])
def test_what_the_platform_s_own_warehouse_sends_is_not_ours(status):
    shop, variant = make_shelf()
    tell(shop, status=OrderStatus.UNPAID, lines=two())
    assert stock_of(variant) == PROMISED

    tell(shop, version=2, status=status, lines=two(), fulfilment=Fulfilment.PLATFORM)

    assert stock_of(variant) == NOTHING


def test_a_status_nobody_understands_has_no_effect_until_it_is_understood():
    shop, variant = make_shelf()
    tell(
        shop,
        status=OrderStatus.NOT_UNDERSTOOD,
        status_text="TELEPORTING",
        lines=two(),
    )
    assert stock_of(variant) == NOTHING

    tell(shop, version=2, status=OrderStatus.IN_TRANSIT, lines=two())
    assert stock_of(variant) == GONE

    tell(
        shop,
        version=3,
        status=OrderStatus.NOT_UNDERSTOOD,
        status_text="TELEPORTING",
        lines=two(),
    )
    assert stock_of(variant) == GONE


@pytest.mark.parametrize(("returned", "back"), [(None, 0), (0, 0), (1, 1), (9, 2)])
def test_units_that_come_back_are_expected_and_not_more_than_left(returned, back):
    shop, variant = make_shelf()

    tell(
        shop,
        status=OrderStatus.COMPLETED,
        lines=two(returned_quantity=returned),
    )

    assert stock_of(variant) == (8, 0, back, 0)


def items(*statuses):
    """A line of so many items, in these statuses."""
    return (make_unit_line(*make_units(*statuses)),)


def test_what_has_left_of_a_part_is_gone_and_the_rest_stays_promised():
    shop, variant = make_shelf()
    left, waits = OrderStatus.IN_TRANSIT, OrderStatus.TO_SHIP
    tell(shop, lines=items(waits, waits, waits))
    assert stock_of(variant) == (10, 3, 0, 0)

    partly: dict[str, Any] = {
        "status": OrderStatus.PARTLY_SHIPPED,
        "ready_to_ship_at": SHIPPED,
    }
    tell(shop, version=2, lines=items(left, waits, waits), **partly)
    assert stock_of(variant) == (9, 2, 0, 0)
    moved = StockMovement.objects.get(reason="shipment")
    assert (moved.on_hand, moved.reserved, moved.occurred_at) == (-1, -1, SHIPPED)

    tell(shop, version=1, lines=items(waits, waits, waits))  # old news
    assert stock_of(variant) == (9, 2, 0, 0)

    gone = items(left, left, left)
    tell(shop, version=3, status=OrderStatus.IN_TRANSIT, shipped_at=SHIPPED, lines=gone)
    assert stock_of(variant) == (7, 0, 0, 0)


def test_an_item_called_off_between_two_parcels_is_free():
    shop, variant = make_shelf()
    left, waits = OrderStatus.IN_TRANSIT, OrderStatus.TO_SHIP

    tell(
        shop,
        status=OrderStatus.PARTLY_SHIPPED,
        lines=items(left, OrderStatus.CANCELLED, waits),
    )

    assert stock_of(variant) == (9, 1, 0, 0)


LEFT, WAITS, OFF = OrderStatus.IN_TRANSIT, OrderStatus.TO_SHIP, OrderStatus.CANCELLED
PARTLY: dict[str, Any] = {
    "version": 2,
    "status": OrderStatus.PARTLY_SHIPPED,
    "ready_to_ship_at": SHIPPED,
    "lines": items(LEFT, WAITS, WAITS),
}
CALLED_OFF: dict[str, Any] = {
    "version": 3,
    "status": OFF,
    "ready_to_ship_at": SHIPPED,
    "cancelled_at": CANCELLED,
    "cancellation_stage": Stage.BEFORE_SHIPPING,
    "lines": items(OFF, OFF, OFF),
}


@pytest.mark.parametrize("turn", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_an_order_cancelled_after_a_part_has_left_frees_the_rest_alone(turn):
    shop, variant = make_shelf()
    news = {
        1: {"version": 1, "lines": items(WAITS, WAITS, WAITS)},
        2: PARTLY,
        3: CALLED_OFF,
    }

    for number in turn:
        tell(shop, **news[number])

    assert stock_of(variant) == (9, 0, 0, 0)
    assert list(differing_orders(shop)) == []
    moved = StockMovement.objects.get(on_hand=-1)
    assert moved.occurred_at == SHIPPED


@pytest.mark.parametrize(
    ("reason", "back"), [("package_rejected", 1), ("package_lost", 0)]
)
def test_of_a_failed_delivery_of_a_part_that_part_alone_may_come_back(reason, back):
    shop, variant = make_shelf()
    tell(shop, **PARTLY)

    failed = {"cancellation_stage": Stage.FAILED_DELIVERY, "cancel_reason": reason}
    tell(shop, **CALLED_OFF | failed)

    assert stock_of(variant) == (9, 0, back, 0)


def test_a_return_of_the_part_that_left_a_cancelled_order_is_expected():
    shop, variant = make_shelf()
    tell(shop, **PARTLY)
    tell(shop, **CALLED_OFF)

    give_back(shop, status=Status.BUYER_SHIPPED)

    assert stock_of(variant) == (9, 0, 1, 0)


def test_an_item_called_off_after_it_has_left_is_gone_and_the_rest_waits():
    shop, variant = make_shelf()
    tell(shop, **PARTLY)

    tell(shop, **PARTLY | {"version": 3, "lines": items(OFF, WAITS, WAITS)})
    assert stock_of(variant) == (9, 2, 0, 0)

    tell(shop, **PARTLY | {"version": 4, "lines": items(OFF, LEFT, WAITS)})
    assert stock_of(variant) == (8, 1, 0, 0)


LINES = items(OrderStatus.DELIVERED, OrderStatus.DELIVERED)


def give_back(shop, remote_id="4036000000000000001", **changes):
    ingest_returns(shop, [make_remote_return(remote_id, **changes)], Source.API)


@pytest.mark.parametrize(
    ("kind", "status", "more", "back"),
    [
        (Kind.RETURN_AND_REFUND, Status.PENDING, {}, 0),
        (Kind.RETURN_AND_REFUND, Status.AWAITING_BUYER_RESPONSE, {}, 0),
        (Kind.RETURN_AND_REFUND, Status.AWAITING_BUYER_SHIP, {}, 1),
        (Kind.RETURN_AND_REFUND, Status.BUYER_SHIPPED, {}, 1),
        (Kind.RETURN_AND_REFUND, Status.SUCCESS, {}, 1),
        (Kind.RETURN_AND_REFUND, Status.COMPLETE, {}, 1),
        (Kind.RETURN_AND_REFUND, Status.COMPLETE, {"keeps_goods": True}, 0),
        (Kind.RETURN_AND_REFUND, Status.RECEIVE_REJECTED, {}, 0),
        (Kind.RETURN_AND_REFUND, Status.REJECTED, {}, 0),
        (Kind.RETURN_AND_REFUND, Status.CANCELLED, {}, 0),
        (Kind.RETURN_AND_REFUND, Status.NOT_UNDERSTOOD, {}, 0),
        (Kind.REFUND, Status.COMPLETE, {}, 0),
        (Kind.REPLACEMENT, Status.AWAITING_BUYER_SHIP, {}, 1),
        (Kind.REPLACEMENT, Status.REFUNDED_INSTEAD, {}, 0),
        (Kind.REPLACEMENT, Status.REFUNDED_INSTEAD, {"tracking_number": "RT1"}, 1),
        (Kind.EXCHANGE, Status.COMPLETE, {}, 1),
        (Kind.NOT_UNDERSTOOD, Status.COMPLETE, {}, 0),
    ],
)
@pytest.mark.parametrize("order_first", [True, False])
def test_what_a_return_brings_back(kind, status, more, back, order_first):
    shop, variant = make_shelf()
    deeds = [
        lambda: tell(shop, status=OrderStatus.DELIVERED, lines=LINES),
        lambda: give_back(shop, kind=kind, status=status, **more),
    ]

    for deed in deeds if order_first else reversed(deeds):
        deed()

    assert stock_of(variant) == (8, 0, back, 0)
    assert list(differing_orders(shop)) == []


def test_an_item_that_two_returns_are_about_comes_back_once():
    shop, variant = make_shelf()
    tell(shop, status=OrderStatus.DELIVERED, lines=LINES)

    give_back(shop, status=Status.RECEIVE_REJECTED)
    give_back(shop, "2", status=Status.SUCCESS)
    give_back(shop, "3", status=Status.COMPLETE)

    assert stock_of(variant) == (8, 0, 1, 0)


@pytest.mark.parametrize(("told", "back"), [(1, 0), (2, 1)])
def test_a_file_s_count_says_only_what_no_known_return_does(told, back):
    """It cannot tell a refund alone from goods that come back."""
    shop, variant = make_shelf()
    tell(shop, status=OrderStatus.DELIVERED, lines=LINES)
    give_back(shop, kind=Kind.REFUND, status=Status.COMPLETE)

    file_line = two(returned_quantity=told)
    tell(shop, Source.FILE, status=OrderStatus.DELIVERED, lines=file_line)

    assert stock_of(variant) == (8, 0, back, 0)


def test_only_what_has_left_can_come_back():
    shop, variant = make_shelf()
    part = items(OrderStatus.IN_TRANSIT, OrderStatus.TO_SHIP)
    tell(shop, status=OrderStatus.PARTLY_SHIPPED, lines=part)

    both = (make_request_line("U1"), make_request_line("U2"))
    give_back(shop, status=Status.BUYER_SHIPPED, lines=both)

    assert stock_of(variant) == (9, 1, 1, 0)


def test_a_changed_quantity_books_the_difference():
    shop, variant = make_shelf()
    tell(shop, lines=two())

    for version, quantity in enumerate((5, 1), start=2):
        lines = (make_remote_line(SKU, quantity=quantity),)
        tell(shop, version=version, lines=lines)

        assert stock_of(variant) == (10, quantity, 0, 0)

    booked = StockMovement.objects.filter(reason="order").order_by("sequence")
    assert list(booked.values_list("reserved", flat=True)) == [2, 3, -4]


def test_units_called_off_singly_are_free_and_do_not_ship():
    shop, variant = make_shelf()
    lines = (make_remote_line(SKU, quantity=3, cancelled_quantity=1),)
    tell(shop, lines=lines)
    assert stock_of(variant) == PROMISED

    tell(shop, version=2, status=OrderStatus.IN_TRANSIT, lines=lines)
    assert stock_of(variant) == GONE


def test_a_paid_line_and_a_gift_of_one_sku_hold_both():
    shop, variant = make_shelf()

    gift = make_remote_line(SKU, discount="40")
    tell(shop, lines=(make_remote_line(SKU, quantity=2), gift))

    assert stock_of(variant) == (10, 3, 0, 0)


def test_a_line_that_the_api_names_otherwise_takes_the_place_of_the_file_s():
    shop, variant = make_shelf()
    tell(shop, Source.FILE, lines=two(unit_price="41"))

    tell(shop, lines=two())

    assert stock_of(variant) == PROMISED


def test_news_that_changes_nothing_for_stock_books_nothing():
    shop, _ = make_shelf()
    tell(shop, lines=two())
    before = list(StockMovement.objects.order_by("pk").values())

    tell(shop, version=2, lines=two(), carrier="Quick Parcel")
    tell(shop, version=1, lines=two())

    assert list(StockMovement.objects.order_by("pk").values()) == before


def test_an_order_that_holds_nothing_makes_no_level():
    shop = make_shop()
    variant = make_variant(client=shop.client)
    make_listing_sku(shop=shop, remote_id=SKU, variant=variant)

    tell(shop, status=OrderStatus.CANCELLED, lines=two())

    assert not StockLevel.objects.exists()
