"""Ids that a spreadsheet has turned into numbers: their last digits are gone.

`578901446120937411` becomes `5.78901E+17`, or keeps 15 digits and ends in zeros, or is
rounded to `578901446120937472`, the nearest number a program can hold. What is lost
cannot be guessed, and matching by the rest would hit other orders.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.rows import read_id

SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d{1,3}", re.ASCII)
REMEDY = (
    "A spreadsheet turned the ids into numbers and their last digits are lost. Upload "
    "the original download, without opening and saving it in between."
)


_SHORTEST = 17  # digits; a spreadsheet keeps fifteen
_FEWEST = 3  # ids that differ, of which none may be what it is by chance


class _Column:
    """What one column's ids have had in common so far."""

    def __init__(self, name: str, at: int, *, is_varied: bool) -> None:
        self.name = name
        self.at = at
        self.is_varied = is_varied
        self.line = 0  # of the first id
        self.all_zeros = self.all_rounded = True
        self.is_open = True
        self.last = ""
        self.ids: set[str] = set()
        # Of an id that is another one in nearly every row, ruined ones by themselves:
        # what was pasted on may come out of a spreadsheet, and the rest not.
        self._changes = 0
        self._zeros: dict[str, int] = {}
        self._rounded: dict[str, int] = {}

    def see(self, line: int, text: str) -> None:
        if self.all_zeros or self.all_rounded:
            self.line = self.line or line
            is_long = len(text) >= _SHORTEST
            self.all_zeros &= is_long and text.endswith("000")
            self.all_rounded &= is_long and _is_rounded(text)
            if len(self.ids) < _FEWEST:
                self.ids.add(text)
            self.is_open = self.is_varied or self.all_zeros or self.all_rounded
        if self.is_varied:
            self._changes += 1
            if len(text) >= _SHORTEST:
                if text.endswith("000"):
                    self._zeros.setdefault(text, line)
                elif _is_rounded(text):
                    self._rounded.setdefault(text, line)

    def verdict(self) -> tuple[int, str]:
        """The first line of ruined ids, and what gives them away, or nothing."""
        if self.ids and self.all_zeros and (self.is_varied or len(self.ids) > 1):
            return self.line, "every id ends in 000"
        if self.all_rounded and len(self.ids) >= _FEWEST:
            return self.line, "every id is a rounded number"
        # By chance one in 1,000 ends so, and one in 128 is such a number.
        if len(self._zeros) >= 5 and len(self._zeros) * 25 >= self._changes:
            return min(self._zeros.values()), f"{len(self._zeros)} ids end in 000"
        if len(self._rounded) >= 8 and len(self._rounded) * 8 >= self._changes:
            told = f"{len(self._rounded)} ids are rounded numbers"
            return min(self._rounded.values()), told
        return 0, ""


def _is_rounded(text: str) -> bool:
    """Whether it is one of the few long numbers that a spreadsheet, or a program that
    took it for a number, can write."""
    if not (text.isascii() and text.isdigit()) or len(text) > 30:
        return False
    number = int(text)
    return int(float(number)) == number


class RuinedIds:
    """Watches the id columns of a file, row by row.

    `columns` are {name: index}; `varied` those whose ids always differ, so that even
    one that ends in zeros tells.
    """

    def __init__(self, columns: Mapping[str, int], varied: Collection[str]) -> None:
        self._columns = [
            _Column(name, at, is_varied=name in varied) for name, at in columns.items()
        ]

    def see(self, line: int, cells: Sequence[str]) -> None:
        """Take a row into account.

        Raises FileRefused at an id in scientific notation.
        """
        for column in self._columns:
            if column.at >= len(cells):
                continue
            cell = cells[column.at]
            if ("E" in cell or "e" in cell) and SCIENTIFIC.fullmatch(read_id(cell)):
                raise FileRefused(
                    f"{column.name}: “{cell.strip()}”. {REMEDY}",
                    line=line,
                    column=column.name,
                )
            if column.is_open and cell != column.last:
                column.last = cell
                if text := read_id(cell):
                    column.see(line, text)

    def refuse(self) -> None:
        """Raise FileRefused if a column of long ids ends in zeros, or consists of
        numbers that were rounded, in every row or in a part of the file.

        One SKU sold over and over may end in zeros by chance; several do not.
        """
        for column in self._columns:
            line, told = column.verdict()
            if line:
                raise FileRefused(
                    f"{column.name}: {told}. {REMEDY}", line=line, column=column.name
                )
