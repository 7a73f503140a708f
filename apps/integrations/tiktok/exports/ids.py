"""Ids that a spreadsheet has turned into numbers: their last digits are gone.

`578901446120937411` becomes `5.78901E+17`, or keeps 15 digits and ends in zeros. What
is lost cannot be guessed, and matching by the rest would hit other orders.
"""

import re
from collections.abc import Sequence

from apps.integrations.tiktok.exports.headers import Column
from apps.integrations.tiktok.exports.layout import Layout
from apps.integrations.tiktok.exports.problems import FileRefused
from apps.integrations.tiktok.exports.rows import read_id

ID_COLUMNS = (Column.ORDER_ID, Column.SKU_ID, Column.PRODUCT_ID, Column.PACKAGE_ID)
SCIENTIFIC = re.compile(r"\d([.,]\d+)?[eE]\+?\d{1,3}", re.ASCII)
REMEDY = (
    "A spreadsheet turned the ids into numbers and their last digits are lost. Upload "
    "the original download, without opening and saving it in between."
)


class RuinedIds:
    """Watches the id columns of a file, row by row."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._columns = [
            (column, layout.at[column]) for column in ID_COLUMNS if column in layout.at
        ]
        # {column: first line} of columns where every id so far ends in zeros
        self._suspects = dict.fromkeys((column for column, _ in self._columns), 0)
        self._values: dict[Column, str] = {}
        self._varied: set[Column] = {Column.ORDER_ID}

    def see(self, line: int, cells: Sequence[str]) -> None:
        """Take a row into account.

        Raises FileRefused at an id in scientific notation.
        """
        for column, at in self._columns:
            if at >= len(cells):
                continue
            cell = cells[at]
            if ("E" in cell or "e" in cell) and SCIENTIFIC.fullmatch(read_id(cell)):
                name = self.layout.name(column)
                raise FileRefused(
                    f"{name}: “{cell.strip()}”. {REMEDY}", line=line, column=name
                )
            if column in self._suspects:
                self._watch(column, line, read_id(cell))

    def _watch(self, column: Column, line: int, text: str) -> None:
        if not text:
            return
        if len(text) < 17 or not text.endswith("000"):
            del self._suspects[column]
            return
        self._suspects[column] = self._suspects[column] or line
        if self._values.setdefault(column, text) != text:
            self._varied.add(column)

    def refuse(self) -> None:
        """Raise FileRefused if a whole column of long ids ends in zeros.

        One SKU sold over and over may end in zeros by chance; several do not.
        """
        for column, line in self._suspects.items():
            if line and column in self._varied:
                name = self.layout.name(column)
                raise FileRefused(
                    f"{name}: every id ends in 000. {REMEDY}", line=line, column=name
                )
