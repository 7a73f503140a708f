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
from apps.integrations.tiktok.exports.kinds import FileKind, betrayed_kind, where_to
from apps.integrations.tiktok.exports.problems import FileRefused

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
    aliases: Mapping[str, Column]

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


NO_ALIASES: Mapping[str, Column] = {}


def columns_named(aliases: Mapping[str, str]) -> dict[str, Column]:
    """{heading: our column} of names of columns; those we do not know are left out."""
    known = {column.value: column for column in Column}
    return {name: known[each] for name, each in aliases.items() if each in known}


def read_header(
    line: int, cells: Sequence[str], aliases: Mapping[str, Column] = NO_ALIASES
) -> Layout:
    """Find our columns in a header row; `aliases` are more names of them, normalised.

    Raises FileRefused when the file is of another kind, when mandatory columns are
    missing (all are named) or stand there twice, or when it has over 2,000 columns.
    """
    if len(cells) > MOST_COLUMNS:
        message = (
            f"The file has {len(cells)} columns; an order export has about 60. Upload "
            "the original download."
        )
        raise FileRefused(message, line=line)
    names = list(cells)
    while names and not names[-1].strip():
        names.pop()
    normal = [normalise(name) for name in names]
    at: dict[Column, int] = {}
    repeated: list[Column] = []
    for index, name in enumerate(normal):
        column = BY_NAME.get(name) or aliases.get(name)
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
            if name and name not in BY_NAME and name not in aliases
        ),
        missing=tuple(title(column) for column in TRUNK if column not in at),
        repeated=tuple(title(column) for column in repeated),
        region=next((region for column, region in REGIONS if column in at), ""),
        aliases=aliases,
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


def other_kind(cells: Sequence[str], wanted: FileKind) -> str:
    """Where a file with these headings belongs, as a sentence, or empty where it looks
    like nothing we know, or like what is wanted."""
    kind = betrayed_kind(cells)
    return "" if kind in {None, wanted} else where_to(kind)


def _refuse_missing(line: int, at: Mapping[Column, int], normal: Sequence[str]) -> None:
    missing = [title(column) for column in MANDATORY if column not in at]
    if not any(column in at for column in EITHER):
        missing.append("SKU ID or Seller SKU")
    if not missing:
        return
    if where := other_kind(normal, FileKind.ORDERS):
        raise FileRefused(
            f"{where} It is no order export: for one choose Orders, Manage orders, "
            "Export in Seller Center.",
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
