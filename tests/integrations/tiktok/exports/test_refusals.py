"""Files that cannot be used at all, and what staff are told to do."""

import pytest

from apps.integrations.tiktok.exports import FileRefused, table
from tests.integrations.tiktok.exports.files import (
    HEADER,
    OTHER,
    as_csv,
    inspect,
    inspect_us,
    make_row,
    only_order,
    workbook,
)


def without(*names):
    """A header and a row without these columns."""
    kept = [at for at, name in enumerate(HEADER) if name not in names]
    return [HEADER[at] for at in kept], [make_row()[at] for at in kept]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (as_csv([]), "header but no orders"),
        (as_csv([["Platform unique order ID.", "Current order status."]]), "no orders"),
        (b"just some words\r\n", "No order columns"),
        (b"<html><table>", "web page"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0 Workbook", "old Excel"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"\x89PNG\x00\x00\x01\x02\x00\x01", "neither a CSV"),
        (b"Return Order ID,Order ID,Return Type\r\n1,2,3", "returns and refunds file"),
        (b"Order/adjustment ID  ,Type ,Total settlement amount\r\n1", "settlement"),
        (b"Order ID,SKU ID,Est. Commission Base\r\n1,2,3", "affiliate orders file"),
        (b"product_id,category,sku_id\r\n1,2,3", "product list"),
        (b"Creator ID,Launched Time,Duration\r\n1,2,3", "live analysis"),
        (workbook([("A", "<row/>")]), "workbook is empty"),
    ],
)
def test_the_cause_is_named(content, cause, tmp_path):
    with pytest.raises(FileRefused, match=cause):
        inspect(content, tmp_path)


def test_all_missing_columns_are_named(tmp_path):
    header, row = without("Quantity", "Created Time", "SKU ID", "Seller SKU")

    with pytest.raises(FileRefused) as refused:
        inspect(as_csv([row], header=header), tmp_path)

    message = str(refused.value)
    assert "Quantity, Created Time, SKU ID or Seller SKU" in message


def test_one_kind_of_sku_is_enough(tmp_path):
    header, row = without("SKU ID")

    file = inspect(as_csv([row], header=header), tmp_path)

    assert only_order(file).lines[0].seller_sku == "CUP-RED"
    assert file.report.missing_optional_columns == ("SKU ID",)


def test_a_mandatory_column_twice_is_refused(tmp_path):
    content = as_csv([[*make_row(), "99"]], header=[*HEADER, "ORDER  amount"])

    with pytest.raises(FileRefused, match="“Order Amount” occurs twice"):
        inspect(content, tmp_path)


def test_an_id_in_scientific_notation_refuses_the_file(tmp_path):
    rows = [make_row(), make_row(Order_ID="5.78901E+17")]

    with pytest.raises(FileRefused, match="original download") as refused:
        inspect(rows, tmp_path)

    assert (refused.value.line, refused.value.column) == (3, "Order ID")


@pytest.mark.parametrize("text", ["5,78901E+17", "5.78901446120937e+17", "6E+17"])
def test_scientific_notation_has_spellings(text, tmp_path):
    with pytest.raises(FileRefused, match="spreadsheet"):
        inspect([make_row(SKU_ID=text)], tmp_path)


def test_ids_that_all_end_in_zeros_refuse_the_file(tmp_path):
    ids = ["578901446120937000", "578901440871526000"]

    with pytest.raises(FileRefused, match="every id ends in 000"):
        inspect([make_row(Order_ID=order_id) for order_id in ids], tmp_path)


def test_one_id_that_ends_in_zeros_is_chance(tmp_path):
    rows = [make_row(Order_ID="578901446120937000"), make_row(Order_ID=OTHER)]

    assert inspect(rows, tmp_path).report.order_count == 2


def test_a_foreign_currency_refuses_the_file(tmp_path):
    rows = [make_row(), make_row(Order_ID=OTHER, Order_Amount="Rp38.824")]

    with pytest.raises(FileRefused, match="not in MYR") as refused:
        inspect(rows, tmp_path)

    assert (refused.value.line, refused.value.column) == (3, "Order Amount")


def test_an_open_quotation_mark_is_not_read_over(tmp_path):
    content = as_csv([make_row()]).replace(b"Cup,", b'"Cup,')

    with pytest.raises(FileRefused, match="quotation mark"):
        inspect(content, tmp_path)


def test_giant_cells_and_headers_are_refused(tmp_path):
    with pytest.raises(FileRefused, match="too large"):
        inspect([make_row(Seller_Note="x" * 200_000)], tmp_path)
    with pytest.raises(FileRefused, match="million characters"):
        inspect([make_row(Seller_Note="x" * 1_100_000)], tmp_path)
    wide = as_csv([make_row()], header=[*HEADER, *map(str, range(2000))])
    with pytest.raises(FileRefused, match="columns"):
        inspect(wide, tmp_path)


def test_a_file_of_endless_lines_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MOST_LINES", 50)

    inspect(as_csv([make_row()]) + b"\r\n" * 40, tmp_path)
    with pytest.raises(FileRefused, match="more than 50 lines"):
        inspect(as_csv([make_row()]) + b"\r\n" * 60, tmp_path)


def test_a_file_changed_after_the_check_is_not_read(tmp_path):
    file = inspect([make_row()], tmp_path)
    (tmp_path / "orders.csv").write_bytes(as_csv([make_row(Quantity="99")]))

    with pytest.raises(FileRefused, match="has changed"):
        list(file.orders())


def test_dates_of_another_order_are_refused_when_they_contradict(tmp_path):
    rows = [make_row(), make_row(Order_ID=OTHER, Paid_Time="11/16/2026 10:00:00 PM")]

    with pytest.raises(FileRefused, match="contradict"):
        inspect_us(rows, tmp_path)


@pytest.mark.parametrize("between", [[], [make_row(Order_ID=OTHER)]])
def test_an_order_without_end_is_refused(between, tmp_path):
    rows = [make_row(), *between, *[make_row()] * 2001]

    with pytest.raises(FileRefused, match="more than 2000 rows"):
        inspect(rows, tmp_path)
