"""The cells of one XLSX sheet as rows of text."""

import re
import zipfile
from collections.abc import Iterator
from typing import NoReturn

from apps.integrations.tiktok.exports.encoding import UPLOAD_ORIGINAL
from apps.integrations.tiktok.exports.headers import MOST_COLUMNS
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.xlsx_parts import (
    CHUNK_BYTES,
    SharedStrings,
    feed,
    new_parser,
)

Row = tuple[int, list[str]]

LONGEST_CELL = 100_000  # Excel itself allows 32,767
FORMULA_SHOWN = 40
REFERENCE = re.compile(r"([A-Z]{1,4})(\d{1,8})", re.ASCII)
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class SheetReader:
    """Gathers cells into rows while the parser goes through a sheet.

    `most_bytes` is for a look at its beginning: what comes after is not there.
    """

    def __init__(self, shared: SharedStrings, *, most_bytes: int = 0) -> None:
        self.shared = shared
        self.most_bytes = most_bytes
        self.ready: list[tuple[int, list[str]]] = []
        self.row = 0
        self.cells: list[str] = []
        self.row_number = 0
        self.column = -1
        self.kind = ""
        self.text: list[str] = []
        self.length = 0
        self.is_text = False
        self.has_value = False
        self.formula: list[str] | None = None
        self.phonetic = False
        self.columns: dict[str, int] = {}

    def rows(self, archive: zipfile.ZipFile, member: str) -> Iterator[Row]:
        parser = new_parser(self._start, self._end, self._data)
        for done, _ in enumerate(feed(parser, archive, member), start=1):
            yield from self.ready
            self.ready.clear()
            if self.most_bytes and done * CHUNK_BYTES >= self.most_bytes:
                return
        self._finish_row()
        yield from self.ready

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._start_cell(attributes.get("r", ""))
            self.kind = attributes.get("t", "n")
            self.text = []
            self.length = 0
            self.has_value = False
            self.formula = None
        elif tag in {"v", "t"}:
            self.is_text = not self.phonetic
            self.has_value = True
        elif tag == "f":
            self.formula = []
        elif tag == "row":
            self.row_number = int(attributes.get("r") or self.row_number + 1)
            self.column = -1
        elif tag == "rPh":
            self.phonetic = True

    def _start_cell(self, reference: str) -> None:
        row = self.row_number
        if reference:
            found = REFERENCE.fullmatch(reference)
            if not found:
                raise FileRefused(f"The workbook is damaged. {UPLOAD_ORIGINAL}")
            letters, digits = found.groups()
            row = int(digits)
            column = self.columns.get(letters)
            if column is None:
                column = self.columns[letters] = _column_index(letters)
            self.column = column
        else:
            self.column += 1
        if row != self.row:
            self._finish_row()
            if row < self.row:
                raise FileRefused(
                    "The workbook's cells are not in order: save it as CSV UTF-8.",
                    line=row,
                )
            self.row = row

    def _data(self, data: str) -> None:
        if self.is_text:
            self.text.append(data)
            self.length += len(data)
            if self.length > LONGEST_CELL:
                self._refuse_giant()
        elif self.formula is not None and not self.has_value:
            self.formula.append(data[:FORMULA_SHOWN])

    def _end(self, tag: str) -> None:
        if tag in {"v", "t"}:
            self.is_text = False
        elif tag == "c":
            self._end_cell()
        elif tag == "rPh":
            self.phonetic = False

    def _end_cell(self) -> None:
        text = "".join(self.text)
        if self.formula is not None and not self.has_value:
            # Not blank: what it comes to was never worked out, and is not known.
            text = f"={''.join(self.formula)[:FORMULA_SHOWN]}"
        elif not text:
            return
        elif self.kind == "s":
            text = self.shared[int(text)]
        elif self.kind == "n":
            text = _number(text)
        if len(text) > LONGEST_CELL or self.column > MOST_COLUMNS:
            self._refuse_giant()
        if "_x" in text:
            text = ESCAPE.sub(_unescape, text)
        cells = self.cells
        missing = self.column - len(cells)
        if missing == 0:
            cells.append(text)
        elif missing > 0:
            cells.extend([""] * missing)
            cells.append(text)
        else:
            cells[self.column] = text

    def _refuse_giant(self) -> NoReturn:
        raise FileRefused(
            f"A cell is too large or too far right for an export. {UPLOAD_ORIGINAL}",
            line=self.row,
        )

    def _finish_row(self) -> None:
        if self.cells:
            self.ready.append((self.row, self.cells))
            self.cells = []


def _unescape(found: re.Match[str]) -> str:
    """`_x000D_` and the like; what is no letter stays as written."""
    code = int(found[1], 16)
    return found[0] if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _number(text: str) -> str:
    """A number as a spreadsheet shows it: 15 digits, without binary dust."""
    return text if text.isdigit() else f"{float(text):.15g}"
