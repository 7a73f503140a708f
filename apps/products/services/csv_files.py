"""CSV files as people save them: which letters, which separator, and their rows."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from apps.products.errors import FileUnusable

LARGEST_FILE = 10 * 1024 * 1024
_SEPARATORS = ",;\t|"


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
    if data.startswith(b"PK"):
        raise FileUnusable("This is a workbook. Save it as “CSV UTF-8” and try again.")
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeError as error:
        raise FileUnusable(
            "The file's letters cannot be read. Save it as “CSV UTF-8” and try again."
        ) from error
    if "\x00" in text:
        raise FileUnusable("This is no CSV file. Save it as “CSV UTF-8” and try again.")
    return text
