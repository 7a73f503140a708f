"""One order in every container: separators, encodings, line ends, workbooks."""

import pytest

from apps.integrations.tiktok.exports import FileRefused, xlsx
from tests.integrations.tiktok.exports.files import (
    HEADER,
    OTHER,
    as_csv,
    as_xlsx,
    cell_reference,
    inspect,
    make_row,
    notes,
    only_order,
    workbook,
)

NAME = "Cốc “sớm”, 350 ml\nđỏ 🙏"
ROWS = [make_row(Product_Name=NAME, Seller_Note="last"), []]


@pytest.mark.parametrize(
    "content",
    [
        as_csv(ROWS),
        as_csv(ROWS, end="\n"),
        as_csv(ROWS, end="\r"),
        as_csv(ROWS, separator=";"),
        as_csv(ROWS, separator="\t"),
        as_csv(ROWS, encoding="utf-8"),
        as_csv(ROWS, encoding="utf-16"),
        as_csv(ROWS, encoding="utf-16-le"),
        b"sep=;\r\n" + as_csv(ROWS, separator=";", encoding="utf-8"),
        as_xlsx(ROWS),
        as_xlsx(ROWS, row_per_cell=True),
        as_xlsx(ROWS, shared=True),
        as_xlsx(ROWS, name="Renamed"),
    ],
)
def test_the_order_is_the_same_in_every_container(content, tmp_path):
    order = only_order(inspect(content, tmp_path))

    assert order.lines[0].product_name == NAME
    assert order.lines[0].variation == "Red"
    assert order.total_amount == 23
    assert order.seller_note == "last"


def test_lines_are_counted_as_an_editor_shows_them(tmp_path):
    rows = [make_row(Buyer_Message="one\ntwo"), make_row(Order_ID=OTHER, Quantity="x")]

    file = inspect(as_csv(rows, end="\n"), tmp_path)

    assert [problem.line for problem in file.problems] == [4]


def test_workbook_rows_have_their_own_numbers(tmp_path):
    file = inspect(as_xlsx([make_row(), make_row(Quantity="x")]), tmp_path)

    assert [problem.line for problem in file.problems] == [3]


def test_a_code_page_is_accepted_where_it_is_clear(tmp_path):
    row = make_row(Detail_Address="Rue *** à Orléans")

    file = inspect(as_csv([row], encoding="cp1252"), tmp_path)

    assert only_order(file).buyer.address == "Rue *** à Orléans, Malaysia"
    assert "old encoding" in notes(file)[0]


def test_thai_shops_have_a_code_page_of_their_own(tmp_path):
    content = as_csv([make_row(Order_Status="เสร็จสมบูรณ์")], encoding="cp874")

    file = inspect(
        content, tmp_path, currency="THB", timezone="Asia/Bangkok", region="TH"
    )

    assert only_order(file).status == "completed"


@pytest.mark.parametrize(
    "content",
    [
        as_csv([make_row(Recipient="Đào 🙏")])[:-3] + b"\xff\r\n",
        as_csv([make_row(Recipient="Đào")], encoding="utf-8") + b"\xe0\r\n",
        as_csv([make_row(Recipient="เสร็จ")], encoding="cp874"),
        as_csv([make_row()], encoding="utf-16")[:-1],
    ],
)
def test_unclear_bytes_are_not_guessed(content, tmp_path):
    with pytest.raises(FileRefused, match=r"UTF-8|UTF-16"):
        inspect(content, tmp_path)


def test_numbers_of_a_resaved_workbook_lose_their_dust(tmp_path):
    cells = make_row()
    header = as_sheet_row(1, dict(enumerate(HEADER)))
    numbers = {14: "19.000000000000004", 12: "20", 9: "2"}
    body = as_sheet_row(2, dict(enumerate(cells)), numbers)

    order = only_order(inspect(workbook([("OrderSKUList", header + body)]), tmp_path))

    assert str(order.lines[0].seller_discount_amount) == "19"


def test_an_id_stored_as_a_number_refuses_the_workbook(tmp_path):
    header = as_sheet_row(1, dict(enumerate(HEADER)))
    numbers = {0: "5.7890144612093702E+17"}
    body = as_sheet_row(2, dict(enumerate(make_row())), numbers)

    with pytest.raises(FileRefused, match=r"5\.78901446120937e\+17"):
        inspect(workbook([("OrderSKUList", header + body)]), tmp_path)


def test_cells_far_away_do_not_fill_the_memory(tmp_path):
    rows = '<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'

    with pytest.raises(FileRefused, match="too far right"):
        inspect(workbook([("OrderSKUList", rows)]), tmp_path)


def test_an_archive_whose_directory_points_before_the_file_is_refused(tmp_path):
    content = _pointing_nowhere(workbook([("OrderSKUList", "<row/>")]))

    with pytest.raises(FileRefused, match="damaged"):
        inspect(content, tmp_path)


def _pointing_nowhere(content: bytes) -> bytes:
    """The place of the directory, in the end record, said to be further on than it
    is: members are then sought that much too early."""
    at = content.rindex(b"PK\x05\x06") + 16
    place = int.from_bytes(content[at : at + 4], "little") + 10_000
    return content[:at] + place.to_bytes(4, "little") + content[at + 4 :]


def test_a_workbook_of_endless_strings_is_refused_before_they_are_unpacked(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(xlsx, "MOST_BYTES", 3 << 20)
    row = "".join(
        as_sheet_row(number, dict(enumerate(cells, start=1)))
        for number, cells in enumerate([HEADER, make_row()], start=1)
    )
    one_order = workbook([("OrderSKUList", row)], ["x" * 1000] * 1000)
    too_many = workbook([("OrderSKUList", row)], ["x" * 1000] * 4000)

    inspect(one_order, tmp_path)
    with pytest.raises(FileRefused, match="unpacked it has more than 3 MB"):
        inspect(too_many, tmp_path)


def test_broken_and_hostile_xml_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="damaged"):
        inspect(workbook([("OrderSKUList", "<row></sheetData>")]), tmp_path)

    entities = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    with pytest.raises(FileRefused, match="not one of Excel's"):
        inspect(workbook([("OrderSKUList", "<row/>")], prolog=entities), tmp_path)


def test_a_temporary_file_does_not_outlive_the_reading(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    file = inspect(as_xlsx([make_row()]), tmp_path)
    assert list(tmp_path.glob("orders-*.csv"))

    del file

    assert not list(tmp_path.glob("orders-*.csv"))


def as_sheet_row(number, texts, numbers=()):
    """A row of inline texts, with some columns as bare numbers."""
    xml = ""
    for column, text in texts.items():
        at = cell_reference(number, column)
        if column in numbers:
            xml += f'<c r="{at}"><v>{numbers[column]}</v></c>'
        elif text:
            xml += f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'
    return f'<row r="{number}">{xml}</row>'
