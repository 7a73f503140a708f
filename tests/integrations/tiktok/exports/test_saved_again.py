"""Orders that went through a spreadsheet, or were put together out of several files."""

import pytest

from apps.integrations.tiktok.exports import FileRefused
from tests.integrations.tiktok.exports.files import (
    HEADER,
    OTHER,
    as_csv,
    errors,
    inspect,
    make_row,
    notes,
    only_order,
    workbook,
)
from tests.integrations.tiktok.exports.test_rows import is_accounted_for

IDS = ["579100000000000111", "579100000000300222", "579100000000600357"]


def two_lines(**changes):
    """The rows of one order that comes to 34."""
    mug = {"SKU_ID": "1731000000000000033", "Seller_SKU": "MUG", "Quantity": "1"}
    price = {"SKU_Unit_Original_Price": "11", "SKU_Subtotal_Before_Discount": "11"}
    less = {"SKU_Seller_Discount": "0", "SKU_Subtotal_After_Discount": "11"}
    return [
        make_row(Order_Amount="34"),
        make_row(Order_Amount="34", **mug, **price, **less, **changes),
    ]


def test_ids_rounded_by_a_program_refuse_the_file(tmp_path):
    rounded = [str(int(float(each))) for each in IDS]

    with pytest.raises(FileRefused, match=r"rounded number.*original download"):
        inspect([make_row(Order_ID=each) for each in rounded], tmp_path)

    skus = [str(int(float(f"173{each[:-2]}"))) for each in IDS]
    rows = zip(IDS, skus, strict=True)
    of_skus = [make_row(Order_ID=order, SKU_ID=sku) for order, sku in rows]
    with pytest.raises(FileRefused, match="SKU ID: every id is a rounded number"):
        inspect(of_skus, tmp_path)


def test_two_such_ids_may_be_chance(tmp_path):
    rounded = [str(int(float(each))) for each in IDS[:2]]

    file = inspect([make_row(Order_ID=each) for each in rounded], tmp_path)

    assert file.report.order_count == 2


@pytest.mark.parametrize(
    ("count", "spoil"),
    [(5, lambda i: i[:15] + "000"), (8, lambda i: str(int(float(i))))],
)
def test_ruined_rows_that_were_pasted_on_refuse_the_file(count, spoil, tmp_path):
    good = [f"5791000000{n:04}0111" for n in range(30)]
    bad = [spoil(f"5791000{n:04}0777111") for n in range(count)]

    with pytest.raises(FileRefused, match=f"Order ID: {count} ids") as caught:
        inspect([make_row(Order_ID=each) for each in good + bad], tmp_path)
    assert caught.value.line == 32

    fewer = good + bad[: count - 1]
    file = inspect([make_row(Order_ID=each) for each in fewer], tmp_path)
    assert file.report.order_count == len(fewer)


def test_an_id_that_lost_a_digit_is_refused(tmp_path):
    ids = [f"5791000000{n:04}0111" for n in range(12)]
    rows = [make_row(Order_ID=each) for each in ids]
    rows[3][0] = rows[3][0][:-1]

    file = inspect(rows, tmp_path)

    assert errors(file) == [
        f"Order ID: {ids[3][:-1]} has 17 digits, those of the others have 18. "
        "Upload the original download."
    ]
    assert file.report.order_count == 11
    assert is_accounted_for(file.report)


def test_invisible_marks_around_ids_are_not_of_them(tmp_path):
    row = make_row(Order_ID=f"\u200b{IDS[0]}", SKU_ID="\u200e1731000000000000011")

    order = only_order(inspect([row], tmp_path))

    assert order.remote_id == IDS[0]
    assert order.lines[0].remote_sku_id == "1731000000000000011"


def test_a_sku_id_is_a_number(tmp_path):
    file = inspect([make_row(SKU_ID="CUP-RED"), make_row(Order_ID=OTHER)], tmp_path)

    assert len(errors(file)) == 1
    assert "“CUP-RED” is no SKU id" in errors(file)[0]
    assert file.report.order_count == 1


def test_dates_turned_round_by_a_spreadsheet_refuse_the_file(tmp_path):
    """Of the other date order, it reads those up to the 12th alone."""
    kept = make_row(Paid_Time="")
    turned = make_row(
        Order_ID=OTHER, Created_Time="11/5/2026 9:12", Paid_Time="11/5/2026 9:13"
    )

    with pytest.raises(FileRefused, match=r"took the day for the month.*original"):
        inspect([kept, turned], tmp_path)

    of_one_hand = make_row(
        Order_ID=OTHER, Created_Time="5/11/2026 9:12", Paid_Time="16/11/2026 9:13"
    )
    assert inspect([kept, of_one_hand], tmp_path).report.order_count == 2
    told = inspect([kept, turned], tmp_path, dates="day-first")
    assert told.report.order_count == 2


def test_am_and_pm_do_not_say_elsewhere_which_comes_first(tmp_path):
    unsaid = make_row(Created_Time="5/11/2026 9:12:44 AM", Paid_Time="")
    said = make_row(Created_Time="16/11/2026 9:12:44 PM", Paid_Time="")

    assert not inspect([unsaid], tmp_path).report.is_date_order_told
    file = inspect([said], tmp_path)
    assert file.report.is_date_order_told
    assert only_order(file).placed_at.isoformat() == "2026-11-16T13:12:44+00:00"


def test_thousands_taken_for_decimals_refuse_the_file(tmp_path):
    """Rp25.000 became 25, which nobody can see; Rp38.820 became 38.82."""
    shop = {"currency": "IDR", "timezone": "Asia/Jakarta", "region": "ID"}
    rows = [make_row(), make_row(Order_ID=OTHER, Order_Amount="23.5")]

    with pytest.raises(FileRefused, match="a thousandth of what they were"):
        inspect(rows, tmp_path, **shop)


def test_a_row_written_otherwise_is_a_copy(tmp_path):
    other = make_row(
        Quantity="2.0",
        SKU_Unit_Original_Price="RM 10.00",
        SKU_Subtotal_Before_Discount="20.00",
        SKU_ID="'1731000000000000011",
    )

    file = inspect([make_row(), other], tmp_path)

    assert only_order(file).lines[0].quantity == 2
    assert (file.report.copied_rows, notes(file)) == (1, [])


def test_a_free_line_written_otherwise_is_a_copy(tmp_path):
    free = {"SKU_Seller_Discount": "20", "SKU_Subtotal_After_Discount": "0"}
    free |= {"Order_Amount": "0", "Shipping_Fee_After_Discount": "0"}
    rows = [make_row(**free), make_row(**free, SKU_Unit_Original_Price="10.00")]

    file = inspect(rows, tmp_path)

    assert only_order(file).lines[0].quantity == 2
    assert file.report.copied_rows == 1


def test_the_same_sale_twice_is_one_where_the_sum_says_so(tmp_path):
    renamed = make_row(Seller_SKU="CUP-RED-OLD", Tracking_ID="630099")

    file = inspect([make_row(), renamed], tmp_path)

    assert only_order(file).lines[0].quantity == 2
    assert "take" in notes(file)[0]
    assert file.report.older_rows == 1
    assert is_accounted_for(file.report)


def test_an_order_whose_row_lost_its_id_is_held_back(tmp_path):
    """As merged cells have it."""
    rows = two_lines()
    rows[1][0] = ""

    file = inspect([*rows, make_row(Order_ID=OTHER)], tmp_path)

    assert [order.remote_id for order in file.orders()] == [OTHER.strip()]
    assert any("it may be of this one" in message for message in errors(file))
    assert is_accounted_for(file.report)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SKU_Subtotal_After_Discount": "21"}, "is more than the subtotal before"),
        ({"SKU_Platform_Discount": "20"}, "is less than the discounts"),
    ],
)
def test_amounts_that_cannot_be_are_refused(changes, says, tmp_path):
    file = inspect([make_row(**changes), make_row(Order_ID=OTHER)], tmp_path)

    assert says in errors(file)[0]
    assert "original download" in errors(file)[0]
    assert file.report.order_count == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"Paid_Time": "15/11/2026 09:13:00"}, "Paid Time: is before the order"),
        ({"Order_Status": "Unpaid", "Order_Substatus": ""}, "though the order is unp"),
        ({"Cancelled_Time": "17/11/2026 09:13:00"}, "though the order was completed"),
        ({"Order_Status": "Cancelled", "Order_Substatus": ""}, "order was cancelled"),
        ({"Order_Refund_Amount": "23.02"}, "Refund Amount: is more than the order's"),
        ({"Order_Substatus": "Awaiting shipment"}, "does not go with “Completed”"),
    ],
)
def test_what_does_not_fit_is_said(changes, says, tmp_path):
    file = inspect([make_row(**changes)], tmp_path)

    assert any(says in note for note in notes(file))
    assert errors(file) == []


def sheet(rows, change=lambda xml: xml):
    xml = "".join(
        f'<row r="{number}">'
        + "".join(f'<c t="str"><v>{cell}</v></c>' for cell in row)
        + "</row>"
        for number, row in enumerate([HEADER, *rows], start=1)
    )
    return change(xml)


def test_a_formula_that_was_never_worked_out_is_not_blank(tmp_path):
    xml = sheet(
        [make_row(Order_Refund_Amount="@")],
        lambda xml: xml.replace('t="str"><v>@</v>', "><f>SUM(A1:A2)</f>"),
    )

    file = inspect(workbook([("OrderSKUList", xml)]), tmp_path)

    assert errors(file) == ["Order Refund Amount: “=SUM(A1:A2)” is not an amount."]


def test_a_second_sheet_of_orders_is_not_passed_over_in_silence(tmp_path):
    sheets = [("May", sheet([make_row()])), ("June", sheet([make_row(Order_ID=OTHER)]))]

    file = inspect(workbook(sheets), tmp_path)

    assert file.report.order_count == 1
    assert notes(file)[0].startswith("The sheet “June” has the same columns")


def test_a_post_town_is_not_malaysia_s_alone(tmp_path):
    header = [("Post Town" if name == "Country" else name) for name in HEADER]
    content = as_csv([make_row()], header=header)
    of_singapore = {"currency": "SGD", "timezone": "Asia/Singapore", "region": "SG"}
    of_thailand = {"currency": "THB", "timezone": "Asia/Bangkok", "region": "TH"}

    assert notes(inspect(content, tmp_path, **of_singapore)) == []
    assert "a shop in MY" in notes(inspect(content, tmp_path, **of_thailand))[0]


def test_digits_of_other_scripts_are_no_id(tmp_path):
    file = inspect([make_row(SKU_ID="²" * 19), make_row(Order_ID=OTHER)], tmp_path)

    assert "is no SKU id" in errors(file)[0]
    assert file.report.order_count == 1
