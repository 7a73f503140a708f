"""Two whole files, and the figures which add up by hand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.integrations.contracts import (
    CancellationStage,
    CancelledBy,
    Fulfilment,
    OrderStatus,
)
from apps.integrations.tiktok.exports import Total, inspect_orders_file
from tests.integrations.tiktok.exports.files import FOLDER


def amounts(everything: str, not_cancelled: str) -> Total:
    return Total(Decimal(everything), Decimal(not_cancelled))


@pytest.fixture
def my():
    return inspect_orders_file(
        FOLDER / "orders-my.csv",
        currency="MYR",
        timezone="Asia/Kuala_Lumpur",
        region="MY",
    )


@pytest.fixture
def us():
    return inspect_orders_file(
        FOLDER / "orders-us.csv",
        currency="USD",
        timezone="America/Los_Angeles",
        region="US",
    )


def by_end(file):
    return {order.remote_id[-4:]: order for order in file.orders()}


def test_the_malaysian_file_adds_up(my):
    report = my.report

    assert my.problems == []
    assert (report.rows, report.accepted_rows, report.description_rows) == (7, 6, 1)
    assert (report.order_count, report.units, report.returned_units) == (5, 10, 1)
    assert report.original_amount == amounts("170.40", "127.50")
    assert report.amount == amounts("161.90", "119.00")
    assert report.order_amount == amounts("176.00", "133.10")
    assert report.refund_column_amount == Decimal("82.90")
    assert report.refunded_amount == Decimal("52.90")
    assert report.statuses == {
        OrderStatus.COMPLETED: 2,
        OrderStatus.CANCELLED: 2,
        OrderStatus.IN_TRANSIT: 1,
    }
    assert report.stages == {
        CancellationStage.BEFORE_PAYMENT: 1,
        CancellationStage.FAILED_DELIVERY: 1,
    }
    assert (report.region_guess, report.date_order) == ("MY", "day-first")
    assert report.unknown_columns == report.missing_optional_columns == ()


def test_the_american_file_adds_up(us):
    report = us.report

    assert (report.rows, report.accepted_rows) == (4, 4)
    assert (report.order_count, report.units, report.returned_units) == (3, 4, 0)
    assert report.original_amount == amounts("1308.00", "1268.00")
    assert report.amount == amounts("1240.00", "1200.00")
    assert report.order_amount == amounts("1341.38", "1296.28")
    assert report.refund_column_amount == report.refunded_amount == Decimal("45.10")
    assert report.stages == {CancellationStage.BEFORE_SHIPPING: 1}
    assert (report.region_guess, report.date_order) == ("US", "month-first")


def test_an_order_has_everything_its_rows_say(my):
    order = by_end(my)["0111"]

    assert order.remote_id == "579100000000000111"
    assert order.placed_at == datetime(2026, 11, 16, 15, 59, 58, tzinfo=UTC)
    assert order.paid_at == datetime(2026, 11, 16, 16, 0, 7, tzinfo=UTC)
    assert order.shipped_at is order.updated_at is None
    assert order.status_text == "Completed"
    assert order.total_amount == 23
    assert order.subtotal_amount == 19
    assert order.shipping_amount == 4
    assert order.tracking_number == "631001"
    assert order.fulfilment is Fulfilment.SELLER
    assert order.is_cod is order.is_pre_order is order.is_sample is False
    assert order.buyer.address == "No. **, Jalan ****, Klang, Selangor, Malaysia"
    assert (order.buyer.postal_code, order.buyer.region_code) == ("50000", "MY")
    assert order.buyer_message == "Terima kasih 🙏"
    assert len(order.raw["rows"]) == 2
    assert order.raw["rows"][0]["Order ID"] == "579100000000000111\t"
    assert len(order.raw["rows"][0]) == 54


def test_a_gift_is_a_line_of_its_own(my):
    paid, gift = by_end(my)["0111"].lines

    assert paid.remote_sku_id == gift.remote_sku_id == "1731000000000000011"
    assert (paid.is_gift, paid.quantity, paid.amount) == (False, 2, 19)
    assert (gift.is_gift, gift.quantity, gift.amount) == (True, 1, 0)
    assert gift.package_ids == ("1157000000000000002",)
    assert gift.tracking_numbers == ("631002",)


def test_nobody_gets_back_what_nobody_paid(my):
    order = by_end(my)["0222"]

    assert order.cancellation_stage is CancellationStage.BEFORE_PAYMENT
    assert order.cancelled_by is CancelledBy.SYSTEM
    assert order.refund_amount == 0
    assert order.total_amount == 30


def test_cash_on_delivery_is_under_way_without_being_paid(my):
    order = by_end(my)["0333"]

    assert (order.status, order.is_cod) == (OrderStatus.IN_TRANSIT, True)
    assert order.paid_at is None


def test_a_pre_order_with_a_partial_return(my):
    order = by_end(my)["0555"]

    assert order.is_pre_order is True
    assert order.lines[0].returned_quantity == 1
    assert order.refund_amount == 40


def test_the_same_sku_in_and_outside_a_bundle_is_one_line(us):
    (line,) = by_end(us)["3333"].lines

    assert (line.quantity, line.amount) == (2, 40)
    assert line.bundle_seller_sku == "SET-2"


def test_a_creators_sample_is_no_gift(us):
    order = by_end(us)["2222"]

    assert order.is_sample is True
    assert order.refund_amount == 0
    assert order.is_cod is None
    assert order.lines[0].is_gift is False


def test_an_hour_that_came_twice_is_the_first_one_and_noted(us):
    order = by_end(us)["1111"]

    assert order.placed_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert {note.column for note in us.problems} == {"Created Time", "Paid Time"}
    assert "twice" in us.problems[0].message


def test_line_breaks_stay_in_their_cell(us):
    order = by_end(us)["1111"]

    assert "1 of 2: base\n" in order.raw["rows"][0]["Shipping Information"]
    assert order.sales_channel == "LIVE"
    assert order.creator_handle == "sample.creator.one"
    assert order.delivered_at == datetime(2026, 11, 15, 20, 2, 44, tzinfo=UTC)
