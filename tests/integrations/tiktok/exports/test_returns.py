"""Returns files: what is read, what is held back, what stays open."""

import csv
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from apps.integrations.contracts import ReturnKind, ReturnStatus
from apps.integrations.tiktok.exports import (
    FileRefused,
    inspect_returns_file,
    write_returns_error_file,
)
from tests.integrations.tiktok.exports.files import as_csv, as_xlsx

Kind, Status = ReturnKind, ReturnStatus
ROW = {
    "Return Order ID": "4036000000000000011\t",
    "Order ID": "579100000000000111\t",
    "Order Amount": "62.90",
    "Order Status": "Completed",
    "Order Substatus": "Completed",
    "Payment Method": "Online banking",
    "SKU ID": "1731000000000000011\t",
    "Seller SKU": "CUP-RED",
    "Product Name": "Cup",
    "SKU Name": "Red",
    "Buyer Username": "buyer_one",
    "Return Type": "Return and refund",
    "Time Requested": "16/11/2026 09:12:44",
    "Return Reason": "Item is damaged",
    "Return unit price": "RM 29.45",
    "Return Quantity": "1",
    "Return Logistics Tracking ID": "RT600111",
    "Return Status": "Completed",
    "Return Sub Status": "",
    "Refund Time": "20/11/2026 00:30:00\t",
    "Dispute Status": "",
    "Appeal Status": "",
    "Compensation Status": "",
    "Compensation Amount": "/",
    "Buyer Note": "",
}
HEADER = list(ROW)
SECOND = {"return_order_id": "4036000000000000022"}
MUG = {"sku_id": "1731000000000000033", "seller_sku": "MUG"}


def make_row(**changes: str) -> list[str]:
    """A row of a plain return; names are headers with _ for blanks."""
    names = {name.replace(" ", "_").casefold(): name for name in HEADER}
    return [*(ROW | {names[name]: text for name, text in changes.items()}).values()]


def inspect(rows, folder, *, header=None, content=None, **options):
    path = folder / "returns.csv"
    path.write_bytes(content or as_csv(rows, header=header or HEADER))
    shop = {"currency": "MYR", "timezone": "Asia/Kuala_Lumpur", "region": "MY"}
    return inspect_returns_file(path, **shop | options)


def only_return(file):
    assert errors(file) == []
    (remote,) = file.returns()
    return remote


def errors(file):
    return [problem.message for problem in file.problems if problem.is_error]


def notes(file):
    return [problem.message for problem in file.problems if not problem.is_error]


def check_rows(report):
    assert report.rows == (
        report.accepted_rows
        + report.copied_rows
        + report.older_rows
        + report.description_rows
        + report.blank_rows
        + report.refused_rows
    )


def with_refund(*rows):
    """The rows with a column of what goes back, {cells: refund}."""
    return [*HEADER, "Refund Amount"], [[*cells, refund] for cells, refund in rows]


def test_a_return_is_read_whole(tmp_path):
    file = inspect([make_row()], tmp_path)

    remote = only_return(file)
    assert (remote.remote_id, remote.order_id) == (
        "4036000000000000011",
        "579100000000000111",
    )
    assert (remote.kind, remote.kind_text) == (
        Kind.RETURN_AND_REFUND,
        "Return and refund",
    )
    assert (remote.status, remote.status_text) == (Status.COMPLETE, "Completed")
    assert remote.reason_text == "Item is damaged"
    assert remote.tracking_number == "RT600111"
    assert remote.created_at == datetime(2026, 11, 16, 1, 12, 44, tzinfo=UTC)
    assert remote.refunded_at == datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
    assert remote.updated_at is None
    assert (remote.refund.currency, remote.refund.total) == ("MYR", Decimal("29.45"))
    (line,) = remote.lines
    assert (line.remote_id, line.remote_sku_id) == ("1731000000000000011",) * 2
    assert (line.seller_sku, line.product_name, line.variation, line.quantity) == (
        "CUP-RED",
        "Cup",
        "Red",
        1,
    )
    assert (line.unit_id, line.refund.total) == ("", Decimal("29.45"))
    assert file.problems == []
    assert file.report.unknown_columns == ()
    assert file.report.missing_optional_columns == ()


def test_the_file_of_an_american_shop_is_read_on_its_clock(tmp_path):
    row = make_row(
        time_requested="11/16/2026 09:12:44 PM",
        refund_time="",
        return_unit_price="$1,029.45",
        order_amount="$2,000.00",
    )
    us = {"currency": "USD", "timezone": "America/Los_Angeles", "region": "US"}

    remote = only_return(inspect([row], tmp_path, **us))

    assert remote.created_at == datetime(2026, 11, 17, 5, 12, 44, tzinfo=UTC)
    assert remote.refunded_at is None
    assert remote.refund.total == Decimal("1029.45")


def test_day_and_month_are_one_decision_per_file(tmp_path):
    rows = [
        make_row(time_requested="05/11/2026 10:00:00", refund_time=""),
        make_row(**SECOND, time_requested="05/13/2026 10:00:00", refund_time=""),
    ]

    file = inspect(rows, tmp_path)

    assert file.report.date_order == "month-first"
    assert file.report.is_date_order_told
    assert next(file.returns()).created_at == datetime(2026, 5, 11, 2, tzinfo=UTC)
    with pytest.raises(FileRefused, match="day-first was chosen"):
        inspect(rows, tmp_path, dates="day-first")


def test_rows_add_up_and_a_bad_row_holds_its_return_back(tmp_path):
    rows = [
        ["Platform unique return ID.", *["What it is."] * (len(HEADER) - 1)],
        make_row(),
        make_row(),
        make_row(return_status="In process", refund_time=""),
        [""] * len(HEADER),
        make_row(**SECOND),
        make_row(**SECOND, **MUG, return_quantity="two"),
        make_row(return_order_id="none"),
        make_row(return_order_id="4036000000000000033", return_type="Refund only"),
    ]

    file = inspect(rows, tmp_path)

    report = file.report
    check_rows(report)
    assert (report.rows, report.accepted_rows, report.copied_rows) == (9, 2, 1)
    assert (report.older_rows, report.description_rows) == (1, 1)
    assert (report.blank_rows, report.refused_rows) == (1, 3)
    assert (report.return_count, report.refused_return_count) == (2, 1)
    assert report.units == 2
    assert report.asked_amount == report.refunded_amount == Decimal("58.90")
    assert [each.kind for each in file.returns()] == [
        Kind.RETURN_AND_REFUND,
        Kind.REFUND,
    ]
    (bad, nameless) = [problem for problem in file.problems if problem.is_error]
    assert (bad.line, bad.column) == (8, "Return Quantity")
    assert bad.message == "Return Quantity: “two” is not a whole number."
    assert bad.return_id == "4036000000000000022"
    assert nameless.message == "Return Order ID: “none” is no return order id."


def test_the_error_file_has_whole_returns_and_can_be_read_again(tmp_path):
    rows = [
        make_row(),
        make_row(**SECOND),
        make_row(**SECOND, **MUG, return_quantity="0"),
    ]
    file = inspect(rows, tmp_path)
    target = tmp_path / "errors.csv"

    assert write_returns_error_file(file.path, target, file.problems) == 2

    with target.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [row["error"] for row in written] == [
        "",
        "Return Quantity: is 0; it must be at least 1.",
    ]
    written[1]["Return Quantity"] = "1"
    again = [[row[name] for name in [*HEADER, "error"]] for row in written]
    mended = inspect(again, tmp_path, header=[*HEADER, "error"])
    assert len(only_return(mended).lines) == 2


@pytest.mark.parametrize(
    ("status", "substatus", "expected"),
    [
        ("Completed", "", Status.COMPLETE),
        ("In process", "", Status.PENDING),
        ("To process", "", Status.PENDING),
        ("In process", "Awaiting buyer to ship", Status.AWAITING_BUYER_SHIP),
        ("In process", "BUYER_SHIPPED_ITEM", Status.BUYER_SHIPPED),
        ("Refund rejected", "", Status.REJECTED),
        ("Refund rejected", "Package rejected", Status.RECEIVE_REJECTED),
        ("Canceled", "", Status.CANCELLED),
        ("CANCELLED", "", Status.CANCELLED),
        ("Dibatalkan", "", Status.CANCELLED),
        ("Selesai", "", Status.COMPLETE),
        ("Completed", "In transit", Status.COMPLETE),
        ("RETURN_OR_REFUND_REQUEST_SUCCESS", "", Status.SUCCESS),
        ("Haggling", "Completed", Status.NOT_UNDERSTOOD),
    ],
)
def test_statuses_are_understood(status, substatus, expected, tmp_path):
    row = make_row(return_status=status, return_sub_status=substatus)

    assert only_return(inspect([row], tmp_path)).status is expected


def test_unknown_words_are_kept_and_never_guessed(tmp_path):
    file = inspect(
        [
            make_row(return_status="Haggling", return_type="Barter"),
            make_row(**SECOND, return_sub_status="Somewhere"),
        ],
        tmp_path,
    )

    odd, known = file.returns()
    assert (odd.status, odd.status_text) == (Status.NOT_UNDERSTOOD, "Haggling")
    assert (odd.kind, odd.kind_text) == (Kind.NOT_UNDERSTOOD, "Barter")
    assert known.status is Status.COMPLETE
    assert known.status_text == "Completed / Somewhere"
    assert notes(file) == [
        "Return Type: “Barter” is not known; no goods are expected.",
        "Return Status: “Haggling” is not known; kept as it is.",
        "Return Sub Status: “Somewhere” is not known; the status says how far.",
    ]


TWO = {"return_quantity": "2", "order_amount": "100"}


def test_a_price_above_what_the_order_cost_is_of_the_line(tmp_path):
    """The evidence of one row tells how the others are meant."""
    rows = [
        make_row(return_quantity="2", return_unit_price="60"),
        make_row(**SECOND, **TWO, return_unit_price="40"),
    ]

    sure, by_others = inspect(rows, tmp_path).returns()

    assert sure.refund.total == Decimal(60)
    assert by_others.refund.total == by_others.lines[0].refund.total == Decimal(40)


@pytest.mark.parametrize(("price", "total"), [("10", "20"), ("20", "20")])
def test_what_one_unit_costs_elsewhere_tells_what_a_price_is_of(price, total, tmp_path):
    rows = [
        make_row(return_unit_price="10"),
        make_row(**SECOND, **TWO, return_unit_price=price),
    ]

    _, several = inspect(rows, tmp_path).returns()

    assert (several.lines[0].quantity, several.refund.total) == (2, Decimal(total))


@pytest.mark.parametrize(("price", "refund"), [("10", "20"), ("20", "20")])
def test_the_refund_tells_what_a_price_is_of(price, refund, tmp_path):
    header, rows = with_refund((make_row(**TWO, return_unit_price=price), refund))

    remote = only_return(inspect(rows, tmp_path, header=header))

    assert remote.refund.total == remote.lines[0].refund.total == Decimal(20)


def test_a_price_that_may_be_either_stays_open(tmp_path):
    file = inspect([make_row(**TWO, return_unit_price="40")], tmp_path)

    remote = only_return(file)
    assert remote.refund.total is None
    assert remote.lines[0].refund.total is None
    assert notes(file) == [
        "Return unit price: it cannot be told whether 40 is for one unit or for all 2; "
        "the amount stays open."
    ]
    assert (file.report.unknown_amounts, file.report.asked_amount) == (1, 0)


def test_files_that_contradict_themselves_leave_prices_open(tmp_path):
    rows = [
        make_row(return_unit_price="10"),
        make_row(**SECOND, **TWO, return_unit_price="10"),
        make_row(
            return_order_id="4036000000000000033",
            return_quantity="2",
            return_unit_price="60",
        ),
        make_row(
            return_order_id="4036000000000000044",
            **TWO,
            **MUG,
            return_unit_price="33",
        ),
    ]

    totals = [each.refund.total for each in inspect(rows, tmp_path).returns()]

    assert totals == [Decimal(10), None, Decimal(60), None]


def test_a_return_of_two_skus_adds_up(tmp_path):
    rows = [make_row(), make_row(**MUG, return_unit_price="10.55")]

    remote = only_return(inspect(rows, tmp_path))

    assert remote.refund.total == Decimal("40.00")
    assert [line.refund.total for line in remote.lines] == [
        Decimal("29.45"),
        Decimal("10.55"),
    ]


@pytest.mark.parametrize(
    ("refunds", "total"),
    [
        (("40.00", "40.00"), "40.00"),  # of the return, on each row
        (("29.00", "10.50"), "39.50"),  # of each row
        (("7", "7"), None),
    ],
)
def test_refunds_may_be_told_once_a_row_or_repeated(refunds, total, tmp_path):
    rows = [make_row(), make_row(**MUG, return_unit_price="10.55")]
    header, rows = with_refund(*zip(rows, refunds, strict=True))

    file = inspect(rows, tmp_path, header=header)

    assert only_return(file).refund.total == (total and Decimal(total))
    assert len(notes(file)) == (total is None)


def test_paid_and_free_units_of_a_sku_are_one_line(tmp_path):
    rows = [make_row(), make_row(return_unit_price="0")]

    (line,) = only_return(inspect(rows, tmp_path)).lines

    assert (line.quantity, line.refund.total) == (2, Decimal("29.45"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order_id": ""}, "Order ID: is blank."),
        ({"order_id": "12"}, "Order ID: “12” is no order id."),
        ({"return_status": ""}, "Return Status: is blank."),
        ({"return_type": " "}, "Return Type: is blank."),
        ({"sku_id": "", "seller_sku": ""}, "SKU ID: is blank"),
        ({"return_quantity": ""}, "Return Quantity: is blank."),
        ({"return_unit_price": "-3"}, "“-3” is below zero."),
        ({"time_requested": "yesterday"}, "“yesterday” is not a time."),
    ],
)
def test_bad_cells_hold_a_return_back(changes, reason, tmp_path):
    file = inspect([make_row(**changes), make_row(**SECOND)], tmp_path)

    assert len(list(file.returns())) == 1
    (message,) = errors(file)
    assert reason in message
    check_rows(file.report)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({**MUG, "order_id": "579100000000000999"}, "in another row of the same"),
        ({**MUG, "return_status": "In process"}, "different states"),
        ({"return_quantity": "3"}, "stands in this return twice"),
    ],
)
def test_rows_of_a_return_that_do_not_agree_hold_it_back(changes, reason, tmp_path):
    file = inspect([make_row(), make_row(**changes)], tmp_path)

    assert list(file.returns()) == []
    assert reason in errors(file)[0]
    assert file.report.refused_rows == 2


def test_the_furthest_state_of_a_pasted_file_counts(tmp_path):
    rows = [
        make_row(return_status="In process", refund_time=""),
        make_row(**SECOND),
        make_row(),
    ]

    file = inspect(rows, tmp_path)

    assert [each.remote_id[-2:] for each in file.returns()] == ["22", "11"]
    assert {each.status for each in file.returns()} == {Status.COMPLETE}
    assert (file.report.older_rows, file.report.accepted_rows) == (1, 2)


def test_a_workbook_and_other_separators_come_to_the_same(tmp_path):
    rows = [make_row(), make_row(**SECOND, **MUG)]
    plain = list(inspect(rows, tmp_path).returns())

    for content in (
        as_csv(rows, header=HEADER, separator=";"),
        as_csv(rows, header=HEADER, separator="\t", encoding="utf-16"),
        as_xlsx(rows, header=HEADER, name="Sheet1", row_per_cell=True),
    ):
        assert list(inspect(None, tmp_path, content=content).returns()) == plain


def test_staff_can_say_what_a_heading_means(tmp_path):
    header = ["Jumlah" if name == "Return Quantity" else name for name in HEADER]
    with pytest.raises(FileRefused, match="missing: Return Quantity"):
        inspect([make_row()], tmp_path, header=header)

    aliases = {"jumlah": "return quantity", "other": "no column of ours"}
    file = inspect([make_row()], tmp_path, header=header, aliases=aliases)

    assert only_return(file).lines[0].quantity == 1


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ([], "header but no returns"),
        ([make_row(return_order_id="4.03600E+18")], "digits are lost"),
        (
            [make_row(), make_row(return_order_id="4036000000000000000", **MUG)],
            None,
        ),
        (
            [
                make_row(return_order_id="4036000000000001000"),
                make_row(return_order_id="4036000000000002000"),
            ],
            "every id ends in 000",
        ),
        ([make_row(return_unit_price="US$10")], "not in MYR"),
        ([make_row(), [*HEADER[1:], HEADER[0]]], "other columns begins here"),
    ],
)
def test_files_that_cannot_be_used_are_refused(rows, cause, tmp_path):
    if cause is None:
        assert inspect(rows, tmp_path).report.return_count == 2
        return
    with pytest.raises(FileRefused, match=cause):
        inspect(rows, tmp_path)


def test_another_kind_of_file_is_told_where_it_belongs(tmp_path):
    header = ["Order/adjustment ID  ", "Type ", "Total settlement amount"]

    told = r"settlement \(income\) file: import it as settlement"
    with pytest.raises(FileRefused, match=told):
        inspect([], tmp_path, header=header)


def test_a_file_that_changed_meanwhile_is_not_read(tmp_path):
    file = inspect([make_row()], tmp_path)
    file.path.write_bytes(b"Return Order ID\r\n")

    with pytest.raises(FileRefused, match="has changed"):
        next(file.returns())


@pytest.mark.parametrize(
    "column", ["return_type", "return_status", "return_sub_status"]
)
def test_a_word_with_digits_is_a_cell_that_has_moved(tmp_path, column):
    file = inspect([make_row(**{column: "20/11/2026"}), make_row(**SECOND)], tmp_path)

    (message,) = errors(file)
    assert "is no word for it. The row's cells may stand in the wrong" in message
    assert file.report.refused_return_count == 1


def test_a_row_without_its_return_is_told_beside_it(tmp_path):
    file = inspect([make_row(), make_row(**MUG, return_order_id="")], tmp_path)

    assert notes(file) == [
        "Return Order ID: the row at line 3, beside this return's, names none: is it "
        "of this one?"
    ]


def test_a_return_whose_row_lost_its_ids_is_held_back(tmp_path):
    """As merged cells have it."""
    nameless = {"return_order_id": "", "order_id": "", "return_status": ""}
    rows = [make_row(), make_row(**MUG, **nameless), make_row(**SECOND)]

    file = inspect(rows, tmp_path)

    assert [remote.remote_id for remote in file.returns()] == ["4036000000000000022"]
    assert "the row at line 3 beside names no return" in errors(file)[0]


@pytest.mark.parametrize("at", [0, 1])
def test_a_return_is_held_back_where_a_row_s_cells_moved_to_the_left(at, tmp_path):
    """The order's ID stands where the return's was."""
    other = make_row(**SECOND, order_id="579100000000000222")
    rows = [make_row(), make_row(**MUG), other]
    rows[at] = [*rows[at][1:], ""]

    file = inspect(rows, tmp_path)

    assert [remote.remote_id for remote in file.returns()] == ["4036000000000000022"]
    report = file.report
    assert (report.accepted_rows, report.refused_rows) == (1, 2)


def test_a_sku_id_of_a_return_is_a_number(tmp_path):
    file = inspect([make_row(sku_id="CUP-RED"), make_row(**SECOND)], tmp_path)

    assert "“CUP-RED” is no SKU id" in errors(file)[0]
    assert file.report.return_count == 1


def test_a_refund_before_the_request_is_said(tmp_path):
    file = inspect([make_row(refund_time="15/11/2026 00:30:00")], tmp_path)

    assert [note for note in notes(file) if "before the return was requested" in note]
