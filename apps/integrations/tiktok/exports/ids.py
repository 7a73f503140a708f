"""Ids that a spreadsheet has turned into numbers: their last digits are gone.

`578901446120937411` becomes `5.78901E+17`, or keeps 15 digits and ends in zeros. What
is lost cannot be guessed, and matching by the rest would hit other orders.
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


class RuinedIds:
    """Watches the id columns of a file, row by row.

    `columns` are {name: index}; `varied` those whose ids always differ, so that even
    one that ends in zeros tells.
    """

    def __init__(self, columns: Mapping[str, int], varied: Collection[str]) -> None:
        self._columns = list(columns.items())
        # {column: first line} of columns where every id so far ends in zeros
        self._suspects = dict.fromkeys(columns, 0)
        self._values: dict[str, str] = {}
        self._varied = set(varied)

    def see(self, line: int, cells: Sequence[str]) -> None:
        """Take a row into account.

        Raises FileRefused at an id in scientific notation.
        """
        for name, at in self._columns:
            if at >= len(cells):
                continue
            cell = cells[at]
            if ("E" in cell or "e" in cell) and SCIENTIFIC.fullmatch(read_id(cell)):
                raise FileRefused(
                    f"{name}: “{cell.strip()}”. {REMEDY}", line=line, column=name
                )
            if name in self._suspects:
                self._watch(name, line, read_id(cell))

    def _watch(self, name: str, line: int, text: str) -> None:
        if not text:
            return
        if len(text) < 17 or not text.endswith("000"):
            del self._suspects[name]
            return
        self._suspects[name] = self._suspects[name] or line
        if self._values.setdefault(name, text) != text:
            self._varied.add(name)

    def refuse(self) -> None:
        """Raise FileRefused if a whole column of long ids ends in zeros.

        One SKU sold over and over may end in zeros by chance; several do not.
        """
        for name, line in self._suspects.items():
            if line and name in self._varied:
                raise FileRefused(
                    f"{name}: every id ends in 000. {REMEDY}", line=line, column=name
                )
