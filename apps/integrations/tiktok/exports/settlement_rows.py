"""The rows of a settlement file by meaning: signed amounts, times, kinds of lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from apps.integrations.contracts import (
    AmountGroup,
    NamedAmount,
    SettledAmounts,
    SettlementKind,
)
from apps.integrations.tiktok.exports.amounts import Money, WrongCurrency, read_pieces
from apps.integrations.tiktok.exports.cells import plain
from apps.integrations.tiktok.exports.currencies import currency_told
from apps.integrations.tiktok.exports.headers import normalise
from apps.integrations.tiktok.exports.problems import BadValue, Problem
from apps.integrations.tiktok.exports.rows import BLANKS, ID, RowKind, read_id
from apps.integrations.tiktok.exports.settlement_columns import (
    SHIPPING_PARTS,
    SHIPPING_SUM,
    Column,
    Layout,
    Part,
)
from apps.integrations.tiktok.exports.times import Clock, DateOrder

ZERO = Decimal(0)
_ORDERS = frozenset({"order", "orders", "pesanan"})
_DATE = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}", re.ASCII)
# A minus before the digits, also behind the currency's sign, or at the very end.
_MINUS = re.compile(r"([^\d\u2212-]*)[\u2212-]([^\u2212-]+)|([^\u2212-]*\d) *[\u2212-]")
_OFF = "the totals behind it come to"
_MOVED = "The row's cells may stand in the wrong columns: upload the original download."


@dataclass(frozen=True, slots=True)
class Sheet:
    """How this file is to be read; `currency` is the shop's."""

    layout: Layout
    currency: str
    zone: ZoneInfo
    order: DateOrder
    is_workbook: bool = False
    moneys: dict[str, Money] = field(default_factory=dict)

    def money(self, currency: str) -> Money:
        if currency not in self.moneys:
            self.moneys[currency] = Money(currency)
        return self.moneys[currency]


@dataclass(slots=True)
class RowProblems:
    """What was found in the rows of one ID."""

    subject_id: str
    found: list[Problem] = field(default_factory=list)
    is_refused: bool = False

    def add(self, line: int, column: str, message: str, *, is_error: bool) -> None:
        self.is_refused |= is_error
        words = f"{column}: {message}" if column else message
        self.found.append(
            Problem(line, column, words, self.subject_id, is_error=is_error)
        )


@dataclass(slots=True)
class SettlementRow:
    """A row; columns the file lacks and cells that hold no value read as blank."""

    line: int
    cells: list[str]
    sheet: Sheet
    problems: RowProblems

    def text(self, column: Column) -> str:
        return plain(self.sheet.layout.cell(self.cells, column))

    def id(self, column: Column) -> str:
        return read_id(self.text(column))

    @property
    def kind(self) -> SettlementKind:
        words = normalise(self.text(Column.TYPE))
        if words in _ORDERS:
            return SettlementKind.ORDER
        if "reserve" in words:
            return SettlementKind.RESERVE
        return SettlementKind.ADJUSTMENT

    @property
    def currency(self) -> str:
        return currency_told(self.text(Column.CURRENCY), self.sheet.currency)

    @property
    def order_id(self) -> str:
        """Of what is no order, the one it is about, if it names one."""
        if self.kind is SettlementKind.ORDER:
            return self.problems.subject_id
        related = self.id(Column.RELATED)
        return related if ID.fullmatch(related) else ""

    @property
    def quantity(self) -> int | None:
        try:
            return read_pieces(self.text(Column.QUANTITY))
        except BadValue as error:
            self.refuse(Column.QUANTITY, str(error))
            return None

    def amount(self, column: Column) -> Decimal | None:
        """Signed; None if blank, missing or refused."""
        cell = self.sheet.layout.cell(self.cells, column)
        return self._read(cell, self.sheet.layout.name(column))

    def time(self, column: Column) -> datetime | None:
        """An instant; a day alone is its midnight in UTC. None if blank or refused."""
        text = self.text(column)
        if not text:
            return None
        zone = self.sheet.zone
        if _DATE.fullmatch(text):
            text, zone = f"{text} 00:00:00", ZoneInfo("UTC")
        elif column in self.sheet.layout.utc:
            zone = ZoneInfo("UTC")
        try:
            instant, _ = Clock(zone, self.sheet.order).read(text)
        except BadValue as error:
            self.refuse(column, str(error))
            return None
        return instant.astimezone(UTC)

    @property
    def settled_at(self) -> datetime | None:
        """The statement's day goes before the order's own time."""
        at = self.time(Column.STATEMENT_DATE) or self.time(Column.SETTLED)
        if at is None and not self.problems.is_refused:
            self.refuse(Column.SETTLED, "is blank.")
        return at

    def amounts(self) -> SettledAmounts:
        """Its totals and its parts by name; checked against each other."""
        layout = self.sheet.layout
        settlement = self.amount(layout.total)
        adjustment = self.amount(Column.ADJUSTMENT)
        if settlement is None and not self.problems.is_refused:
            self.refuse(layout.total, "is blank.")
        fees = self.amount(Column.FEES)
        named = self._named()
        found = SettledAmounts(
            settlement,
            self.amount(Column.REVENUE),
            self.amount(Column.SHIPPING),
            fees,
            adjustment,
            tuple(named),
        )
        if self.problems.is_refused:
            return found
        return self._checked(found)

    def _named(self) -> list[NamedAmount]:
        layout = self.sheet.layout
        read = [
            (part, amount)
            for part in layout.parts
            if part.index < len(self.cells) and (amount := self._part(part)) is not None
        ]
        chosen = _without_sums(read) if not layout.has_shipping else read
        return [
            NamedAmount(part.group, part.name, amount)
            for part, amount in chosen
            if amount
        ]

    def _part(self, part: Part) -> Decimal | None:
        cell = self.cells[part.index]
        if part.group is not AmountGroup.SUPPLEMENTARY:
            return self._read(cell, part.name)
        # What is for information need not be an amount.
        problems = self.problems
        self.problems = RowProblems("")
        amount = self._read(cell, part.name)
        self.problems = problems
        return amount

    def _checked(self, found: SettledAmounts) -> SettledAmounts:
        """Fees moved by a column show where they do not come to their total."""
        groups = (AmountGroup.FEE, AmountGroup.TAX)
        fees = [each.amount for each in found.named if each.group in groups]
        parts = (found.revenue, found.shipping, found.fee_tax, found.adjustment)
        known = [part for part in parts if part is not None]
        adds_up = not known or sum(known, ZERO) == found.settlement
        layout = self.sheet.layout
        if found.fee_tax is None or not fees or sum(fees, ZERO) == found.fee_tax:
            if not adds_up:
                total = f"{sum(known, ZERO):,f}, not to {found.settlement:,f}"
                self._note(layout.total, f"{_OFF} {total}. The line is marked.")
            return found
        says = (
            f"the fees by name come to {sum(fees, ZERO):,f}, not to {found.fee_tax:,f}."
        )
        if not adds_up:
            self.refuse(Column.FEES, f"{says} {_MOVED}")
            return found
        if layout.has_shipping:
            # There, sums stand among the names, and none says of what.
            self._note(Column.FEES, f"{says} They are left out.")
            rest = tuple(each for each in found.named if each.group not in groups)
            return SettledAmounts(found.settlement, *parts, rest)
        self._note(
            Column.FEES,
            f"{says} The line is marked; its names may be those of the column beside.",
        )
        return found

    def _note(self, column: Column, message: str) -> None:
        name = self.sheet.layout.name(column)
        self.problems.add(self.line, name, message, is_error=False)

    def _read(self, cell: str, name: str) -> Decimal | None:
        text = cell.replace("\u00a0", " ").strip()
        is_below = text.startswith("(") and text.endswith(")")
        bare = text[1:-1] if is_below else text
        if minus := _MINUS.fullmatch(bare):
            is_below, bare = True, "".join(part or "" for part in minus.groups())
        try:
            amount = self.sheet.money(self.currency).read(bare)
        except (BadValue, WrongCurrency) as error:
            self.problems.add(self.line, name, str(error), is_error=True)
            return None
        return -amount if is_below and amount else amount

    def refuse(self, column: Column, message: str) -> None:
        name = self.sheet.layout.name(column)
        self.problems.add(self.line, name, message, is_error=True)


def _without_sums(read: list[tuple[Part, Decimal]]) -> list[tuple[Part, Decimal]]:
    """Shipping's parts in place of their sum, where they come to it; else the sum."""
    sums = [part for part, _ in read if normalise(part.name) == SHIPPING_SUM]
    if not sums:
        return read
    total = next(amount for part, amount in read if part is sums[0])
    mine = [
        (part, amount)
        for part, amount in read
        if normalise(part.name) in SHIPPING_PARTS
        and part.group is not AmountGroup.SUPPLEMENTARY
    ]
    comes_to_it = sum((amount for _, amount in mine), ZERO) == total
    dropped = sums if mine and comes_to_it else [part for part, _ in mine]
    indexes = {part.index for part in dropped}
    return [(part, amount) for part, amount in read if part.index not in indexes]


def classify(cells: Sequence[str], layout: Layout) -> tuple[RowKind, str]:
    """A row's kind and, for a line's row, the order's or the adjustment's ID."""
    subject_id = read_id(layout.cell(cells, Column.ID))
    if ID.fullmatch(subject_id):
        return RowKind.ORDER, subject_id
    if not any(cell.strip(BLANKS) for cell in cells):
        return RowKind.BLANK, ""
    figures = (subject_id, layout.cell(cells, layout.total))
    if not any(any(map(str.isdigit, text)) for text in figures):
        return RowKind.DESCRIPTION, ""
    return RowKind.BROKEN, ""
