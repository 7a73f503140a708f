"""Which column is which in settlement (income) files and in those of what is to come.

A few columns are known by name. All others with amounts are parts by name, and their
place tells of what: those behind a total belong to it. Names of fees appear and vanish.
Source: income files of South-East Asia, the United States and (localised) Indonesia.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.integrations.contracts import AmountGroup
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.problems import FileRefused


class Column(StrEnum):
    """The columns known by name; the value is their usual one, normalised."""

    ID = "order/adjustment id"
    TYPE = "type"
    STATEMENT_DATE = "statement date"
    STATEMENT_ID = "statement id"
    CURRENCY = "currency"
    SKU_ID = "sku id"
    QUANTITY = "quantity"
    PRODUCT_NAME = "product name"
    SKU_NAME = "sku name"
    CREATED = "order created time"
    SETTLED = "order settled time"
    DELIVERED = "order delivery time"
    SETTLEMENT = "total settlement amount"
    ESTIMATE = "total estimated settlement amount"
    REVENUE = "total revenue"
    SHIPPING = "shipping"
    FEES = "total fees"
    ADJUSTMENT = "adjustment amount"
    RELATED = "related order id"
    EXPECTED = "estimated settle time"
    REASON = "unsettled reasons"
    ERROR = "error"


_ALIASES = {
    "id pesanan/penyesuaian": Column.ID,
    "order id": Column.ID,
    "transaction type": Column.TYPE,
    "jenis transaksi": Column.TYPE,
    "order created date": Column.CREATED,
    "waktu pemesanan": Column.CREATED,
    "order settled date": Column.SETTLED,
    "waktu pembayaran pesanan": Column.SETTLED,
    "order delivered time": Column.DELIVERED,
    "mata uang": Column.CURRENCY,
    "jumlah penyelesaian pembayaran": Column.SETTLEMENT,
    "estimated settlement amount": Column.ESTIMATE,
    "total pendapatan": Column.REVENUE,
    "net sales": Column.REVENUE,
    "total biaya": Column.FEES,
    "fees": Column.FEES,
    "ajustment amount": Column.ADJUSTMENT,
    "jumlah penyesuaian": Column.ADJUSTMENT,
    "id pesanan terkait": Column.RELATED,
    "unsettled reason": Column.REASON,
}
BY_NAME: dict[str, Column] = {each.value: each for each in Column} | _ALIASES
TOTALS = {
    Column.REVENUE: AmountGroup.REVENUE,
    Column.SHIPPING: AmountGroup.SHIPPING,
    Column.FEES: AmountGroup.FEE,
    Column.ADJUSTMENT: AmountGroup.SUPPLEMENTARY,
    Column.RELATED: AmountGroup.SUPPLEMENTARY,
}
# What is no amount, or a sum of others.
_NO_PARTS = re.compile(
    r".*\b(weight|id|time|date|name|source|items?|produk|sumber)\b.*|subtotal after .*|"
    r"refund subtotal after .*|subtotal setelah .*|gross sales"
)
_TAX = re.compile(r"\b(gst|sst|vat|tax|pajak|ppn|pit|iva|isr)\b")
_UTC = re.compile(r"\(\s*utc\s*\)\s*$")
_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
# Shipping stands among South-East Asia's fees as a sum of its own and its parts.
SHIPPING_SUM = "seller shipping fee"
SHIPPING_PARTS = frozenset(
    {
        "actual shipping fee",
        "platform shipping fee discount",
        "customer shipping fee",
        "refund customer shipping fee",
        "actual return shipping fee",
        "shipping fee subsidy",
    }
)


@dataclass(frozen=True, slots=True)
class Part:
    """A column of amounts that is known by its own name alone."""

    index: int
    name: str
    group: AmountGroup


@dataclass(frozen=True, slots=True)
class Layout:
    """`at` is {column: its index}; `utc` are the times said to be in UTC. `has_sums`
    where shipping is among the fees, with a sum of its own."""

    line: int
    names: tuple[str, ...]
    at: dict[Column, int]
    parts: tuple[Part, ...]
    utc: frozenset[Column]

    @property
    def is_unsettled(self) -> bool:
        return Column.ESTIMATE in self.at and Column.SETTLEMENT not in self.at

    @property
    def total(self) -> Column:
        return Column.ESTIMATE if self.is_unsettled else Column.SETTLEMENT

    @property
    def has_shipping(self) -> bool:
        """Whether shipping is a total of its own, as in the United States."""
        return Column.SHIPPING in self.at

    def cell(self, cells: Sequence[str], column: Column) -> str:
        """As written; columns the file lacks, and rows that end early, are blank."""
        at = self.at.get(column, len(cells))
        return cells[at] if at < len(cells) else ""

    def name(self, column: Column) -> str:
        """As the file writes it, trimmed."""
        at = self.at.get(column)
        return column.value.capitalize() if at is None else self.names[at].strip()


def read_header(line: int, cells: Sequence[str]) -> Layout:
    """Raises FileRefused where a column that is needed is missing or stands there
    twice."""
    names = tuple(" ".join(cell.replace("\ufeff", "").split()) for cell in cells)
    keys = [normalise(name) for name in names]
    at: dict[Column, int] = {}
    utc = set()
    for index, key in enumerate(keys):
        column = BY_NAME.get(key) or BY_NAME.get(_BRACKET.sub("", key))
        if column is None:
            continue
        if column in at:
            if column in (Column.ID, Column.SETTLEMENT, Column.ESTIMATE, Column.FEES):
                raise FileRefused(
                    f"The column “{names[index]}” occurs twice. Which one counts "
                    "cannot be told: upload the original download.",
                    line=line,
                    column=names[index],
                )
            continue
        at[column] = index
        if _UTC.search(key):
            utc.add(column)
    _refuse_missing(line, at)
    return Layout(line, names, at, tuple(_parts(names, keys, at)), frozenset(utc))


def _parts(
    names: Sequence[str], keys: Sequence[str], at: dict[Column, int]
) -> list[Part]:
    by_index = {index: column for column, index in at.items()}
    group = None
    parts = []
    for index, key in enumerate(keys):
        column = by_index.get(index)
        if column is not None:
            group = TOTALS.get(column, group)
        elif group is not None and key and not _NO_PARTS.fullmatch(key):
            mine = group
            if group is AmountGroup.FEE and _TAX.search(key):
                mine = AmountGroup.TAX
            parts.append(Part(index, names[index], mine))
    return parts


def _refuse_missing(line: int, at: dict[Column, int]) -> None:
    missing = [
        each.value.capitalize() for each in (Column.ID, Column.TYPE) if each not in at
    ]
    if Column.SETTLEMENT not in at and Column.ESTIMATE not in at:
        missing.append("Total settlement amount")
    is_dated = Column.SETTLED in at or Column.STATEMENT_DATE in at
    if Column.SETTLEMENT in at and not is_dated:
        missing.append("Order settled time or Statement date")
    if missing:
        raise FileRefused(
            f"Columns are missing: {', '.join(missing)}. In Seller Center choose "
            "Finance, Income, Export, and upload that file as it was downloaded.",
            line=line,
        )
