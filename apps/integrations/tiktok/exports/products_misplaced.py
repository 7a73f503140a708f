"""Rows of a product list whose cells do not stand where they belong.

A cell deleted or inserted in a spreadsheet moves all that come after it, and a stock of
7 becomes one of 10012, a seller's SKU. The cells around it tell: sizes are numbers,
pictures are addresses, and the first picture is the main one; what names something is
neither markup nor an address, and a brand is no amount.
"""

import re
from collections.abc import Collection, Iterator

from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.product_columns import IMAGES, Column, Layout
from apps.integrations.tiktok.exports.product_rows import ProductRows, SkuRow

_REMEDY = (
    "Cells of this row are missing or stand in the wrong columns. Upload the original "
    "download."
)
_MARKUP = re.compile(r"</?[a-z][^>]*>|://", re.IGNORECASE)
_AMOUNT = re.compile(r"\d[\d,]*[.,]\d{1,2}", re.ASCII)
_NAMES = (Column.CATEGORY, Column.STATUS, Column.BRAND)
_NAMES_OF_SKUS = (Column.VARIATION, Column.SELLER_SKU)


def misplaced(product: ProductRows, layout: Layout) -> Iterator[tuple[int, str]]:
    """(line, what shows it) of the rows of a product where anything does."""
    width = len(layout.names)
    for row in product.rows:
        if len(row.cells) < width or any(map(str.strip, row.cells[width:])):
            says = f"The row has {len(row.cells)} of {width} columns. {_REMEDY}"
            yield row.line, says
        elif shown := next(_odd_cells(row, layout), ""):
            yield row.line, f"{shown} {_REMEDY}"
    # Of what rows of a product repeat, others than the first are compared with it.
    if shown := next(_odd_told(product), ""):
        yield product.rows[0].line, f"{shown} {_REMEDY}"


def suspects(products: Collection[ProductRows], layout: Layout) -> set[int]:
    """Lines whose quantity may be a seller SKU that moved there: the seller SKU is
    blank as in few other rows, and no column behind it in the list would tell."""
    if layout.sizes or Column.SELLER_SKU not in layout.at or {*IMAGES} & {*layout.at}:
        return set()
    rows = [row for product in products for row in product.rows]
    blank = {
        row.line
        for row in rows
        if not plain(layout.cell(row.cells, Column.SELLER_SKU))
        and plain(layout.cell(row.cells, Column.QUANTITY))
    }
    return blank if len(blank) * 4 <= len(rows) else set()


def _odd_cells(row: SkuRow, layout: Layout) -> Iterator[str]:
    for column in _NAMES_OF_SKUS:
        cell = plain(layout.cell(row.cells, column))
        if _MARKUP.search(cell):
            yield f"{column}: “{cell[:40]}” is a description or an address."
    for name, at in layout.sizes.items():
        cell = plain(row.cells[at])
        if cell and not cell[0].isdigit():
            yield f"{name}: “{cell[:40]}” is no number."


def _odd_told(product: ProductRows) -> Iterator[str]:
    told = {column: plain(cell) for column, cell in product.told.items()}
    for column in _NAMES:
        cell = told.get(column, "")
        if _MARKUP.search(cell):
            yield f"{column}: “{cell[:40]}” is a description or an address."
        elif _AMOUNT.fullmatch(cell):
            yield f"{column}: “{cell}” is an amount."
    if "://" in told.get(Column.COD, ""):
        yield "cod: this is the address of a picture."
    pictures = [column for column in IMAGES if told.get(column)]
    for column in pictures:
        if "/" not in told[column]:
            yield f"{column}: “{told[column][:40]}” is no address of a picture."
    if pictures and Column.MAIN_IMAGE in told and not told[Column.MAIN_IMAGE]:
        yield f"main_image: is blank, but {pictures[0]} is not."
