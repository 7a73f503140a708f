"""The rows of a returns file: what each is, and its cells by meaning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.integrations.tiktok.exports.amounts import (
    Money,
    WrongCurrency,
    read_pieces,
)
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.problems import (
    EMPTY,
    BadValue,
    FileRefused,
    Problem,
)
from apps.integrations.tiktok.exports.returns_columns import (
    BY_NAME,
    Column,
    Layout,
    read_header,
)
from apps.integrations.tiktok.exports.returns_prices import Price, Reading
from apps.integrations.tiktok.exports.rows import BLANKS, ID, RowKind, read_id
from apps.integrations.tiktok.exports.table import Row, Table, header_rows
from apps.integrations.tiktok.exports.times import Clock

_HEADER = frozenset({Column.RETURN_ID, Column.STATUS, Column.QUANTITY})
_FIGURES = (Column.QUANTITY, Column.ORDER_ID, Column.UNIT_PRICE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How this file is to be read."""

    layout: Layout
    money: Money
    clock: Clock
    reading: Reading


@dataclass(slots=True)
class ReturnProblems:
    """What was found in the rows of one return."""

    return_id: str
    found: list[Problem] = field(default_factory=list)
    is_refused: bool = False

    def add(self, line: int, column: str, message: str, *, is_error: bool) -> None:
        """An error holds the return back, a note only says what was odd."""
        self.is_refused |= is_error
        problem = Problem(
            line, column, message, is_error=is_error, return_id=self.return_id
        )
        self.found.append(problem)


@dataclass(slots=True)
class ReturnRow:
    """A row; columns the file lacks and cells that hold no value read as blank."""

    line: int
    cells: list[str]
    sheet: Sheet
    problems: ReturnProblems

    def text(self, column: Column) -> str:
        return plain(self.sheet.layout.cell(self.cells, column))

    def id(self, column: Column) -> str:
        """Without what protected it from spreadsheets."""
        return read_id(self.text(column))

    @property
    def sku(self) -> str:
        """What tells the lines of one return apart."""
        return self.id(Column.SKU_ID) or self.text(Column.SELLER_SKU)

    def amount(self, column: Column) -> Decimal | None:
        """An amount of zero or more; None if blank, missing or refused.

        Raises FileRefused when it names another currency than the shop's.
        """
        try:
            return self.sheet.money.read(self.sheet.layout.cell(self.cells, column))
        except BadValue as error:
            self.refuse(column, str(error))
        except WrongCurrency as error:
            name = self.sheet.layout.name(column)
            message = f"{name}: {error}"
            raise FileRefused(message, line=self.line, column=name) from None
        return None

    def quantity(self) -> int:
        """Units of the line; 1 where that is refused."""
        try:
            quantity = read_pieces(self.text(Column.QUANTITY))
        except BadValue as error:
            self.refuse(Column.QUANTITY, str(error))
            return 1
        if not quantity:
            says = "is blank." if quantity is None else "is 0; it must be at least 1."
            self.refuse(Column.QUANTITY, says)
        return quantity or 1

    def time(self, column: Column) -> datetime | None:
        """An instant; None if blank, missing or refused."""
        text = self.text(column)
        if not text:
            return None
        try:
            instant, note = self.sheet.clock.read(text)
        except BadValue as error:
            self.refuse(column, str(error))
            return None
        if note:
            name = self.sheet.layout.name(column)
            self.problems.add(self.line, name, note, is_error=False)
        return instant

    def price(self) -> Price:
        """What the row says about its money."""
        return Price(
            sku=self.sku,
            quantity=self.quantity(),
            price=self.amount(Column.UNIT_PRICE),
            refund=self.amount(Column.REFUND),
            order_amount=self.amount(Column.ORDER_AMOUNT),
        )

    def refuse(self, column: Column, message: str) -> None:
        """Hold the return back because of this cell."""
        self._say(column, message, is_error=True)

    def note(self, column: Column, message: str) -> None:
        """Say something about this cell."""
        self._say(column, message, is_error=False)

    def _say(self, column: Column, message: str, *, is_error: bool) -> None:
        name = self.sheet.layout.name(column)
        self.problems.add(self.line, name, f"{name}: {message}", is_error=is_error)


def read_layout(table: Table, aliases: Mapping[str, Column]) -> Layout:
    """The file's header: its first row with any text. Raises FileRefused."""
    for line, cells in header_rows(table.rows()):
        return read_header(line, cells, aliases)
    raise FileRefused(EMPTY)


def data_rows(table: Table, layout: Layout) -> Iterator[Row]:
    """The rows below the header."""
    return ((line, cells) for line, cells in table.rows() if line > layout.line)


def classify(cells: Sequence[str], layout: Layout) -> tuple[RowKind, str]:
    """A row's kind and, for a return's row, the return's id."""
    return_id = read_id(layout.cell(cells, Column.RETURN_ID))
    if ID.fullmatch(return_id):
        return RowKind.ORDER, return_id
    if not any(cell.strip(BLANKS) for cell in cells):
        return RowKind.BLANK, ""
    figures = [return_id, *(layout.cell(cells, column) for column in _FIGURES)]
    is_prose = return_id and not any(any(map(str.isdigit, text)) for text in figures)
    if is_prose or _is_header(cells):
        return RowKind.DESCRIPTION, ""
    return RowKind.BROKEN, ""


@dataclass(slots=True)
class Moved:
    """Finds rows whose cells have moved, so that an order's ID stands where the
    return's was: `ids` are what such rows seem to be returns of."""

    ids: set[str] = field(default_factory=set)
    _order_id: str = ""
    _doubtful: str = ""

    def see(self, return_id: str, order_id: str) -> None:
        """Take the next row into account, by that before it."""
        is_order = bool(ID.fullmatch(order_id))
        if is_order and self._doubtful == order_id:
            self.ids.add(self._doubtful)
        if not is_order and return_id and return_id == self._order_id:
            self.ids.add(return_id)
        self._doubtful = "" if is_order else return_id
        self._order_id = order_id if is_order else self._order_id


def check_second_header(line: int, cells: Sequence[str], layout: Layout) -> None:
    """Refuse a pasted-on file whose columns are in another order."""
    if _is_header(cells) and read_header(line, cells, layout.aliases).at != layout.at:
        raise FileRefused(
            "A second header with other columns begins here: files were pasted "
            "together. Upload them one by one.",
            line=line,
        )


def _is_header(cells: Sequence[str]) -> bool:
    return {BY_NAME.get(normalise(cell)) for cell in cells if len(cell) < 60} >= _HEADER
