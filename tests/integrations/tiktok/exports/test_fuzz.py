"""Whatever is done to a file: refused, or read right; never another exception."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.integrations.tiktok.exports import FileRefused
from tests.integrations.tiktok.exports.files import (
    FOLDER,
    HEADER,
    as_csv,
    as_xlsx,
    inspect,
    make_row,
)

PLAIN = (FOLDER / "orders-my.csv").read_bytes()
WORKBOOK = as_xlsx([make_row(), make_row(Order_ID="579100000000000222")])
ROWS = list(csv.reader(io.StringIO(PLAIN.decode("utf-8-sig"), newline="")))


def read(content: bytes):
    """The checked file, or None if it was refused; its orders must match its report."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            file = inspect(content, Path(folder))
        except FileRefused:
            return None
        orders = list(file.orders())
        report = file.report
        assert len(orders) == report.order_count
        assert sum(order.total_amount or 0 for order in orders) == (
            report.order_amount.all
        )
        assert report.rows == (
            report.accepted_rows
            + report.copied_rows
            + report.older_rows
            + report.description_rows
            + report.blank_rows
            + report.refused_rows
        )
        return report


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), max_size=4
    ),
    st.integers(0, len(PLAIN)),
)
def test_damaged_bytes_never_break_the_reader(flips, end):
    content = bytearray(PLAIN)
    for at, byte in flips:
        content[at] = byte
    read(bytes(content[: end or None]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=3,
    )
)
def test_damaged_workbooks_never_break_the_reader(flips):
    content = bytearray(WORKBOOK)
    for at, byte in flips:
        content[at] = byte
    read(bytes(content))


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(len(ROWS[0]))), st.permutations(range(2, len(ROWS))))
def test_moved_columns_and_rows_change_no_sum(columns, rows):
    moved = [[ROWS[row][at] for at in columns] for row in [1, *rows]]
    header = [ROWS[0][at] for at in columns]

    report = read(as_csv(moved, header=header))

    assert report is not None
    assert (str(report.amount.all), report.units) == ("161.9", 10)
    assert str(report.order_amount.not_cancelled) == "133.1"
    assert report.refused_rows == 0


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(2, len(ROWS) - 1)), st.integers(0, len(ROWS[0])))
def test_rows_cut_short_are_refused_or_whole(cut, width):
    rows = [row[:width] if at in cut else row for at, row in enumerate(ROWS)]

    report = read(as_csv(rows[1:], header=rows[0]))

    if report and width < len(ROWS[0]):
        assert report.accepted_rows <= len(ROWS) - 2 - len(cut)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(HEADER), st.text(max_size=30))
def test_any_text_in_any_cell_is_read_or_refused(column, text):
    row = make_row()
    row[HEADER.index(column)] = text.encode("utf-8", "replace").decode()

    read(as_csv([row, make_row(Order_ID="579100000000000222")]))


@pytest.mark.parametrize("end", range(0, len(WORKBOOK), 97))
def test_a_workbook_cut_off_is_refused(end):
    assert read(WORKBOOK[:end]) is None
