"""One row's cells by meaning, with every problem found on the way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter

from apps.integrations.tiktok.exports.amounts import (
    NO_VALUE,
    Money,
    WrongCurrency,
    read_pieces,
)
from apps.integrations.tiktok.exports.headers import NUMBERS, PER_ROW, TIMES, Column
from apps.integrations.tiktok.exports.layout import Layout
from apps.integrations.tiktok.exports.problems import BadValue, FileRefused, Problem
from apps.integrations.tiktok.exports.rows import read_id
from apps.integrations.tiktok.exports.times import Clock

ZERO = Decimal(0)
Pick = Callable[[Sequence[str]], tuple[str, ...]]


class Sheet:
    """How this file is to be read; `is_blank_zero`: US files leave zeros out,
    `id_length`: digits of its order ids, 0 where they differ."""

    def __init__(
        self,
        layout: Layout,
        money: Money,
        clock: Clock,
        *,
        is_blank_zero: bool,
        id_length: int = 0,
    ) -> None:
        self.layout = layout
        self.id_length = id_length
        self.money = money
        self.clock = clock
        self.is_blank_zero = is_blank_zero
        self.width = len(layout.names)
        # rows get one blank cell more, where the columns are that the file lacks
        self.index = {column: layout.at.get(column, self.width) for column in Column}
        self.order_columns = [column for column in layout.at if column not in PER_ROW]
        self.pick_order = self.picker(self.order_columns)
        self._pickers: dict[tuple[Column, ...], Pick] = {}

    def picker(self, columns: Iterable[Column]) -> Pick:
        """A function giving these columns' cells of a row, as written."""
        return itemgetter(*[self.index[column] for column in columns])

    def pick(
        self, columns: tuple[Column, ...], cells: Sequence[str]
    ) -> tuple[str, ...]:
        """These columns' cells of a row, as written."""
        known = self._pickers.get(columns)
        if known is None:
            known = self._pickers[columns] = self.picker(columns)
        return known(cells)


@dataclass(slots=True)
class OrderProblems:
    """What was found in the rows of one order."""

    order_id: str
    found: list[Problem] = field(default_factory=list)
    is_refused: bool = False

    def error(self, line: int, column: str, message: str) -> None:
        """Refuse the order."""
        self.is_refused = True
        self.found.append(Problem(line, column, message, self.order_id))

    def note(self, line: int, column: str, message: str) -> None:
        """Accept the order, and say what was odd."""
        found = Problem(line, column, message, self.order_id, is_error=False)
        self.found.append(found)


def plain(cell: str) -> str:
    """A cell without the blanks and tabs around it; dashes that say nothing are ""."""
    text = cell.strip()
    return "" if len(text) < 2 and text in NO_VALUE else text


def plain_all(cells: Iterable[str]) -> list[str]:
    """plain() of many cells; written out, for it is what reading spends its time on."""
    return [
        text if len(text) > 1 or text not in NO_VALUE else ""
        for text in map(str.strip, cells)
    ]


@dataclass(slots=True)
class RowCells:
    """A row; columns the file lacks and cells that hold no value read as blank."""

    line: int
    cells: list[str]
    sheet: Sheet
    problems: OrderProblems

    def has(self, column: Column) -> bool:
        """Whether the file has the column at all: if not, the value is unknown."""
        return column in self.sheet.layout.at

    def text(self, column: Column) -> str:
        """The cell as plain()."""
        return plain(self.cells[self.sheet.index[column]])

    def texts(self, columns: tuple[Column, ...]) -> Iterable[str]:
        """Several cells as plain(), in the order asked for."""
        return plain_all(self.sheet.pick(columns, self.cells))

    def ids(self, columns: tuple[Column, ...]) -> Iterable[str]:
        """Ids as text, freed of what protected them from spreadsheets."""
        return [
            text if text.isdigit() else read_id(text) for text in self.texts(columns)
        ]

    def amounts(self, columns: tuple[Column, ...]) -> list[Decimal | None]:
        """Amounts of zero or more; None if blank, missing or refused.

        Raises FileRefused when a cell names another currency than the shop's.
        """
        read = self.sheet.money.read
        try:
            return [read(cell) for cell in self.sheet.pick(columns, self.cells)]
        except (BadValue, WrongCurrency):
            return [self.amount(column) for column in columns]

    def amount(self, column: Column) -> Decimal | None:
        """As amounts(), of one cell."""
        try:
            return self.sheet.money.read(self.cells[self.sheet.index[column]])
        except BadValue as error:
            self.refuse(column, str(error))
        except WrongCurrency as error:
            name = self.sheet.layout.name(column)
            message = f"{name}: {error}"
            raise FileRefused(message, line=self.line, column=name) from None
        return None

    def pieces(self, column: Column) -> int | None:
        """A whole number of zero or more; None if blank, missing or refused."""
        text = self.text(column)
        if not text:
            return None
        try:
            return read_pieces(text)
        except BadValue as error:
            self.refuse(column, str(error))
            return None

    def times(self, columns: tuple[Column, ...]) -> list[datetime | None]:
        """Instants; None if blank, missing or refused."""
        read = self.sheet.clock.read
        instants: list[datetime | None] = []
        for column, text in zip(columns, self.texts(columns), strict=True):
            instant, note = None, ""
            if text:
                try:
                    instant, note = read(text)
                except BadValue as error:
                    self.refuse(column, str(error))
            if note:
                self.problems.note(self.line, self.sheet.layout.name(column), note)
            instants.append(instant)
        return instants

    def meanings(self, columns: Iterable[Column] | None = None) -> list[object]:
        """These cells, or all of them, so that equal amounts, times and ids are equal
        however they are written; what cannot be read is taken as it stands."""
        if columns is not None:
            return [self._meaning(column, self.text(column)) for column in columns]
        by_index = {index: column for column, index in self.sheet.layout.at.items()}
        return [
            self._meaning(by_index.get(index), text)
            for index, text in enumerate(plain_all(self.cells))
        ]

    def _meaning(self, column: Column | None, text: str) -> object:
        try:
            if column in TIMES:
                return self.sheet.clock.read(text)[0] if text else ""
            if column in NUMBERS:
                return self.sheet.money.read(text)
        except (BadValue, WrongCurrency):
            return text
        return read_id(text)

    def refuse(self, column: Column, message: str) -> None:
        """Refuse the order because of this cell."""
        name = self.sheet.layout.name(column)
        self.problems.error(self.line, name, f"{name}: {message}")

    def note(self, column: Column, message: str) -> None:
        """Say something about this cell."""
        name = self.sheet.layout.name(column)
        self.problems.note(self.line, name, f"{name}: {message}")
