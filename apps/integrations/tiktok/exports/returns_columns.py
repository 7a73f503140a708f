"""Which column is which in a returns and refunds file of Seller Center."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.integrations.tiktok.exports.headers import MOST_COLUMNS, normalise
from apps.integrations.tiktok.exports.kinds import FileKind
from apps.integrations.tiktok.exports.layout import Wanted, other_kind
from apps.integrations.tiktok.exports.problems import FileRefused

ENOUGH_NAMES = 3


class Column(StrEnum):
    """The columns we read, by their usual names (normalised)."""

    RETURN_ID = "return order id"
    ORDER_ID = "order id"
    ORDER_AMOUNT = "order amount"
    SKU_ID = "sku id"
    SELLER_SKU = "seller sku"
    PRODUCT_NAME = "product name"
    SKU_NAME = "sku name"
    TYPE = "return type"
    REQUESTED = "time requested"
    REASON = "return reason"
    UNIT_PRICE = "return unit price"
    QUANTITY = "return quantity"
    TRACKING = "return logistics tracking id"
    STATUS = "return status"
    SUBSTATUS = "return sub status"
    REFUNDED = "refund time"
    REFUND = "refund amount"
    DISPUTE = "dispute status"
    ERROR = "error"  # of a file of refused rows, uploaded again


# Known, and nothing of ours: the order's own news, and what the platform pays us.
NOT_READ = frozenset(
    {
        "order status",
        "order substatus",
        "payment method",
        "buyer username",
        "appeal status",
        "compensation status",
        "compensation amount",
        "buyer note",
    }
)
_ALIASES = {
    "return substatus": Column.SUBSTATUS,
    "return tracking id": Column.TRACKING,
    "return request time": Column.REQUESTED,
    "requested time": Column.REQUESTED,
    "total refund amount": Column.REFUND,
    "variation": Column.SKU_NAME,
}
BY_NAME = {column.value: column for column in Column} | _ALIASES
MANDATORY = (
    Column.RETURN_ID,
    Column.ORDER_ID,
    Column.TYPE,
    Column.STATUS,
    Column.QUANTITY,
)
EITHER = (Column.SKU_ID, Column.SELLER_SKU)  # one of them is enough
_ONCE = frozenset({*MANDATORY, *EITHER})
_NOT_MISSED = frozenset({*_ONCE, Column.REFUND, Column.ERROR})
TIMES = (Column.REQUESTED, Column.REFUNDED)
_TITLES = {
    Column.RETURN_ID: "Return Order ID",
    Column.ORDER_ID: "Order ID",
    Column.SKU_ID: "SKU ID",
    Column.SELLER_SKU: "Seller SKU",
    Column.SKU_NAME: "SKU Name",
    Column.TRACKING: "Return Logistics Tracking ID",
}


def known_names(cells: Sequence[str]) -> int:
    """How many cells are names of columns of a returns file."""
    return sum(normalise(cell) in BY_NAME for cell in cells)


RETURNS = Wanted("", known_names)


@dataclass(frozen=True, slots=True)
class Layout:
    """`names` are the headers as written; `at` is {column: index}."""

    line: int
    names: tuple[str, ...]
    at: Mapping[Column, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    aliases: Mapping[str, Column]

    def cell(self, cells: Sequence[str], column: Column) -> str:
        """As written; columns the file lacks, and rows that end early, are blank."""
        at = self.at.get(column, len(cells))
        return cells[at] if at < len(cells) else ""

    def name(self, column: Column) -> str:
        """The column's header as the file writes it, trimmed."""
        at = self.at.get(column)
        return title(column) if at is None else " ".join(self.names[at].split())


def title(column: Column) -> str:
    """A column's usual name, for the words we say about a file without it."""
    return _TITLES.get(column, column.value.title())


def read_header(
    line: int, cells: Sequence[str], aliases: Mapping[str, Column]
) -> Layout:
    """Find our columns in a header row; `aliases` are more names of them, normalised.

    Raises FileRefused when the file is of another kind, when mandatory columns are
    missing (all are named) or stand there twice, or when it has over 2,000 columns.
    """
    if len(cells) > MOST_COLUMNS:
        message = f"The file has {len(cells)} columns; a returns file has about 25. "
        message += "Upload the original download."
        raise FileRefused(message, line=line)
    names = [cell.replace("\ufeff", "") for cell in cells]
    while names and not names[-1].strip():
        names.pop()
    normal = [normalise(name) for name in names]
    columns = [BY_NAME.get(name) or aliases.get(name) for name in normal]
    at: dict[Column, int] = {}
    for index, column in enumerate(columns):
        if column:
            at.setdefault(column, index)
    _refuse_missing(line, at, names)
    counts = Counter(column for column in columns if column)
    repeated = [column for column in Column if counts[column] > 1]
    for column in repeated:
        if column in _ONCE:
            raise FileRefused(
                f"The column “{title(column)}” occurs twice. Which one counts cannot "
                "be told: upload the original download.",
                line=line,
                column=title(column),
            )
    return Layout(
        line=line,
        names=tuple(names),
        at=at,
        unknown=tuple(
            " ".join(name.split())
            for name, key, column in zip(names, normal, columns, strict=True)
            if key and not column and key not in NOT_READ
        ),
        missing=tuple(
            title(each) for each in Column if each not in at and each not in _NOT_MISSED
        ),
        repeated=tuple(map(title, repeated)),
        aliases=aliases,
    )


def _refuse_missing(line: int, at: Mapping[Column, int], names: Sequence[str]) -> None:
    missing = [title(column) for column in MANDATORY if column not in at]
    if not any(column in at for column in EITHER):
        missing.append("SKU ID or Seller SKU")
    if not missing:
        return
    how = (
        "In Seller Center choose Orders, Manage returns, Export, and upload that file "
        "as it was downloaded."
    )
    if where := other_kind(names, FileKind.RETURNS):
        raise FileRefused(f"{where} It is no returns file. {how}", line=line)
    if len(at) < ENOUGH_NAMES:
        raise FileRefused(f"No columns of a returns file were found. {how}", line=line)
    raise FileRefused(f"Columns are missing: {', '.join(missing)}. {how}", line=line)
