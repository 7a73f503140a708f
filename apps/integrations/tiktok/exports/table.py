"""A file's bytes as rows of text cells, whatever it was saved as.

Rows come as (line, cells), streamed: memory does not grow with the file.
"""

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from apps.integrations.tiktok.exports import xlsx
from apps.integrations.tiktok.exports.encoding import UPLOAD_ORIGINAL, sniff_encoding
from apps.integrations.tiktok.exports.layout import ORDERS, Wanted
from apps.integrations.tiktok.exports.problems import FileRefused

Row = tuple[int, list[str]]

SEPARATORS = ",;\t|"
LONGEST_LINE = 1 << 20  # characters; a line of an export has about 700
MOST_LINES = 3_000_000  # blank ones of a large file could be a hundred million
OLE_MARK = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file with the encoding and separator found in it.

    `most_characters` is for a look at its beginning: what comes after is not there.
    """

    path: Path
    encoding: str
    separator: str
    most_characters: int = 0
    left_out: tuple[str, ...] = ()  # a workbook may have more sheets

    def rows(self) -> Iterator[Row]:
        """Every record, header and blank lines too; `line` is where it starts.

        Raises FileRefused at a quotation mark out of place and at giant cells: what
        follows could be read as anything.
        """
        with self.path.open(encoding=self.encoding, newline="") as stream:
            lines = _lines(stream, self.most_characters)
            reader = csv.reader(lines, delimiter=self.separator, strict=True)
            line = 1
            try:
                for cells in reader:
                    yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise FileRefused(_reason(error), line=line) from None


Table = CsvTable | xlsx.XlsxTable


def open_table(path: Path, *, region: str, wanted: Wanted = ORDERS) -> Table:
    """Recognise the file by its first bytes; its name may say anything.

    `wanted` is the kind of file hoped for: it decides between separators and sheets.
    Raises FileRefused when it is empty, protected, damaged or neither kind.
    """
    if is_workbook(path):
        return xlsx.open_workbook(path, wanted)
    encoding = sniff_encoding(path, region=region)
    tables = [CsvTable(path, encoding, separator) for separator in SEPARATORS]
    return max(tables, key=lambda table: wanted.known_names(_first_row(table)))


def is_workbook(path: Path) -> bool:
    """Whether the file is an archive, as XLSX workbooks are; else it may be CSV.

    Raises FileRefused for damaged archives, and for workbooks that are old or locked.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    if head.startswith(OLE_MARK):
        raise FileRefused(_ole_reason(path))
    if not head.startswith(b"PK"):
        return False
    if not zipfile.is_zipfile(path):
        raise FileRefused(f"The workbook is damaged or cut off. {UPLOAD_ORIGINAL}")
    return True


def header_rows(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows that may be the header: not blank, not the `sep=;` some programs write."""
    for line, cells in rows:
        is_hint = bool(cells) and cells[0].lower().startswith("sep=")
        if not is_hint and any(cell.strip() for cell in cells):
            yield line, cells


def _first_row(table: CsvTable) -> list[str]:
    """The header, or nothing where this separator makes no sense of it."""
    try:
        return next(header_rows(table.rows()), (0, []))[1]
    except FileRefused:
        return []


def _lines(stream: TextIO, most_characters: int) -> Iterator[str]:
    line = seen = 0
    while text := stream.readline(LONGEST_LINE):
        line += 1
        seen += len(text)
        if most_characters and seen > most_characters:
            return
        if len(text) == LONGEST_LINE:
            raise FileRefused(
                f"A line is longer than a million characters. {UPLOAD_ORIGINAL}",
                line=line,
            )
        if line > MOST_LINES:
            raise FileRefused(
                f"The file has more than {MOST_LINES:,} lines. Export a shorter time.",
                line=line,
            )
        if "\x00" in text:
            raise FileRefused(
                f"The file is damaged: NUL in a line. {UPLOAD_ORIGINAL}", line=line
            )
        yield text


def _reason(error: csv.Error) -> str:
    if "field larger" in str(error):
        return (
            "A cell is too large for an export; probably a quotation mark is "
            f"never closed. {UPLOAD_ORIGINAL}"
        )
    return (
        "A quotation mark is out of place or never closed, so the rows after it cannot "
        f"be told apart. {UPLOAD_ORIGINAL}"
    )


def _ole_reason(path: Path) -> str:
    with path.open("rb") as stream:
        tail = b""
        while chunk := stream.read(1 << 16):
            if ENCRYPTED in tail + chunk:
                return (
                    "The workbook is protected by a password or a sensitivity label. "
                    "Remove the protection, or upload the original download."
                )
            tail = chunk[-len(ENCRYPTED) :]
    return (
        "This is an old Excel workbook (.xls) or a protected one. Remove any password "
        "and save it as .xlsx, or upload the original download."
    )
