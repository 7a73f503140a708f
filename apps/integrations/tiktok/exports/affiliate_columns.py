"""Headings of files about creators: shops' affiliate orders, creators' own orders, and
creators' totals over some days.

Source: exports of Partner Center and of the creators' app, in English and Japanese.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.integrations.tiktok.exports.headers import MOST_COLUMNS, normalise
from apps.integrations.tiktok.exports.kinds import FileKind
from apps.integrations.tiktok.exports.layout import Wanted, other_kind
from apps.integrations.tiktok.exports.problems import FileRefused


class Column(StrEnum):
    """Ours; the value is the usual heading, normalised."""

    ORDER_ID = "order id"
    SKU_ID = "sku id"
    PRODUCT_ID = "product id"
    PRODUCT_NAME = "product name"
    SHOP_NAME = "shop name"
    SHOP_CODE = "shop code"
    CREATOR = "creator username"
    CONTENT_TYPE = "content type"
    CONTENT_ID = "content id"
    CAMPAIGN_ID = "partner campaign id"
    STATUS = "order status"
    IS_RETURNED = "fully returned or refunded"
    CURRENCY = "currency"
    PRICE = "price"
    QUANTITY = "quantity"
    RETURNED = "items refunded"
    RATE = "standard commission rate"
    ADS_RATE = "shop ads commission rate"
    EST_BASE = "est. commission base"
    EST_COMMISSION = "est. standard commission payment"
    EST_ADS = "est. shop ads commission payment"
    EST_BONUS = "est. bonus"
    EST_COFUNDED = "est. co-funded creator bonus"
    EST_PARTNER = "est. commission for affiliate partner"
    BASE = "actual commission base"
    COMMISSION = "actual commission payment"
    ADS = "actual shop ads commission payment"
    BONUS = "bonus"
    COFUNDED = "actual co-funded creator bonus"
    PARTNER = "shared with partner"
    TAX_ISR = "tax - isr"
    TAX_IVA = "tax - iva"
    TAX_PIT = "tax - pit"
    TOTAL = "total final earned amount"
    PLACED = "time created"
    DELIVERED = "order delivery time"
    SETTLED = "time commission paid"
    ERROR = "error"


_C = Column
_OTHER_NAMES: dict[Column, str] = {
    _C.ORDER_ID: "注文id",
    _C.SKU_ID: "sku",
    _C.PRODUCT_ID: "商品id",
    _C.PRODUCT_NAME: "商品名",
    _C.SHOP_NAME: "ショップ名",
    _C.SHOP_CODE: "ショップコード",
    _C.CREATOR: "クリエイターのユーザー名",
    _C.CONTENT_TYPE: "コンテンツタイプ",
    _C.CONTENT_ID: "コンテンツid",
    _C.STATUS: "order settlement status;注文決済ステータス;注文状況",
    _C.PRICE: "価格",
    _C.QUANTITY: "items sold;数量",
    _C.RATE: "standard;standard rate",
    _C.ADS_RATE: "shop ads;shop ads rate",
    _C.EST_COMMISSION: "est. standard commission",
    _C.EST_ADS: "est. shop ads commission",
    _C.COMMISSION: "standard commission;actual standard commission payment",
    _C.ADS: "shop ads commission",
    _C.TAX_ISR: "tax-isr",
    _C.TAX_IVA: "tax-iva",
    _C.TAX_PIT: "tax-pit",
    _C.PLACED: "order date",
    _C.SETTLED: "commission settlement date",
}
BY_NAME: dict[str, Column] = {column.value: column for column in Column} | {
    normalise(name): column
    for column, names in _OTHER_NAMES.items()
    for name in names.split(";")
}
# What else these files have that says nothing to us.
_NOT_READ = frozenset(
    normalise(name)
    for name in [
        "seller sku",
        "payment amount",
        "payment method",
        "commission model",
        "payment time",
        "ready to ship time",
        "platform",
        "live id",
        "affiliate partner",
        "agency",
        "order type",
        "indirect",
        "commission type",
        "gmv",
        "est. iva",
        "est. isr",
        "est. pit",
        "tiktok bonus",
        "partner bonus",
        "revenue sharing portion",
        "affiliate partner bonus",
        "est. affiliate partner bonus",
        "サブ注文id",
    ]
)
MANDATORY = (Column.ORDER_ID, Column.STATUS, Column.PLACED)
EITHER = (Column.SKU_ID, Column.PRODUCT_ID)
_TITLES = {
    Column.ORDER_ID: "Order ID",
    Column.SKU_ID: "SKU ID",
    Column.PRODUCT_ID: "Product ID",
    Column.CONTENT_ID: "Content ID",
}


def title(column: Column) -> str:
    return _TITLES.get(column, column.value.capitalize())


def known_names(cells: Sequence[str]) -> int:
    """How many cells are headings of these files."""
    return sum(normalise(cell) in BY_NAME for cell in cells)


AFFILIATE = Wanted("", known_names)


@dataclass(frozen=True, slots=True)
class Layout:
    """`names` are the headings as written; `at` is {column: index}."""

    line: int
    names: tuple[str, ...]
    at: Mapping[Column, int]
    unknown: tuple[str, ...]

    def cell(self, cells: Sequence[str], column: Column) -> str:
        at = self.at.get(column, len(cells))
        return cells[at] if at < len(cells) else ""

    def name(self, column: Column) -> str:
        at = self.at.get(column)
        return title(column) if at is None else " ".join(self.names[at].split())


def read_header(
    line: int,
    cells: Sequence[str],
    aliases: Mapping[str, Column],
    *,
    is_creators: bool,
) -> Layout:
    """Find our columns. Raises FileRefused where the file is of another kind, or lacks
    columns (all are named)."""
    if len(cells) > MOST_COLUMNS:
        raise FileRefused(f"The file has {len(cells)} columns.", line=line)
    names = [cell.replace("\ufeff", "") for cell in cells]
    while names and not names[-1].strip():
        names.pop()
    normal = [normalise(name) for name in names]
    at: dict[Column, int] = {}
    unknown = []
    for index, name in enumerate(normal):
        column = BY_NAME.get(name) or aliases.get(name)
        if column is not None:
            if column in at and normal[at[column]] == name:
                raise FileRefused(
                    f"The column “{' '.join(names[index].split())}” occurs twice. "
                    "Which one counts cannot be told: upload the original download.",
                    line=line,
                )
            # "SKU" is a name where there is a "SKU ID" beside it.
            if column not in at or name == column.value:
                at[column] = index
        elif name and name not in _NOT_READ:
            unknown.append(" ".join(names[index].split()))
    _refuse_missing(line, at, names, is_creators=is_creators)
    return Layout(line, tuple(names), at, tuple(unknown))


def _refuse_missing(
    line: int,
    at: Mapping[Column, int],
    names: Sequence[str],
    *,
    is_creators: bool,
) -> None:
    wanted = FileKind.CREATOR if is_creators else FileKind.AFFILIATE
    if where := other_kind(names, wanted):
        raise FileRefused(where, line=line)
    needed = (*MANDATORY, *(() if is_creators else (Column.CREATOR,)))
    missing = [title(column) for column in needed if column not in at]
    if not any(column in at for column in EITHER):
        missing.append("SKU ID or Product ID")
    if missing:
        raise FileRefused(
            f"Columns are missing: {', '.join(missing)}. Upload the file as it was "
            "downloaded.",
            line=line,
        )
