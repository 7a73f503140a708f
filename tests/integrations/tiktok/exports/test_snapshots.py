"""Rows of one order that disagree: older states of it, or edited by hand."""

from apps.integrations.contracts import OrderStatus
from tests.integrations.tiktok.exports.files import (
    OTHER,
    errors,
    inspect,
    make_row,
    notes,
    only_order,
)

GREEN = {"SKU_ID": "1731000000000000012", "Seller_SKU": "CUP-GREEN"}
SHIPPED = {
    "Order_Status": "Shipped",
    "Order_Substatus": "In transit",
    "Shipped_Time": "17/11/2026 10:00:00",
}
WAITING = {"Order_Status": "To ship", "Order_Substatus": "Awaiting shipment"}


def test_the_furthest_status_wins_with_its_rows(tmp_path):
    rows = [
        make_row(**WAITING),
        make_row(Order_ID=OTHER),
        make_row(**SHIPPED, Sku_Quantity_of_return="1"),
    ]

    file = inspect(rows, tmp_path)

    order = next(o for o in file.orders() if o.remote_id != OTHER.strip())
    assert order.status is OrderStatus.IN_TRANSIT
    assert [line.quantity for line in order.lines] == [2]
    assert order.lines[0].returned_quantity == 1
    assert (file.report.older_rows, file.report.units) == (1, 4)
    assert "older state" in notes(file)[0]


def test_cancelled_beats_all_but_completed(tmp_path):
    cancelled = make_row(Order_Status="Cancelled", Cancelled_Time="18/11/2026 10:00:00")

    shipped = inspect([make_row(**SHIPPED), cancelled], tmp_path)
    assert only_order(shipped).status is OrderStatus.CANCELLED

    completed = inspect([make_row(), cancelled], tmp_path)
    assert only_order(completed).status is OrderStatus.COMPLETED


def test_a_bad_row_refuses_the_order_in_an_older_state_too(tmp_path):
    rows = [make_row(**SHIPPED), make_row(**WAITING, Quantity="x")]

    assert inspect(rows, tmp_path).report.refused_rows == 2


def test_a_later_copy_of_the_same_state_is_not_added(tmp_path):
    rows = [
        make_row(),
        make_row(Sku_Quantity_of_return="1", Order_Refund_Amount="9.50"),
    ]

    order = only_order(inspect(rows, tmp_path))

    assert order.lines[0].quantity == 2
    assert str(order.refund_amount) == "9.50"


def test_lines_that_differ_in_state_are_all_kept(tmp_path):
    rows = [
        make_row(**SHIPPED, Order_Amount="42"),
        make_row(**WAITING, **GREEN, Order_Amount="42"),
    ]

    file = inspect(rows, tmp_path)

    order = only_order(file)
    assert len(order.lines) == 2
    assert order.status is OrderStatus.PARTLY_SHIPPED


def test_another_order_amount_refuses_the_order(tmp_path):
    rows = [make_row(), make_row(**GREEN, Order_Amount="99")]

    file = inspect(rows, tmp_path)

    assert list(file.orders()) == []
    assert "“99” here, “23” in another row" in errors(file)[0]
    assert file.problems[0].line == 3


def test_another_amount_on_a_second_row_of_one_sku_refuses_the_order(tmp_path):
    file = inspect([make_row(), make_row(Order_Amount="99")], tmp_path)

    assert file.report.refused_order_count == 1


def test_another_created_time_refuses_the_order(tmp_path):
    rows = [make_row(**SHIPPED), make_row(Created_Time="15/11/2026 09:12:44")]

    file = inspect(rows, tmp_path)

    assert "Created Time" in errors(file)[0]
    assert file.report.refused_rows == 2


def test_another_note_is_harmless(tmp_path):
    rows = [
        make_row(Order_Amount="42", Seller_Note="call first"),
        make_row(**GREEN, Order_Amount="42"),
    ]

    file = inspect(rows, tmp_path)

    order = only_order(file)
    assert (len(order.lines), order.seller_note) == (2, "call first")
    assert [problem.column for problem in file.problems] == ["Seller Note"]
