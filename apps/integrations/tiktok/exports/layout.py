"""The header of one file: where each column is, and what the file is if not ours."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from apps.integrations.tiktok.exports.headers import (
    BY_NAME,
    EITHER,
    MANDATORY,
    MOST_COLUMNS,
    TRUNK,
    Column,
    normalise,
)
from apps.integrations.tiktok.exports.problems import FileRefused

PRODUCT_LIST = "a product list (bulk edit template)"
OTHER_FILES = (
    ("return order id", "a returns and refunds file"),
    ("return status", "a returns and refunds file"),
    ("total settlement amount", "a settlement (income) file"),
    ("total estimated settlement amount", "a file of orders not yet settled"),
    ("order/adjustment id", "a settlement (income) file"),
    ("id pesanan/penyesuaian", "a settlement (income) file"),
    ("statement id", "a settlement (income) file"),
    ("est. commission base", "an affiliate orders file"),
    ("actual commission base", "an affiliate orders file"),
    ("standard commission rate", "an affiliate orders file"),
    ("creator-attributed gmv", "a creator performance file"),
    ("affiliate gmv", "a creator performance file"),
    ("launched time", "a live analysis file"),
    ("live gross merchandise value (rm)", "a live analysis file"),
    ("waktu live", "a live analysis file"),
    ("date range", "a live analysis file"),
    ("video id", "a video analysis file"),
    ("id video", "a video analysis file"),
    ("variation_value", PRODUCT_LIST),
    ("product_id", PRODUCT_LIST),
    ("rentang gmv", "a product analysis file"),
)
REGIONS = (
    (Column.RETAIL_FEE, "US"),
    (Column.SHIPPING_SHARED, "US"),
    (Column.TOKOPEDIA_INVOICE, "ID"),
    (Column.REGENCY, "ID"),
    (Column.BARANGAY, "PH"),
    (Column.COMMUNE, "VN"),
    (Column.SMALL_ORDER_FEE, "TH"),
    (Column.TOWN, "MY"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """`names` are the headers as written, made unique; `at` is {column: index}."""

    line: int
    names: tuple[str, ...]
    at: Mapping[Column, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    region: str

    def name(self, column: Column) -> str:
        """The column's header as the file writes it, trimmed."""
        at = self.at.get(column)
        return title(column) if at is None else " ".join(self.names[at].split())


def title(column: Column) -> str:
    """A column's usual name, for the words we say about a file without it."""
    return {
        Column.ORDER_ID: "Order ID",
        Column.SKU_ID: "SKU ID",
        Column.SELLER_SKU: "Seller SKU",
        Column.AFTER: "SKU Subtotal After Discount",
    }.get(column, column.value.title())


def read_header(line: int, cells: Sequence[str]) -> Layout:
    """Find our columns in a header row.

    Raises FileRefused when the file is of another kind, when mandatory columns are
    missing (all are named) or stand there twice, or when it has over 2,000 columns.
    """
    if len(cells) > MOST_COLUMNS:
        message = f"The file has {len(cells)} columns; an order export has about 60."
        raise FileRefused(message, line=line)
    names = list(cells)
    while names and not names[-1].strip():
        names.pop()
    normal = [normalise(name) for name in names]
    at: dict[Column, int] = {}
    repeated: list[Column] = []
    for index, name in enumerate(normal):
        column = BY_NAME.get(name)
        if column in at:
            repeated.append(column)
        elif column:
            at[column] = index
    _refuse_missing(line, at, normal)
    for column in repeated:
        if column in MANDATORY or column in EITHER:
            raise FileRefused(
                f"The column “{title(column)}” occurs twice. Which one counts cannot "
                "be told: upload the original download.",
                line=line,
                column=title(column),
            )
    return Layout(
        line=line,
        names=_unique(names),
        at=at,
        unknown=tuple(
            raw.strip()
            for raw, name in zip(names, normal, strict=True)
            if name and name not in BY_NAME
        ),
        missing=tuple(title(column) for column in TRUNK if column not in at),
        repeated=tuple(title(column) for column in repeated),
        region=next((region for column, region in REGIONS if column in at), ""),
    )


def known_names(cells: Sequence[str]) -> int:
    """How many cells are names of order columns."""
    return sum(normalise(cell) in BY_NAME for cell in cells)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of file: its sheet's name, and how many cells of a header are its own."""

    sheet: str
    known_names: Callable[[Sequence[str]], int]


ORDERS = Wanted("orderskulist", known_names)


def other_kind(normal: Sequence[str]) -> str:
    """What a file with these (normalised) headers looks like, or empty."""
    names = set(normal)
    for sign, kind in OTHER_FILES:
        if sign in names or any(name.startswith(f"{sign}:") for name in names):
            return kind
    return ""


def _refuse_missing(line: int, at: Mapping[Column, int], normal: Sequence[str]) -> None:
    missing = [title(column) for column in MANDATORY if column not in at]
    if not any(column in at for column in EITHER):
        missing.append("SKU ID or Seller SKU")
    if not missing:
        return
    if (kind := other_kind(normal)) == PRODUCT_LIST:
        raise FileRefused(
            f"This looks like {kind}, not an order export: import it as products.",
            line=line,
        )
    if kind:
        raise FileRefused(
            f"This looks like {kind}, not an order export. In Seller Center choose "
            "Orders, Manage orders, Export, and upload that file.",
            line=line,
        )
    if not at:
        raise FileRefused(
            "No order columns were found. Upload the order export of Seller Center "
            "(Orders, Manage orders, Export) as it was downloaded.",
            line=line,
        )
    raise FileRefused(
        f"Columns are missing: {', '.join(missing)}. Export all columns in Seller "
        "Center and upload the original download.",
        line=line,
    )


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    unique = []
    for index, name in enumerate(names, start=1):
        text = name.replace("\ufeff", "") or f"column {index}"
        seen[text] += 1
        unique.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return tuple(unique)
