"""CSV files as people save them: which letters, which separator, and their rows."""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.integrations.tiktok.exports.encoding import other_file
from apps.products.errors import FileUnusable

LARGEST_FILE = 10 * 1024 * 1024
_SEPARATORS = ",;\t|"
_AS_CSV = "Save it as “CSV UTF-8” and try again."


@dataclass(slots=True)
class Table:
    """`at` tells where each column stands; `rows` are (line of the file, cells)."""

    header: Sequence[str] = ()
    at: Mapping[str, int] = field(default_factory=dict)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read_table(
    data: bytes,
    column_of: Callable[[str], str],
    places_of: Callable[[Sequence[str]], Mapping[str, int]],
    most_rows: int,
) -> Table:
    """Wherever its columns stand: `column_of` gives the column a heading means, or
    nothing, `places_of` where a header has them all. Raises FileUnusable."""
    text = decoded(data)
    separator = max(_SEPARATORS, key=lambda each: named_columns(text, each, column_of))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    table, line = Table(), 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if table.at:
                _add(table, begins, cells, most_rows)
            elif not cells[0].lower().startswith("sep="):
                table.header, table.at = cells, places_of(cells)
    except csv.Error as error:
        raise FileUnusable(
            f"Line {reader.line_num}: a quotation mark is out of place or never "
            "closed, so the rows after it cannot be told apart."
        ) from error
    if not table.at:
        raise FileUnusable("The file is empty.")
    if not table.rows:
        raise FileUnusable("The file has a header but no rows.")
    return table


def _add(table: Table, line: int, cells: list[str], most: int) -> None:
    if len(table.rows) >= most:
        raise FileUnusable(
            f"The file has more than {most:,} rows. Cut it into several."
        )
    if any(cell.strip() for cell in cells[len(table.header) :]):
        raise FileUnusable(
            f"Line {line} has more cells than there are columns. Put quotation marks "
            "around what has a separator in it."
        )
    table.rows.append((line, cells))


def named_columns(text: str, separator: str, column_of: Callable[[str], str]) -> int:
    """How many columns the file's first lines name, parted like this; `column_of` gives
    the column a heading means, or nothing."""
    head = "\n".join(text[:20_000].splitlines()[:3])
    rows = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        return max((len({column_of(c) for c in row} - {""}) for row in rows), default=0)
    except csv.Error:
        return 0


def decoded(data: bytes) -> str:
    """The text of an uploaded file; raises FileUnusable for what is no CSV."""
    if len(data) > LARGEST_FILE:
        raise FileUnusable("The file is larger than 10 MB. Cut it into several.")
    _refuse_other_file(data)
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeError as error:
        raise FileUnusable(f"The file's letters cannot be read. {_AS_CSV}") from error
    if "\x00" in text:
        raise FileUnusable(f"This is no CSV file. {_AS_CSV}")
    return text


def _refuse_other_file(data: bytes) -> None:
    is_archive = data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data))
    if is_archive and b"xl/workbook.xml" not in data:
        raise FileUnusable(
            "This is an archive. Unpack it and take the CSV file inside."
        )
    if data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise FileUnusable(f"This is a workbook. {_AS_CSV}")
    if what := other_file(data[:4096]):
        raise FileUnusable(f"{what} Choose a CSV file.")
