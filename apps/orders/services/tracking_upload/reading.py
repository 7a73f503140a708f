"""A paste or a CSV file as rows: whatever separates them, wherever columns stand."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from apps.core.storing import clean
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.ids import REMEDY, SCIENTIFIC
from apps.integrations.tiktok.exports.rows import BLANKS, ID, read_id
from apps.products.errors import FileUnusable
from apps.products.services.csv_files import decoded

MOST_ROWS = 10_000
COLUMNS = ("order", "carrier", "number", "package")
_SEPARATORS = "\t;|,"
# Headings by meaning, normalised; those of the platform's own files among them.
_ALIASES: dict[str, str] = {
    **dict.fromkeys(
        ["order", "order id", "order number", "order no", "order no.", "order #"],
        "order",
    ),
    **dict.fromkeys(
        ["carrier", "carrier name", "courier", "shipping provider", "provider"],
        "carrier",
    ),
    **dict.fromkeys(
        ["shipping provider name", "shipping provider id", "shipping company"],
        "carrier",
    ),
    **dict.fromkeys(["logistics provider", "shipping carrier"], "carrier"),
    **dict.fromkeys(
        ["number", "tracking number", "tracking no", "tracking no.", "tracking #"],
        "number",
    ),
    **dict.fromkeys(["tracking id", "tracking", "awb", "waybill"], "number"),
    **dict.fromkeys(["package", "package id", "package number"], "package"),
}
# A spreadsheet made a number of it. Some carriers' numbers have an E of their own.
_SCIENTIFIC_NUMBER = re.compile(r"\d[.,]\d+[eE]\+?\d{1,3}|\d+[eE]\+\d{1,3}", re.ASCII)
_LONGEST_NUMBER = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands; `fault` where its text alone says that it cannot be used."""

    line: int
    order_id: str
    carrier: str
    number: str
    package_id: str = ""
    fault: str = ""


def read_rows(content: str | bytes) -> list[Row]:
    """Rows of a paste or a CSV file: order, carrier, number and perhaps package, in any
    order under headings; without headings in this one.

    What is wrong with one row is its `fault`. Raises FileUnusable for what is no such
    list at all, or one whose order IDs a spreadsheet has rounded.
    """
    text = decoded(content) if isinstance(content, bytes) else clean(content)
    text = text.removeprefix("\ufeff")
    lines = list(_lines(text))
    if not lines:
        raise FileUnusable("There is nothing in it.")
    at = _header_of(lines[0][1])
    told = lines[1:] if at else lines
    if at and told and _is_description(told[0][1]):
        told = told[1:]
    rows = [_row(line, cells, at or _usual(cells)) for line, cells in told]
    if not rows:
        raise FileUnusable("There are headings but no rows.")
    _refuse_rounded(rows)
    return rows


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line of the file, cells) of what is not blank."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text), strict=True
    )
    count, begins = 0, 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip(BLANKS) for cell in cells):
                continue
            if not count and cells[0].lower().startswith("sep="):
                continue
            count += 1
            if count > MOST_ROWS + 1:
                raise FileUnusable(
                    f"There are more than {MOST_ROWS:,} rows. Cut them into parts."
                )
            yield line, cells
    except csv.Error as error:
        raise FileUnusable(
            f"Line {reader.line_num}: a quotation mark is out of place or never "
            "closed, so the rows after it cannot be told apart."
        ) from error


def _separator(text: str) -> str:
    """What parts each of the first rows into the most cells that hold something, or,
    where some have one alone, all of them: a comma comes last, because names have some,
    and a tab may be glued to an ID."""
    head = "\n".join(text[:20_000].splitlines()[:5])

    def cells(separator: str) -> tuple[int, int]:
        rows = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
        try:
            counts = [sum(bool(c.strip(BLANKS)) for c in row) for row in rows]
        except csv.Error:
            return 0, 0
        return min((count for count in counts if count), default=0), sum(counts)

    return max(_SEPARATORS, key=cells)


def _header_of(cells: Sequence[str]) -> Mapping[str, int]:
    """Where columns stand; nothing if this row is one of the list. Raises FileUnusable
    for headings without an order or a number, or none we know."""
    at: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if name := _ALIASES.get(normalise(cell).rstrip(":")):
            at.setdefault(name, place)
    if not at and any(letter.isdigit() for cell in cells for letter in cell):
        return {}
    if "order" not in at or "number" not in at:
        raise FileUnusable(
            "The headings must name the order and the tracking number, such as: order, "
            "carrier, number."
        )
    return at


def _usual(cells: Sequence[str]) -> Mapping[str, int]:
    return {name: place for place, name in enumerate(COLUMNS) if place < len(cells)}


def _is_description(cells: Sequence[str]) -> bool:
    """The platform's own files explain their columns in a row below the headings."""
    return not any(letter.isdigit() for cell in cells for letter in cell)


def _row(line: int, cells: Sequence[str], at: Mapping[str, int]) -> Row:
    found = {name: _cell(cells, at.get(name)) for name in COLUMNS}
    row = Row(
        line,
        read_id(found["order"]),
        found["carrier"],
        read_id(found["number"]),
        read_id(found["package"]),
    )
    fault = _fault(row)
    return Row(line, row.order_id, row.carrier, row.number, row.package_id, fault)


def _fault(row: Row) -> str:
    for name, value in (("order", row.order_id), ("package", row.package_id)):
        if SCIENTIFIC.fullmatch(value):
            return f"“{value}”: {REMEDY}"
        if value and not ID.fullmatch(value):
            return f"“{value[:40]}” is no {name} ID."
    if _SCIENTIFIC_NUMBER.fullmatch(row.number):
        return f"“{row.number}”: a spreadsheet turned the tracking number into another."
    if not row.order_id:
        return "There is no order ID."
    if not row.number:
        return "There is no tracking number."
    if len(row.number) > _LONGEST_NUMBER:
        return f"A tracking number has at most {_LONGEST_NUMBER} characters."
    return ""


def _cell(cells: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(cells):
        return ""
    return cells[place].strip(BLANKS)


def _refuse_rounded(rows: Sequence[Row]) -> None:
    """Long IDs that all end in zeros, and are not one ID."""
    ids = {row.order_id for row in rows if ID.fullmatch(row.order_id)}
    if len(ids) > 1 and all(len(each) >= 17 and each.endswith("000") for each in ids):
        raise FileUnusable(f"Every order ID ends in 000. {REMEDY}")
