"""Rows of a product list whose cells do not stand where they belong.

A cell deleted or inserted in a spreadsheet moves all that come after it, and a stock of
7 becomes one of 10012, a seller's SKU. The cells that are not read tell: sizes are
numbers, pictures are addresses, and the first picture is the main one.
"""

from collections.abc import Iterator

from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.product_columns import IMAGES, Column, Layout
from apps.integrations.tiktok.exports.product_rows import ProductRows, SkuRow

_REMEDY = (
    "Cells of this row are missing or stand in the wrong columns. Upload the original "
    "download."
)


def misplaced(product: ProductRows, layout: Layout) -> Iterator[tuple[int, str]]:
    """(line, what shows it) of the rows of a product where anything does."""
    width = len(layout.names)
    for row in product.rows:
        if len(row.cells) < width or any(map(str.strip, row.cells[width:])):
            says = f"The row has {len(row.cells)} of {width} columns. {_REMEDY}"
            yield row.line, says
        elif shown := next(_odd_sizes(row, layout), ""):
            yield row.line, f"{shown} {_REMEDY}"
    # Of what rows of a product repeat, others than the first are compared with it.
    if shown := next(_odd_told(product), ""):
        yield product.rows[0].line, f"{shown} {_REMEDY}"


def _odd_sizes(row: SkuRow, layout: Layout) -> Iterator[str]:
    for name, at in layout.sizes.items():
        cell = plain(row.cells[at])
        if cell and not cell[0].isdigit():
            yield f"{name}: “{cell[:40]}” is no number."


def _odd_told(product: ProductRows) -> Iterator[str]:
    told = {column: plain(cell) for column, cell in product.told.items()}
    if "://" in told.get(Column.COD, ""):
        yield "cod: this is the address of a picture."
    pictures = [column for column in IMAGES if told.get(column)]
    for column in pictures:
        if "/" not in told[column]:
            yield f"{column}: “{told[column][:40]}” is no address of a picture."
    if pictures and Column.MAIN_IMAGE in told and not told[Column.MAIN_IMAGE]:
        yield f"main_image: is blank, but {pictures[0]} is not."
