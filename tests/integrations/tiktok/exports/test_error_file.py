"""Refused rows as a file to correct and upload again."""

import csv

from apps.integrations.tiktok.exports import Problem, write_error_file
from tests.integrations.tiktok.exports.files import (
    HEADER,
    OTHER,
    as_csv,
    as_xlsx,
    inspect,
    make_row,
)

GREEN = {"SKU_ID": "1731000000000000012", "Buyer_Message": "=HYPERLINK(1)"}


def written(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_only_refused_orders_are_written_whole(tmp_path):
    rows = [make_row(Order_ID=OTHER), make_row(Quantity="two"), make_row(**GREEN)]
    file = inspect(rows, tmp_path)
    out = tmp_path / "errors.csv"

    count = write_error_file(file.path, out, file.problems)

    header, first, second = written(out)
    assert count == 2
    assert header == [*HEADER, "error"]
    assert first == [*rows[1], "Quantity: “two” is not a whole number."]
    assert second == [*rows[2], ""]


def test_it_can_be_uploaded_again(tmp_path):
    file = inspect([make_row(Quantity="two")], tmp_path)
    out = tmp_path / "errors.csv"
    write_error_file(file.path, out, file.problems)

    again = inspect(out.read_bytes(), tmp_path)
    write_error_file(again.path, out, again.problems)

    assert again.report.unknown_columns == ()
    assert written(out)[0] == [*HEADER, "error"]


def test_a_workbooks_rows_come_as_csv(tmp_path):
    file = inspect(as_xlsx([make_row(Quantity="x"), make_row(Order_ID="x1")]), tmp_path)
    out = tmp_path / "errors.csv"

    assert write_error_file(file.path, out, file.problems) == 2
    assert written(out)[2][0] == "x1"


def test_our_column_holds_no_formula(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(as_csv([make_row()]))
    out = tmp_path / "errors.csv"

    write_error_file(path, out, [Problem(2, "", "=1+1\nmore")])

    assert written(out)[1][-1] == "'=1+1 more"


def test_notes_are_no_errors(tmp_path):
    file = inspect([make_row(Order_Status="Teleported")], tmp_path)
    out = tmp_path / "errors.csv"

    assert write_error_file(file.path, out, file.problems) == 0
    assert written(out) == [[*HEADER, "error"]]
