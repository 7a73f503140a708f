"""The rows of a product list: which are for people, which make one product."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.product_columns import (
    IMAGES,
    REPEATED,
    Column,
    Layout,
)
from apps.integrations.tiktok.exports.rows import BLANKS, read_id
from apps.integrations.tiktok.exports.table import Row, Table

ID = re.compile(r"\d{9,32}", re.ASCII)
# Below the machine names: version, labels, mandatory or not, editable or not.
ROWS_FOR_PEOPLE = 4
_IDS = (Column.PRODUCT_ID, Column.SKU_ID)
_FIGURES = (Column.PRICE, Column.QUANTITY)
_VERSION = re.compile(r"V\d+(\.\d+)*", re.IGNORECASE | re.ASCII)


class RowKind(Enum):
    """What stands in a row."""

    SKU = "sku"
    BLANK = "blank"
    FOR_PEOPLE = "for people"


@dataclass(slots=True)
class SkuRow:
    """A row as written; ids without what kept them from spreadsheets."""

    line: int
    cells: list[str]
    product_id: str
    sku_id: str


@dataclass(slots=True)
class ProductRows:
    """All rows of one product, and what they repeat, from the first of them."""

    product_id: str
    told: dict[Column, str]
    rows: list[SkuRow] = field(default_factory=list)
    # {column: the first line that says something else}
    disagreements: dict[Column, int] = field(default_factory=dict)
    # Lines right beside its rows that name no product.
    beside: list[int] = field(default_factory=list)

    def add(self, row: SkuRow, layout: Layout) -> None:
        for column, known in self.told.items():
            cell = layout.cell(row.cells, column)
            if _compared(column, cell) != _compared(column, known):
                self.disagreements.setdefault(column, row.line)
        self.rows.append(row)


@dataclass(slots=True)
class RowCounts:
    """Rows below the machine names, by kind; `head` is what the second row says."""

    all: int = 0
    blank: int = 0
    for_people: int = 0
    head: tuple[str, ...] = ()


def sku_rows(table: Table, layout: Layout, counts: RowCounts) -> Iterator[SkuRow]:
    """The rows that tell of SKUs, also where their ids are missing or wrong."""
    has_begun = False
    for line, cells in table.rows():
        if line <= layout.line:
            continue
        counts.all += 1
        kind = _kind((line, cells), layout, counts, has_begun=has_begun)
        if kind is RowKind.BLANK:
            counts.blank += 1
        elif kind is RowKind.FOR_PEOPLE:
            counts.for_people += 1
            _note_head(cells, counts)
        else:
            has_begun = True
            yield SkuRow(
                line,
                cells,
                read_id(layout.cell(cells, Column.PRODUCT_ID)),
                read_id(layout.cell(cells, Column.SKU_ID)),
            )


def products_of(rows: Iterator[SkuRow], layout: Layout) -> dict[str, ProductRows]:
    """{product ID: its rows}, in the file's order; "" has those that name none.

    Descriptions are long and repeated on every row: they are kept once a product.
    """
    products: dict[str, ProductRows] = {}
    repeated = [column for column in REPEATED if column in layout.at]
    previous = nameless = None
    for row in rows:
        product = products.get(row.product_id)
        if product is None:
            told = {column: layout.cell(row.cells, column) for column in repeated}
            product = products[row.product_id] = ProductRows(row.product_id, told)
        product.add(row, layout)
        if ID.fullmatch(row.product_id):
            product.beside += [nameless] if nameless else []
            previous, nameless = product, None
        else:
            nameless = row.line
            if previous is not None:
                previous.beside.append(row.line)
        for column in repeated:
            if (at := layout.at[column]) < len(row.cells):
                row.cells[at] = ""
    return products


def picture(address: str) -> str:
    """What is the same in each export: host and query are not."""
    try:
        return urlsplit(address.strip()).path
    except ValueError:
        return address.strip()


def _kind(row: Row, layout: Layout, counts: RowCounts, *, has_begun: bool) -> RowKind:
    _, cells = row
    if not any(cell.strip(BLANKS) for cell in cells):
        return RowKind.BLANK
    ids = [layout.cell(cells, column) for column in _IDS]
    has_figures = any(any(map(str.isdigit, cell)) for cell in ids) or any(
        _is_figure(layout.cell(cells, column)) for column in _FIGURES
    )
    may_be_head = not has_begun and counts.for_people < ROWS_FOR_PEOPLE
    is_version = not has_begun and any(_VERSION.fullmatch(c.strip()) for c in cells)
    if is_version or (may_be_head and not has_figures):
        return RowKind.FOR_PEOPLE
    return RowKind.SKU


def _is_figure(cell: str) -> bool:
    """`RM 40.50` is one, `Quantity in warehouse 1` is not."""
    return sum(map(str.isdigit, cell)) > sum(map(str.isalpha, cell))


def _note_head(cells: Sequence[str], counts: RowCounts) -> None:
    if not counts.head and any(_VERSION.fullmatch(cell.strip()) for cell in cells):
        counts.head = tuple(plain(cell) for cell in cells if plain(cell))[:3]


def _compared(column: Column, cell: str) -> str:
    return picture(cell) if column in IMAGES else plain(cell)
