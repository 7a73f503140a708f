"""The own catalogue as a CSV file, a row a SKU: written, and read back.

What reading does with a cell: a column that is missing says nothing. A blank cell
clears the variant's name, its barcode, brand and category, and says nothing in all
other columns. Prices stand in columns of their own, as price_MYR.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from apps.core.currencies import CURRENCIES
from apps.products.errors import FileUnusable
from apps.products.models import Category, Variant, VariantPrice
from apps.products.services.bundles import components_text
from apps.products.services.categories import paths_of
from apps.products.services.csv_files import read_table

PRODUCT_COLUMNS = ("product", "category", "brand")
COST_COLUMNS = ("cost", "cost_currency")
SIZE_COLUMNS = ("weight_grams", "length_cm", "width_cm", "height_cm")
COLUMNS = (
    "sku",
    "product",
    "variant",
    "barcode",
    "category",
    "brand",
    *COST_COLUMNS,
    *SIZE_COLUMNS,
    "components",
    "active",
)
CLEARED_BY_BLANK = ("variant", "barcode", "brand", "category")
ERROR = "error"
PRICE = "price_"
MOST_ROWS = 50_000
# Spreadsheets run what begins like this; exports put an apostrophe before it.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: our columns without blanks around them, and all as it was."""

    line: int
    cells: Mapping[str, str]
    raw: Sequence[str]

    @property
    def sku(self) -> str:
        return self.cells.get("sku", "")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """`ignored` are columns that mean nothing to us."""

    header: Sequence[str]
    rows: Sequence[Row]
    ignored: Sequence[str]


def header_of(currencies: Sequence[str], *, with_costs: bool) -> list[str]:
    names = [name for name in COLUMNS[:-2] if with_costs or name not in COST_COLUMNS]
    prices = [f"{PRICE}{currency}" for currency in currencies]
    return [*names, *prices, "components", "active"]


def currencies_in(variants: "QuerySet[Variant]") -> list[str]:
    found = VariantPrice.objects.filter(variant__in=variants.order_by())
    return sorted(found.order_by().values_list("currency", flat=True).distinct())


def export_rows(
    variants: "QuerySet[Variant]",
    currencies: Sequence[str],
    *,
    with_costs: bool,
    size: int = 1_000,
) -> Iterator[list[object]]:
    """Cells below `header_of`, streamed; what begins with an apostrophe and would be
    taken for a guarded cell when read gets one more."""
    categories = Category.objects.filter(client__in=_clients(variants))
    paths = paths_of(categories)
    rows = (
        variants.select_related("product")
        .prefetch_related("prices", "components__component")
        .order_by("product__name", "product", "position", "pk")
    )
    for row in rows.iterator(chunk_size=size):
        prices = {each.currency: each.amount for each in row.prices.all()}
        cells: list[object] = [
            row.sku,
            row.product.name,
            row.name,
            row.barcode,
            paths.get(row.product.category_id or 0, ""),
            row.product.brand,
        ]
        if with_costs:
            cells += [_plain(row.cost_amount), row.cost_currency]
        cells += [_plain(getattr(row, name)) for name in SIZE_COLUMNS]
        cells += [_plain(prices.get(currency)) for currency in currencies]
        made_of = ((c.component.sku, c.quantity) for c in row.components.all())
        is_active = row.is_active and row.product.is_active
        cells += [components_text(made_of), "yes" if is_active else "no"]
        yield [f"'{cell}" if _is_guarded(cell) else cell for cell in cells]


def read_file(data: bytes) -> CatalogueFile:
    """Wherever its columns stand. Raises FileUnusable."""
    table = read_table(data, _column, _places, MOST_ROWS)
    rows = [Row(line, _cells(cells, table.at), cells) for line, cells in table.rows]
    ignored = [name for name in table.header if name.strip() and _column(name) == ""]
    return CatalogueFile(table.header, rows, ignored)


def _places(header: Sequence[str]) -> dict[str, int]:
    """{column: where it stands}."""
    at: dict[str, int] = {}
    for place, name in enumerate(header):
        column = _column(name)
        if column.startswith(PRICE) and column[len(PRICE) :] not in CURRENCIES:
            raise FileUnusable(
                f"The column “{name.strip()}” names no currency; write price_MYR."
            )
        if column in at:
            raise FileUnusable(f"Two columns are called “{column}”. Remove one.")
        if column and column != ERROR:
            at[column] = place
    if "sku" not in at:
        raise FileUnusable(
            "No column is called “sku”. The columns are: "
            f"{', '.join(COLUMNS)}, and price_MYR and the like."
        )
    return at


def _column(name: str) -> str:
    plain = "_".join(name.casefold().replace("_", " ").split())
    if plain.startswith(PRICE):
        return PRICE + plain[len(PRICE) :].upper()
    return plain if plain in (*COLUMNS, ERROR) else ""


def _cells(cells: Sequence[str], at: Mapping[str, int]) -> dict[str, str]:
    """A row may be cut short: what is not there is blank."""
    return {
        name: _unguarded(cells[place]).strip() if place < len(cells) else ""
        for name, place in at.items()
    }


def _unguarded(cell: str) -> str:
    return cell[1:] if _is_guarded(cell) else cell


def _is_guarded(cell: object) -> bool:
    return isinstance(cell, str) and _GUARDED.match(cell) is not None


def _clients(variants: "QuerySet[Variant]") -> "QuerySet[Any]":
    return variants.order_by().values("client").distinct()


def _plain(number: Any) -> object:
    """Without idle zeros, and never as 1E+3."""
    return f"{number.normalize():f}" if isinstance(number, Decimal) else number
