"""Stock in a CSV file, a row a SKU and warehouse: read wherever its columns stand.

What a cell means is never guessed: a number that may be two is refused, and so is a
SKU that a spreadsheet took for a number.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TextIO

from apps.core.exports import harmless
from apps.integrations.tiktok.exports.kinds import misplaced
from apps.products.errors import FileUnusable
from apps.products.services.csv_files import read_table

MOST_ROWS = 50_000
ERROR = "error"
# What a column may be called, in small letters and without blanks.
_NAMES = {
    "sku": ("sku", "sellersku", "oursku", "internalsku", "skucode", "itemsku"),
    "quantity": (
        "quantity",
        "qty",
        "onhand",
        "stock",
        "stockonhand",
        "counted",
        "count",
        "units",
        "pieces",
        "inventory",
    ),
    "warehouse": ("warehouse", "warehousename", "location"),
    "mode": ("mode", "kind"),
    "reason": ("reason",),
    "note": ("note", "notes", "comment", "remark", "remarks"),
    "counted_at": ("countedat", "countedon", "receivedat", "movedat"),
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names}
# Spreadsheets run what begins like this; exports put an apostrophe before it.
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
# How people keep a spreadsheet from changing a number: ="0012".
_KEPT_TEXT = re.compile(r'="([^"]*)"')
_RUINED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)

# Digits with marks between them that can mean but one number, which stands in brackets.
_CLEAR = tuple(
    re.compile(rf"([+-]?{shape}", re.ASCII)
    for shape in (
        r"\d+)",
        r"\d+)[.,]0{1,2}",
        r"\d{4,})[.,]0+",
        r"\d{1,3}(?: \d{3})+)",
        r"\d{1,3}(?:,\d{3}){2,})",
        r"\d{1,3}(?:\.\d{3}){2,})",
        r"\d{1,3}(?:,\d{3})+)\.0+",
        r"\d{1,3}(?:\.\d{3})+),0+",
    )
)
# Order exports of other places have a SKU and a quantity as well.
_SALES = re.compile(
    r"(?<!purchase)(?<!purchase[ _-])order[ _-]?(id|number|no|status)\b", re.IGNORECASE
)
# A thousand and two hundred here, one and a fifth there.
_UNCLEAR = re.compile(r"([+-]?\d{1,3})[.,](\d{3})", re.ASCII)
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class FileRow:
    """A line of the file: our columns without blanks around them, and all as it was."""

    line: int
    cells: Mapping[str, str]
    raw: Sequence[str]

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class StockFile:
    """`ignored` are columns that mean nothing to us."""

    header: Sequence[str]
    rows: Sequence[FileRow]
    ignored: Sequence[str]


def read_file(data: bytes) -> StockFile:
    """Raises FileUnusable."""
    table = read_table(data, _column, _places, MOST_ROWS)
    rows = [FileRow(line, _cells(cells, table.at), cells) for line, cells in table.rows]
    named = [name.strip() for name in table.header if name.strip()]
    ignored = [name for name in named if not _column(name) and name.lower() != ERROR]
    return StockFile(table.header, rows, ignored)


def write_errors(
    out: TextIO, file: StockFile, refused: Iterable[tuple[FileRow, str]]
) -> int:
    """The refused rows as they were, with a last column `error`; how many."""
    kept = [n for n, name in enumerate(file.header) if name.strip().lower() != ERROR]
    writer = csv.writer(out)
    writer.writerow([*(file.header[n] for n in kept), ERROR])
    count = 0
    for row, why in refused:
        cells = [row.raw[n] if n < len(row.raw) else "" for n in kept]
        writer.writerow([*cells, harmless(why)])
        count += 1
    return count


def whole_number(text: str) -> int:
    """Raises ValueError with a sentence."""
    plain = " ".join(text.replace("\u2212", "-").split())
    for shape in _CLEAR:
        if found := shape.fullmatch(plain):
            digits = re.sub(r"[ ,.]", "", found[1])
            if len(digits) > _MOST_DIGITS:
                break
            return int(digits)
    if found := _UNCLEAR.fullmatch(plain):
        raise ValueError(
            f"“{text}” may be {found[1]}{found[2]}, or {found[1]} and a part. Write it "
            "without a mark in it."
        )
    raise ValueError(f"“{text}” is no whole number. Write digits alone, as 12.")


def is_ruined(sku: str) -> bool:
    """Whether a spreadsheet took it for a number, as 1.2E+11."""
    return _RUINED.fullmatch(sku) is not None


def instant(text: str, zone: tzinfo) -> datetime:
    """As 2026-11-25 18:30, in `zone` unless it names another. Raises ValueError with a
    sentence."""
    plain = " ".join(text.split())
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        moment = None
    if moment is None or ":" not in plain:
        raise ValueError(f"“{text}” is no moment. Write it as 2026-11-25 18:30.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # of year 1 or 9999, where UTC is in another
        raise ValueError(f"“{text}” is no moment of any stock.") from error


def _places(header: Sequence[str]) -> dict[str, int]:
    """{column: where it stands}."""
    if where := misplaced(header):
        raise FileUnusable(f"{where} It is no stock file.")
    if sales := [name.strip() for name in header if _SALES.search(name)]:
        raise FileUnusable(
            f"“{sales[0]}” tells of orders, and what was sold is not what lies there. "
            "Take out that column if it is a list of stock all the same."
        )
    at: dict[str, int] = {}
    for place, name in enumerate(header):
        column = _column(name)
        if column in at:
            first = header[at[column]].strip()
            raise FileUnusable(
                f"“{first}” and “{name.strip()}” both mean the {column}. Remove one."
            )
        if column:
            at[column] = place
    for column, hint in (("sku", "SKU"), ("quantity", "quantity")):
        if column not in at:
            raise FileUnusable(
                f"No column is called “{hint}”. The columns are: SKU, quantity, and if "
                "you like warehouse, mode, reason, note, counted at."
            )
    return at


def _column(name: str) -> str:
    return _COLUMNS.get(re.sub(r"[\s_\-]+", "", name.casefold()), "")


def _cells(cells: Sequence[str], at: Mapping[str, int]) -> dict[str, str]:
    """A row may be cut short: what is not there is blank."""
    return {
        name: _told(cells[place]) if place < len(cells) else ""
        for name, place in at.items()
    }


def _told(cell: str) -> str:
    if kept := _KEPT_TEXT.fullmatch(cell.strip()):
        return kept[1].strip()
    return (cell[1:] if _GUARDED.match(cell) else cell).strip()
