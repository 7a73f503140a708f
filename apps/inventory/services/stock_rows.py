"""A row of a stock file: what its cells say, and what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum

from apps.inventory.models import StockDocument, Warehouse
from apps.inventory.services.csv_rows import FileRow, instant, whole_number
from apps.inventory.services.documents import MOST_UNITS
from apps.products.models import Variant


class Mode(Enum):
    """What a quantity means: so many lay there, came in, or are more (or less)."""

    COUNT = "count"
    RECEIVE = "receive"
    ADJUST = "adjust"


class Result(Enum):
    CHANGED = "changed"
    SAME = "same"
    SKIPPED = "skipped"
    REFUSED = "refused"


_MODES = {
    "count": Mode.COUNT,
    "counted": Mode.COUNT,
    "stock take": Mode.COUNT,
    "receive": Mode.RECEIVE,
    "received": Mode.RECEIVE,
    "receipt": Mode.RECEIVE,
    "adjust": Mode.ADJUST,
    "adjustment": Mode.ADJUST,
}
_REASONS = {
    name.casefold(): value
    for value, label in StockDocument.Reason.choices
    for name in (value, str(label))
}


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for rows that do not say it themselves. Without a warehouse, the
    default one; moments without a zone are in `zone`; without a moment, now."""

    mode: Mode = Mode.COUNT
    warehouse: Warehouse | None = None
    moment: datetime | None = None
    zone: tzinfo = UTC
    reason: str = ""

    @property
    def print(self) -> str:
        """The same where a file read once more says the same deed once more."""
        return f"{self.mode.value}|{self.warehouse.pk if self.warehouse else ''}"


@dataclass(slots=True)
class RowResult:
    """`said` tells what changes, or why not. `moment` is what the row or the options
    name. `before` and `after` are on hand; of a count, at its moment. `short` is how
    many more would be promised than there are."""

    row: FileRow
    result: Result = Result.CHANGED
    said: str = ""
    variant: Variant | None = None
    warehouse: Warehouse | None = None
    mode: Mode = Mode.COUNT
    units: int = 0
    moment: datetime | None = None
    reason: str = ""
    before: int | None = None
    after: int | None = None
    short: int = 0

    def refuse(self, why: str) -> None:
        self.result, self.said = Result.REFUSED, why

    def skip(self, why: str) -> None:
        self.result, self.said = Result.SKIPPED, why

    @property
    def sku(self) -> str:
        return self.variant.sku if self.variant else self.row.cell("sku")

    @property
    def place_name(self) -> str:
        return str(self.warehouse or self.row.cell("warehouse"))

    @property
    def place(self) -> tuple[int, int]:
        assert self.variant is not None
        assert self.warehouse is not None
        return self.variant.pk, self.warehouse.pk


def still_open(rows: Iterable[RowResult]) -> list[RowResult]:
    return [each for each in rows if each.result == Result.CHANGED]


def read_row(row: FileRow, options: Options) -> RowResult:
    found = RowResult(row, mode=options.mode, moment=options.moment)
    found.reason = options.reason
    try:
        _read_cells(found, options)
    except ValueError as error:
        found.refuse(str(error))
    return found


def _read_cells(found: RowResult, options: Options) -> None:
    row = found.row
    if not row.cell("sku"):
        raise ValueError("The row names no SKU.")
    if text := row.cell("mode"):
        mode = _MODES.get(" ".join(text.casefold().split()))
        if mode is None:
            raise ValueError(f"Mode “{text}”: write count, receive or adjust.")
        found.mode = mode
    if text := row.cell("counted_at"):
        found.moment = instant(text, options.zone)
    if text := row.cell("reason"):
        found.reason = _REASONS.get(" ".join(text.casefold().split()), "")
        if not found.reason:
            known = ", ".join(label for _, label in StockDocument.Reason.choices)
            raise ValueError(f"Reason “{text}” is none of: {known}.")
    if found.mode == Mode.ADJUST and not found.reason:
        raise ValueError("Say why, in a column “reason”; the ledger keeps it.")
    if found.mode != Mode.ADJUST:
        found.reason = ""
    _read_quantity(found)


def _read_quantity(found: RowResult) -> None:
    text = found.row.cell("quantity")
    if not text:
        found.skip("No quantity: the row is left out. Write 0 where there is none.")
        return
    found.units = whole_number(text)
    is_signed = found.mode == Mode.ADJUST
    if abs(found.units) > MOST_UNITS or (found.units < 0 and not is_signed):
        least = f"-{MOST_UNITS:,}" if is_signed else "0"
        raise ValueError(f"Quantity: from {least} to {MOST_UNITS:,}, not {text}.")
    if found.units == 0 and found.mode != Mode.COUNT:
        found.skip("0 changes nothing.")
