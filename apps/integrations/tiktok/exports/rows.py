"""What each row of the file is, and which rows make one order."""

import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from apps.integrations.tiktok.exports.headers import BY_NAME, Column, normalise
from apps.integrations.tiktok.exports.layout import Layout, read_header
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.table import Row, Table

# What nobody sees, an apostrophe, and marks of direction that come with copied text
BLANKS = " \t\r\n\u00a0'\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff"
ID = re.compile(r"\d{9,30}", re.ASCII)
FILTER_BITS = 26
MOST_ROWS = 2_000  # of one order: they are held in memory together


class RowKind(Enum):
    """What stands in a row."""

    ORDER = "order"
    BLANK = "blank"
    DESCRIPTION = "description"  # the second row of many exports; repeated headers
    BROKEN = "broken"  # belongs to no order we could name


@dataclass(slots=True)
class RowCounts:
    """Rows below the header, by kind."""

    all: int = 0
    blank: int = 0
    description: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """All rows of one order, in file order; `order_id` is empty for a broken row.
    `beside` are broken rows right before, between and after its rows."""

    order_id: str
    rows: list[Row]
    beside: list[Row] = field(default_factory=list)


def read_id(cell: str) -> str:
    """An id as text, without the tab, apostrophe or ="…" that kept it from Excel."""
    text = cell.strip(BLANKS)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip(BLANKS)
    return text


def classify(cells: Sequence[str], layout: Layout) -> tuple[RowKind, str]:
    """A row's kind and, for an order's row, its order id.

    Raises FileRefused at a second header whose columns are in another order.
    """
    at = layout.at[Column.ORDER_ID]
    order_id = cells[at].strip() if at < len(cells) else ""
    if not ID.fullmatch(order_id):
        order_id = read_id(order_id)
    if ID.fullmatch(order_id):
        return RowKind.ORDER, order_id
    if not any(cell.strip(BLANKS) for cell in cells):
        return RowKind.BLANK, ""
    if _is_header(cells):
        return RowKind.DESCRIPTION, ""
    if (
        order_id
        and not any(map(str.isdigit, order_id))
        and _has_no_figures(cells, layout)
    ):
        return RowKind.DESCRIPTION, ""
    return RowKind.BROKEN, ""


def check_second_header(line: int, cells: Sequence[str], layout: Layout) -> None:
    """Refuse a pasted-on file whose columns are in another order."""
    if _is_header(cells) and read_header(line, cells, layout.aliases).at != layout.at:
        raise FileRefused(
            "A second header with other columns begins here: files were pasted "
            "together. Upload them one by one.",
            line=line,
        )


def _is_header(cells: Sequence[str]) -> bool:
    known = {BY_NAME.get(normalise(cell)) for cell in cells if cell and len(cell) < 60}
    return {Column.ORDER_ID, Column.STATUS, Column.QUANTITY} <= known


def _has_no_figures(cells: Sequence[str], layout: Layout) -> bool:
    figures = (Column.QUANTITY, Column.AFTER, Column.CREATED)
    return not any(
        letter.isdigit()
        for column in figures
        if layout.at[column] < len(cells)
        for letter in cells[layout.at[column]]
    )


@dataclass(slots=True)
class Scattered:
    """Finds orders whose rows do not stand together, in 8 MB for any file.

    A Bloom filter: an order it names wrongly is only read by the slower way.
    """

    order_ids: set[str] = field(default_factory=set)
    _previous: str = ""
    _bits: bytearray = field(default_factory=lambda: bytearray(1 << FILTER_BITS - 3))

    def see(self, order_id: str) -> None:
        """Take the next row's order into account."""
        if order_id == self._previous:
            return
        self._previous = order_id
        place = zlib.crc32(order_id.encode()) & (1 << FILTER_BITS) - 1
        byte, bit = place >> 3, 1 << (place & 7)
        if self._bits[byte] & bit:
            self.order_ids.add(order_id)
        self._bits[byte] |= bit


def iter_groups(
    table: Table, layout: Layout, scattered: set[str], counts: RowCounts
) -> Iterator[Group]:
    """Each order once, with all its rows; rows that stand apart come at the end."""

    def classify_order(cells: Sequence[str]) -> tuple[RowKind, str]:
        return classify(cells, layout)

    return grouped(data_rows(table, layout), classify_order, scattered, counts)


def grouped(
    rows: Iterable[Row],
    classify: Callable[[Sequence[str]], tuple[RowKind, str]],
    scattered: set[str],
    counts: RowCounts,
) -> Iterator[Group]:
    """Each order (or return …) once, by the id that `classify` finds in its rows.

    Rows that stand apart wait in a temporary database which spills to disk, not in
    memory: a file pasted twice consists of nothing else.
    """
    with closing(sqlite3.connect("")) as apart:
        apart.execute("CREATE TABLE rows (order_id TEXT, line INTEGER, cells TEXT)")
        current = Group("", [])
        broken: Row | None = None
        for line, cells in rows:
            counts.all += 1
            kind, order_id = classify(cells)
            if order_id and order_id == current.order_id:
                current.rows.append((line, cells))
                _refuse_endless(current)
                continue
            before, broken = broken, None
            if kind is RowKind.BLANK:
                counts.blank += 1
            elif kind is RowKind.DESCRIPTION:
                counts.description += 1
            elif kind is RowKind.BROKEN:
                broken = (line, cells)
                current.beside.append(broken)
                yield Group("", [(line, cells)])
            elif order_id in scattered:
                apart.execute(
                    "INSERT INTO rows VALUES (?, ?, ?)",
                    (order_id, line, json.dumps(cells)),
                )
            else:
                if current.rows:
                    yield current
                beside = [before] if before else []
                current = Group(order_id, [(line, cells)], beside)
        if current.rows:
            yield current
        yield from _stored(apart)


def _stored(apart: sqlite3.Connection) -> Iterator[Group]:
    found = apart.execute("SELECT * FROM rows ORDER BY order_id, line")
    for order_id, rows in groupby(found, key=lambda row: str(row[0])):
        group = Group(order_id, [])
        for _, line, cells in rows:
            group.rows.append((line, json.loads(cells)))
            _refuse_endless(group)
        yield group


def _refuse_endless(group: Group) -> None:
    if len(group.rows) > MOST_ROWS:
        raise FileRefused(
            f"{group.order_id} has more than {MOST_ROWS} rows: this is no export of "
            "Seller Center. Upload the original download.",
            line=group.rows[-1][0],
        )


def data_rows(table: Table, layout: Layout) -> Iterator[Row]:
    """The rows below the header."""
    for line, cells in table.rows():
        if line > layout.line:
            yield line, cells
