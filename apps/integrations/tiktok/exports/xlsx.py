"""An XLSX workbook as rows of text, read as a stream.

Not with a library: those build the whole sheet in memory (a cell at XFD1048576 is
enough to fill it), and trust what exports get wrong. `<dimension>` is not looked at,
cells are placed by their own reference, and each may sit in a `<row>` of its own.
"""

import csv
import os
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from xml.parsers import expat

from apps.integrations.tiktok.exports.encoding import UPLOAD_ORIGINAL
from apps.integrations.tiktok.exports.layout import Wanted
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.xlsx_parts import SharedStrings, sheet_members
from apps.integrations.tiktok.exports.xlsx_sheet import Row, SheetReader

ENOUGH_NAMES = 3
MOST_SHEETS = 20
GLANCE_BYTES = 16 << 20  # of each part, to see what a workbook is
MOST_BYTES = 1 << 30  # unpacked, all parts; 100,000 orders have about 0.3 GB
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    KeyError,
    ValueError,
    OverflowError,
    NotImplementedError,
)


class XlsxTable:
    """One sheet of a workbook, unpacked once into a temporary CSV file.

    Unpacking takes longer than reading; the file goes when this object goes.
    """

    encoding = "xlsx"

    def __init__(self, rows: Iterator[Row], left_out: Sequence[str] = ()) -> None:
        self.left_out = tuple(left_out)  # names of more sheets of the kind
        handle, name = tempfile.mkstemp(prefix="orders-", suffix=".csv")
        self._path = Path(name)
        self._clean_up = weakref.finalize(self, self._path.unlink, missing_ok=True)
        os.close(handle)
        with self._path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerows((line, *cells) for line, cells in _padded(rows))

    def rows(self) -> Iterator[Row]:
        """Rows with any text, as (row number, cells), none shorter than the first."""
        with self._path.open(encoding="utf-8", newline="") as stream:
            for line, *cells in csv.reader(stream):
                yield int(line), cells


def open_workbook(path: Path, wanted: Wanted) -> XlsxTable:
    """The sheet that is wanted of a workbook: by its name, else by its header.

    Raises FileRefused when the archive is no workbook, is damaged, or has no text.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_other_archive(archive)
            with SharedStrings(archive) as shared:
                member, left_out = _sheet(archive, shared, wanted)
                return XlsxTable(_sheet_rows(archive, member, shared), left_out)
    except DAMAGE:
        raise FileRefused(f"The workbook is damaged. {UPLOAD_ORIGINAL}") from None


def first_rows(path: Path, count: int) -> list[tuple[str, list[Row]]]:
    """(name, its first rows) of each sheet with any text, at most 20 of them.

    Whatever the archive unpacks to, only the beginning of each part is read. Raises
    FileRefused as open_workbook() does, and for what no sheet can be read of.
    """
    sheets: list[tuple[str, list[Row]]] = []
    refusal: FileRefused | None = None
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_other_archive(archive)
            with SharedStrings(archive, most_bytes=GLANCE_BYTES) as shared:
                for name, member in sheet_members(archive)[:MOST_SHEETS]:
                    reader = SheetReader(shared, most_bytes=GLANCE_BYTES)
                    try:
                        rows = list(islice(reader.rows(archive, member), count))
                    except FileRefused as error:
                        refusal = refusal or error
                        continue
                    if rows:
                        sheets.append((name, rows))
    except DAMAGE:
        raise FileRefused(f"The workbook is damaged. {UPLOAD_ORIGINAL}") from None
    if not sheets:
        raise refusal or FileRefused(f"The workbook is empty. {UPLOAD_ORIGINAL}")
    return sheets


def _refuse_other_archive(archive: zipfile.ZipFile) -> None:
    if any(member.header_offset < 0 for member in archive.infolist()):
        raise zipfile.BadZipFile("A member begins before the file does.")
    if any(member.flag_bits & 1 for member in archive.infolist()):
        raise FileRefused(f"The archive is protected by a password. {UPLOAD_ORIGINAL}")
    if "xl/workbook.xml" not in archive.namelist():
        raise FileRefused(
            "This is an archive, not a workbook. Unpack it and upload the CSV or XLSX "
            "file inside."
        )
    # No part gives more than it declares: reading ends there.
    if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
        raise FileRefused(
            "The workbook is too large: unpacked it has more than "
            f"{MOST_BYTES >> 20:,} MB. Export a shorter time, or as CSV."
        )


def _sheet(
    archive: zipfile.ZipFile, shared: SharedStrings, wanted: Wanted
) -> tuple[str, list[str]]:
    """The member of the sheet of that name, of the one whose header has most columns
    of the kind, or of the first with any text; and more sheets of that header."""
    found: list[tuple[int, str, str]] = []
    for name, member in sheet_members(archive):
        _, header = next(_sheet_rows(archive, member, shared), (0, []))
        known = wanted.known_names(header)
        if name.casefold() == wanted.sheet and known >= ENOUGH_NAMES:
            return member, []
        if header:
            found.append((known if known >= ENOUGH_NAMES else 0, member, name))
    if not found:
        raise FileRefused(f"The workbook is empty. {UPLOAD_ORIGINAL}")
    most, member, _ = max(found, key=itemgetter(0))
    return member, [
        name
        for known, other, name in found
        if most and known == most and other != member
    ]


def _sheet_rows(
    archive: zipfile.ZipFile, member: str, shared: SharedStrings
) -> Iterator[Row]:
    return SheetReader(shared).rows(archive, member)


def _padded(rows: Iterator[Row]) -> Iterator[Row]:
    """Blank cells at the end of a row are often left out of a sheet."""
    width = 0
    for line, cells in rows:
        width = width or len(cells)
        if len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        yield line, cells
