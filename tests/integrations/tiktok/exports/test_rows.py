"""What rows are: orders, copies, descriptions, blanks, refused ones."""

import pytest

from apps.integrations.contracts import OrderStatus
from apps.integrations.tiktok.exports import FileRefused
from tests.integrations.tiktok.exports.files import (
    HEADER,
    OTHER,
    THIRD,
    as_csv,
    errors,
    inspect,
    inspect_us,
    make_row,
    notes,
    only_order,
)

BLANK = [""] * len(HEADER)
DESCRIPTION = ["Platform unique order ID.", "Current order status.", *BLANK[2:]]
GIFT = {
    "Quantity": "1",
    "SKU_Subtotal_Before_Discount": "10",
    "SKU_Seller_Discount": "10",
    "SKU_Subtotal_After_Discount": "0",
}


def is_accounted_for(report):
    return report.rows == (
        report.accepted_rows
        + report.copied_rows
        + report.older_rows
        + report.description_rows
        + report.blank_rows
        + report.refused_rows
    )


def test_every_row_is_accounted_for(tmp_path):
    rows = [
        DESCRIPTION,
        make_row(),
        BLANK,
        make_row(),
        make_row(Order_ID=OTHER, Quantity="two"),
        HEADER,
        DESCRIPTION,
        make_row(Order_ID=THIRD),
        make_row(Order_ID="Total", Quantity="9"),
    ]

    report = inspect(rows, tmp_path).report

    assert report.rows == 9
    assert is_accounted_for(report)
    assert (report.accepted_rows, report.copied_rows) == (2, 1)
    assert (report.description_rows, report.blank_rows) == (3, 1)
    assert (report.refused_rows, report.refused_order_count) == (2, 1)
    assert report.order_amount.all == 46


def test_one_bad_row_refuses_its_whole_order(tmp_path):
    rows = [
        make_row(Quantity="0", Sku_Quantity_of_return="x"),
        make_row(**GIFT),
        make_row(Order_ID=OTHER),
    ]

    file = inspect(rows, tmp_path)

    assert [order.remote_id for order in file.orders()] == [OTHER.strip()]
    assert file.report.refused_rows == 2
    first = file.problems[0]
    assert (first.line, first.column, first.order_id) == (
        2,
        "Quantity",
        "579100000000000111",
    )
    assert errors(file)[0] == "Quantity: is 0; it must be at least 1."
    assert "“x” is not a whole number" in errors(file)[1]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Quantity": "two"}, "Quantity: “two” is not a whole number."),
        ({"Quantity": ""}, "Quantity: is blank."),
        ({"Sku_Quantity_of_return": "3"}, "3 returned of 2 ordered."),
        ({"SKU_Subtotal_After_Discount": ""}, "SKU Subtotal After Discount: is blank."),
        ({"Order_Amount": "free"}, "Order Amount: “free” is not an amount."),
        ({"Order_Amount": ""}, "Order Amount: is blank."),
        ({"Created_Time": ""}, "Created Time: is blank."),
        ({"Created_Time": "31/02/2026 10:00:00"}, "is not a time."),
        ({"SKU_ID": "", "Seller_SKU": "-"}, "SKU ID: is blank"),
        ({"Order_ID": ""}, "Order ID: is blank."),
        ({"Order_ID": "57910O000000000111"}, "is no order id."),
    ],
)
def test_the_reason_is_named(change, says, tmp_path):
    file = inspect([make_row(**change), make_row(Order_ID=OTHER)], tmp_path)

    assert file.report.order_count == 1
    assert any(says in message for message in errors(file))
    assert is_accounted_for(file.report)


def test_a_row_cut_short_is_refused(tmp_path):
    file = inspect([make_row()[:20], make_row(Order_ID=OTHER)], tmp_path)

    assert errors(file) == [
        f"The row has 20 of {len(HEADER)} columns: cells are missing or too many. "
        "Upload the original download."
    ]
    assert file.report.refused_order_count == 1


def test_scattered_rows_make_one_order(tmp_path):
    rows = [make_row(), make_row(Order_ID=OTHER), make_row(**GIFT)]

    file = inspect(rows, tmp_path)

    orders = {order.remote_id: order for order in file.orders()}
    assert len(orders["579100000000000111"].lines) == 2
    assert file.report.order_count == 2
    assert file.report.order_amount.all == 46


def test_a_file_pasted_twice_counts_once(tmp_path):
    rows = [make_row(), make_row(**GIFT), make_row(Order_ID=OTHER)]

    file = inspect([*rows, HEADER, *rows], tmp_path)

    assert file.report.units == 5
    assert file.report.copied_rows == 3
    assert is_accounted_for(file.report)


def test_order_amounts_are_taken_once(tmp_path):
    rows = [make_row(), make_row(SKU_ID="1731000000000000012", Seller_SKU="B")]

    file = inspect(rows, tmp_path)

    assert only_order(file).total_amount == 23
    assert file.report.order_amount.all == 23
    assert file.report.amount.all == 38


def test_ids_are_text_whatever_protects_them(tmp_path):
    order = only_order(
        inspect(
            [make_row(Order_ID="'579100000000000111", SKU_ID='="17310001"')], tmp_path
        )
    )

    assert order.remote_id == "579100000000000111"
    assert order.lines[0].remote_sku_id == "17310001"


def test_columns_are_found_by_name(tmp_path):
    header = [f" {name.upper()}\u00a0" for name in reversed(HEADER)]
    header[header.index(" SKU SELLER DISCOUNT\u00a0")] = "sku seller\n discount"
    header[header.index(" ORDER SUBSTATUS\u00a0")] = "Order Sub Status"
    header[header.index(" CANCELATION/RETURN TYPE\u00a0")] = "Cancellation\\Return Type"

    file = inspect(as_csv([make_row()[::-1]], header=header), tmp_path)

    assert only_order(file).lines[0].seller_discount_amount == 1
    assert file.report.missing_optional_columns == ()


def test_unknown_columns_are_kept_and_reported(tmp_path):
    content = as_csv([[*make_row(), "=1+1"]], header=[*HEADER, "Moon phase"])

    file = inspect(content, tmp_path)

    assert file.report.unknown_columns == ("Moon phase",)
    assert only_order(file).raw["rows"][0]["Moon phase"] == "=1+1"


def test_missing_is_unknown_and_blank_is_zero(tmp_path):
    kept = [at for at, name in enumerate(HEADER) if name != "Taxes"]
    row = make_row(Shipping_Fee_After_Discount="", Order_Refund_Amount="")
    content = as_csv([[row[at] for at in kept]], header=[HEADER[at] for at in kept])

    order = only_order(inspect(content, tmp_path))

    assert order.tax_amount is None
    assert order.shipping_amount == 0
    assert order.refund_amount is None


def test_american_files_leave_zeros_out(tmp_path):
    row = make_row(
        SKU_Seller_Discount="20",
        SKU_Platform_Discount="",
        SKU_Subtotal_After_Discount="",
        Sku_Quantity_of_return="",
        Order_Amount="",
        Order_Refund_Amount="",
        Created_Time="11/16/2026 9:12:44 AM",
        Paid_Time="",
    )

    order = only_order(inspect_us([row], tmp_path))

    assert order.lines[0].amount == order.total_amount == order.refund_amount == 0
    assert order.lines[0].returned_quantity == 0
    assert order.is_sample is True


def test_sums_that_do_not_come_out_are_noted(tmp_path):
    row = make_row(
        SKU_Subtotal_After_Discount="18",
        SKU_Unit_Original_Price="11",
        Original_Shipping_Fee="9",
    )

    file = inspect([row], tmp_path)

    assert only_order(file).subtotal_amount == 18
    assert [note.split(":")[0] for note in notes(file)] == [
        "SKU Subtotal After Discount",
        "SKU Subtotal Before Discount",
        "Order Amount",
        "Shipping Fee After Discount",
    ]


def test_one_minor_unit_is_tolerated(tmp_path):
    file = inspect([make_row(SKU_Subtotal_After_Discount="19.01")], tmp_path)

    assert file.problems == []


def test_lines_of_one_sku_and_price_are_added_together(tmp_path):
    rows = [
        make_row(Package_ID="1157000000000000001", Order_Amount="42"),
        make_row(Package_ID="1157000000000000002", Order_Amount="42"),
    ]

    (line,) = only_order(inspect(rows, tmp_path)).lines

    assert (line.quantity, str(line.amount)) == (4, "38")
    assert line.package_ids == ("1157000000000000001", "1157000000000000002")


def test_notes_of_one_kind_are_cut_short(tmp_path):
    rows = [
        make_row(Order_ID=f"5791000000000{n:05}", Created_Time="16/11/2026 9:12")
        for n in range(1, 100)
    ]

    file = inspect(rows, tmp_path)

    assert len(file.problems) == 51
    assert file.problems[-1].message == "Times have no seconds. 49 more."


@pytest.mark.parametrize(
    ("column", "region"),
    [
        ("Tokopedia Invoice Number", "ID"),
        ("Regency and City", "ID"),
        ("Barangay", "PH"),
        ("Commune", "VN"),
        ("Retail Delivery Fee", "US"),
    ],
)
def test_columns_that_only_another_region_has_refuse_the_file(column, region, tmp_path):
    content = as_csv([[*make_row(), ""]], header=[*HEADER, column])

    with pytest.raises(FileRefused, match=f"in {region}, but this shop is in MY"):
        inspect(content, tmp_path)


def test_columns_that_another_region_is_known_for_are_noted(tmp_path):
    content = as_csv([[*make_row(), ""]], header=[*HEADER, "Small Order Fee"])

    assert "shop in TH" in notes(inspect(content, tmp_path))[0]


def test_statuses_are_counted(tmp_path):
    rows = [make_row(), make_row(Order_ID=OTHER, Order_Status="Unpaid")]

    statuses = inspect(rows, tmp_path).report.statuses

    assert statuses == {OrderStatus.COMPLETED: 1, OrderStatus.UNPAID: 1}
