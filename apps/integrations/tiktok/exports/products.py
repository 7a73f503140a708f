"""Read a product list (Seller Center's bulk edit template): check all of it first.

It has a row a SKU, what is said of the product repeated on each. A product is taken
whole or refused whole. What the file leaves out, a quantity most of all, is unknown.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from apps.integrations.contracts import (
    ListingStatus,
    RemoteListing,
    RemoteListingSku,
)
from apps.integrations.tiktok.exports.amounts import Money, WrongCurrency, read_pieces
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.ids import RuinedIds
from apps.integrations.tiktok.exports.problems import (
    EMPTY,
    BadValue,
    FileRefused,
    Problem,
    ProblemList,
)
from apps.integrations.tiktok.exports.product_columns import (
    IMAGES,
    MANDATORY,
    PRODUCTS,
    Column,
    Layout,
    read_header,
)
from apps.integrations.tiktok.exports.product_report import ProductsFileReport
from apps.integrations.tiktok.exports.product_rows import (
    ID,
    ProductRows,
    RowCounts,
    SkuRow,
    products_of,
    sku_rows,
)
from apps.integrations.tiktok.exports.products_misplaced import misplaced, suspects
from apps.integrations.tiktok.exports.table import Table, header_rows, open_table

# By the labels of the English Seller Center; the number behind them is not documented.
_STATUSES = {
    "draft": ListingStatus.DRAFT,
    "pending": ListingStatus.PENDING,
    "reviewing": ListingStatus.PENDING,
    "in review": ListingStatus.PENDING,
    "under review": ListingStatus.PENDING,
    "failed": ListingStatus.FAILED,
    "rejected": ListingStatus.FAILED,
    "active": ListingStatus.LIVE,
    "activate": ListingStatus.LIVE,
    "live": ListingStatus.LIVE,
    "inactive": ListingStatus.SELLER_DEACTIVATED,
    "deactivated": ListingStatus.SELLER_DEACTIVATED,
    "seller deactivated": ListingStatus.SELLER_DEACTIVATED,
    "platform deactivated": ListingStatus.PLATFORM_DEACTIVATED,
    "suspended": ListingStatus.PLATFORM_DEACTIVATED,
    "frozen": ListingStatus.FROZEN,
    "freeze": ListingStatus.FROZEN,
    "deleted": ListingStatus.DELETED,
}
_NAMED = re.compile(r"(?P<name>.*?)\s*\((?P<id>\d+)\)", re.ASCII | re.DOTALL)


@dataclass(slots=True)
class ProductsFile:
    """A checked file: what is wrong with it, its figures, its products, and the IDs of
    all products it names, also of those refused."""

    report: ProductsFileReport
    problems: list[Problem]
    listings: list[RemoteListing] = field(default_factory=list)
    product_ids: set[str] = field(default_factory=set)


def inspect_products_file(path: Path, *, currency: str, region: str) -> ProductsFile:
    """Check every row of a product list for a shop.

    `currency` (ISO) and `region` (two letters) are the shop's: the file names neither.
    Raises FileRefused when it cannot be used.
    """
    table = open_table(path, region=region, wanted=PRODUCTS)
    layout = read_layout(table)
    counts = RowCounts()
    _refuse_ruined_ids(table, layout)
    products = products_of(sku_rows(table, layout, counts), layout)
    if not products:
        raise FileRefused(
            "The file has a header but no products. Choose some in Seller Center, "
            "and download the template again.",
            line=layout.line,
        )
    report = ProductsFileReport(currency, table.encoding, head=counts.head)
    report.rows, report.blank_rows = counts.all, counts.blank
    report.rows_for_people = counts.for_people
    report.unknown_columns = layout.unknown
    reader = _Reader(
        layout,
        Money(currency),
        report,
        _repeated_skus(products.values()),
        suspects(products.values(), layout),
    )
    if layout.unknown:
        names = ", ".join(layout.unknown)
        words = f"Columns that are not read: {names}."
        reader.problems.add(Problem(layout.line, "", words, is_error=False))
    listings = [reader.read(product) for product in products.values()]
    return ProductsFile(
        report,
        reader.problems.all(),
        [listing for listing in listings if listing is not None],
        {product_id for product_id in products if ID.fullmatch(product_id)},
    )


def read_layout(table: Table) -> Layout:
    """The file's header: its first row with any text. Raises FileRefused."""
    for line, cells in header_rows(table.rows()):
        return read_header(line, cells)
    raise FileRefused(EMPTY)


def _refuse_ruined_ids(table: Table, layout: Layout) -> None:
    columns = {column.value: layout.at[column] for column in MANDATORY}
    # One SKU, one row: these never repeat, so even one that ends in zeros tells.
    ids = RuinedIds(columns, varied=[Column.SKU_ID.value])
    for row in sku_rows(table, layout, RowCounts()):
        ids.see(row.line, row.cells)
    ids.refuse()


def _repeated_skus(products: Iterable[ProductRows]) -> dict[str, list[int]]:
    """{SKU ID: its lines} of those that stand there more than once."""
    lines: dict[str, list[int]] = {}
    for product in products:
        for row in product.rows:
            lines.setdefault(row.sku_id, []).append(row.line)
    return {key: some for key, some in lines.items() if key and len(some) > 1}


@dataclass(slots=True)
class _Reader:
    layout: Layout
    money: Money
    report: ProductsFileReport
    repeated: dict[str, list[int]]
    suspects: set[int]
    problems: ProblemList = field(default_factory=ProblemList)

    def read(self, product: ProductRows) -> RemoteListing | None:
        """The listing, or None where a row of it is refused, and so all of it."""
        errors = self._errors(product)
        skus = [self._sku(row, errors) for row in product.rows]
        for line, column, message in errors:
            name = "" if column is None else column.value
            self.problems.add(
                Problem(line, name, message, product_id=product.product_id)
            )
        if errors:
            self.report.refused_rows += len(product.rows)
            self.report.refused_products += bool(product.product_id)
            return None
        for line in product.beside:
            self._note_beside(product, line)
        for row in product.rows:
            if row.line in self.suspects:
                self._note_suspect(product, row)
        self.report.products += 1
        self.report.accepted_rows += len(product.rows)
        counts = Counter((sku.quantity is None, sku.price is None) for sku in skus)
        for (has_no_quantity, has_no_price), number in counts.items():
            self.report.rows_without_quantity += number * has_no_quantity
            self.report.rows_without_price += number * has_no_price
        return _listing(product, skus)

    def _note_suspect(self, product: ProductRows, row: SkuRow) -> None:
        words = (
            "quantity: the seller SKU beside it is blank, as in few other rows: is it "
            "a quantity, or did the row's cells move by one?"
        )
        self.problems.add(
            Problem(
                row.line,
                Column.QUANTITY.value,
                words,
                is_error=False,
                product_id=product.product_id,
            )
        )

    def _note_beside(self, product: ProductRows, line: int) -> None:
        first = product.rows[0].line
        words = f"product_id: the row at line {line}, beside this product's, names none"
        self.problems.add(
            Problem(
                first,
                Column.PRODUCT_ID.value,
                f"{words}: is it of this one?",
                is_error=False,
                product_id=product.product_id,
            )
        )

    def _errors(self, product: ProductRows) -> list[tuple[int, Column | None, str]]:
        errors: list[tuple[int, Column | None, str]] = []
        if not ID.fullmatch(product.product_id):
            shown = product.product_id[:40]
            what = (
                f"“{shown}” is no product ID" if shown else "the product ID is missing"
            )
            errors += [
                (row.line, Column.PRODUCT_ID, f"product_id: {what}.")
                for row in product.rows
            ]
        told = misplaced(product, self.layout)
        errors += [(line, None, message) for line, message in told]
        for column, line in product.disagreements.items():
            first = product.rows[0].line
            message = (
                f"{column.value}: says something else than line {first} of the same "
                "product. Rows of a product repeat it: upload the original download."
            )
            errors.append((line, column, message))
        return errors

    def _sku(
        self, row: SkuRow, errors: list[tuple[int, Column | None, str]]
    ) -> RemoteListingSku:
        if not ID.fullmatch(row.sku_id):
            shown = row.sku_id[:40]
            what = f"“{shown}” is no SKU ID" if shown else "the SKU ID is missing"
            errors.append((row.line, Column.SKU_ID, f"sku_id: {what}."))
        elif lines := self.repeated.get(row.sku_id):
            others = ", ".join(str(line) for line in lines if line != row.line)
            message = f"sku_id: {row.sku_id} stands on line {others}, too."
            errors.append((row.line, Column.SKU_ID, message))
        price = quantity = None
        try:
            price = self.money.read(self.layout.cell(row.cells, Column.PRICE))
        except BadValue as error:
            errors.append((row.line, Column.PRICE, f"price: {error}"))
        except WrongCurrency as error:
            raise FileRefused(
                f"price: {error}", line=row.line, column=Column.PRICE.value
            ) from None
        try:
            quantity = read_pieces(plain(self.layout.cell(row.cells, Column.QUANTITY)))
        except BadValue as error:
            errors.append((row.line, Column.QUANTITY, f"quantity: {error}"))
        return RemoteListingSku(
            row.sku_id,
            seller_sku=plain(self.layout.cell(row.cells, Column.SELLER_SKU)),
            variation=plain(self.layout.cell(row.cells, Column.VARIATION)),
            price=price,
            currency=self.money.currency if price is not None else "",
            quantity=quantity,
        )


def _listing(product: ProductRows, skus: list[RemoteListingSku]) -> RemoteListing:
    told = {column: plain(cell) for column, cell in product.told.items()}
    category, category_id = _named(told.get(Column.CATEGORY, ""))
    brand, brand_id = _named(told.get(Column.BRAND, ""))
    status_text = told.get(Column.STATUS, "")
    label, _ = _named(status_text)
    return RemoteListing(
        product.product_id,
        title=told.get(Column.NAME, ""),
        status=_STATUSES.get(label.casefold(), ListingStatus.UNKNOWN),
        status_text=status_text,
        is_whole=False,
        skus=tuple(skus),
        description=told.get(Column.DESCRIPTION, ""),
        category_id=category_id,
        category_path=(category,) if category else (),
        brand_id=brand_id,
        brand_name=brand,
        image_urls=tuple(filter(None, (told.get(column, "") for column in IMAGES))),
    )


def _named(cell: str) -> tuple[str, str]:
    """`Lamps (600001)` as name and id; without the brackets it is a name."""
    found = _NAMED.fullmatch(cell)
    return (found["name"], found["id"]) if found else (cell, "")
