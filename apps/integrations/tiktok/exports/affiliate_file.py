"""Read a file of affiliate orders, a shop's or a creator's own: all is checked first.

Its rows are order, SKU and content; of several that tell of the same, one counts.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from apps.integrations.contracts.affiliate import RemoteAffiliateSku, Settlement
from apps.integrations.tiktok.exports.affiliate_columns import (
    AFFILIATE,
    Column,
    Layout,
    read_header,
)
from apps.integrations.tiktok.exports.affiliate_repeats import Repeats
from apps.integrations.tiktok.exports.affiliate_rows import (
    Row,
    Sheet,
    classify,
    read_row,
)
from apps.integrations.tiktok.exports.error_file import as_text, without
from apps.integrations.tiktok.exports.ids import RuinedIds
from apps.integrations.tiktok.exports.problems import (
    CHANGED,
    EMPTY,
    FileRefused,
    Problem,
    ProblemList,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.integrations.tiktok.exports.rows import RowKind
from apps.integrations.tiktok.exports.table import Table, header_rows, open_table
from apps.integrations.tiktok.exports.times import Clock, DateOrder, Evidence

_CONTRADICTS = "the same order, SKU and content is told otherwise on line"
_PASTED = "The file was put together or edited: upload the original downloads."
_TIMES = (Column.PLACED, Column.DELIVERED, Column.SETTLED)
_IDS = (Column.ORDER_ID, Column.SKU_ID, Column.PRODUCT_ID, Column.CONTENT_ID)


@dataclass(slots=True)
class AffiliateFileReport:
    """Rows add up: accepted + copied + older + refused + description + blank.
    `settled` is the sum of actual commissions of settled rows by currency; `currency`
    counts where a row names none."""

    currency: str
    encoding: str
    date_order: DateOrder
    is_date_order_told: bool
    unknown_columns: tuple[str, ...] = ()
    rows: int = 0
    accepted_rows: int = 0
    refused_rows: int = 0
    copied_rows: int = 0
    older_rows: int = 0
    description_rows: int = 0
    blank_rows: int = 0
    open_amounts: int = 0
    settled: dict[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class AffiliateFile:
    """A checked file: what is wrong with it, its figures, and what it tells."""

    path: Path
    report: AffiliateFileReport
    problems: list[Problem]
    is_creators: bool
    _table: Table
    _sheet: Sheet
    _repeats: Repeats
    _size_and_time: tuple[int, int]

    def skus(self) -> Iterator[RemoteAffiliateSku]:
        """What its good rows tell; reads the file again. Raises FileRefused where it
        has changed since it was checked."""
        if _size_and_time(self.path) != self._size_and_time:
            raise FileRefused(CHANGED)
        for row in _rows(self._table, self._sheet):
            sku = read_row(row, is_creators=self.is_creators)
            if sku is not None and self._repeats.takes(row.line):
                yield sku


def inspect_affiliate_file(
    path: Path,
    *,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates = "auto",
    aliases: Mapping[str, str] | None = None,
    is_creators: bool = False,
) -> AffiliateFile:
    """Check every row. `currency` counts where the file names none, `timezone` is the
    clock of its times. Raises FileRefused where it cannot be used."""
    size_and_time = _size_and_time(path)
    table = open_table(path, region=region, wanted=AFFILIATE)
    layout = _layout(table, aliases, is_creators=is_creators)
    evidence = _scan(table, layout)
    order = evidence.decide(wanted=dates, region=region)
    is_workbook = table.encoding == "xlsx"
    sheet = Sheet(layout, Clock(ZoneInfo(timezone), order), currency, is_workbook)
    report = AffiliateFileReport(
        currency=currency,
        encoding=table.encoding,
        date_order=order,
        is_date_order_told=dates != "auto" or evidence.tells,
        unknown_columns=layout.unknown,
    )
    problems = ProblemList()
    repeats = Repeats()
    for row in _rows(table, sheet):
        if (sku := read_row(row, is_creators=is_creators)) is not None:
            repeats.see(row.line, row.cells, sku)
    repeats.judge()
    for line, cells in _data(table, layout):
        row = Row(line, cells, sheet)
        _check(report, problems, row, repeats, is_creators=is_creators)
    return AffiliateFile(
        path, report, problems.all(), is_creators, table, sheet, repeats, size_and_time
    )


def write_affiliate_error_file(
    path_in: Path,
    path_out: Path,
    problems: Iterable[Problem],
    *,
    region: str = "",
    aliases: Mapping[str, str] | None = None,
    is_creators: bool = False,
) -> int:
    """Write the refused rows as CSV, with a last column `error`; count them."""
    reasons: dict[int, list[str]] = {}
    for problem in problems:
        if problem.is_error and problem.line:
            reasons.setdefault(problem.line, []).append(problem.message)
    table = open_table(path_in, region=region, wanted=AFFILIATE)
    layout = _layout(table, aliases, is_creators=is_creators)
    old = layout.at.get(Column.ERROR)
    written = 0
    with path_out.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*without(layout.names, old), "error"])
        for line, cells in _data(table, layout):
            if line in reasons:
                wide = cells + [""] * (len(layout.names) - len(cells))
                writer.writerow([*without(wide, old), as_text(reasons[line])])
                written += 1
    return written


def _check(
    report: AffiliateFileReport,
    problems: ProblemList,
    row: Row,
    repeats: Repeats,
    *,
    is_creators: bool,
) -> None:
    """Count a row, and gather what is wrong with it."""
    report.rows += 1
    kind = classify(row.cells, row.sheet.layout)
    if kind is RowKind.BLANK:
        report.blank_rows += 1
        return
    if kind is RowKind.DESCRIPTION:
        report.description_rows += 1
        return
    if row.line in repeats.copied or row.line in repeats.older:
        report.copied_rows += row.line in repeats.copied
        report.older_rows += row.line in repeats.older
        return
    if kind is RowKind.BROKEN:
        row.say(Column.ORDER_ID, "is not the ID of an order.", is_error=True)
    sku = read_row(row, is_creators=is_creators)
    if (other := repeats.contradicting.get(row.line)) is not None:
        row.say(Column.ORDER_ID, f"{_CONTRADICTS} {other}. {_PASTED}", is_error=True)
        sku = None
    for problem in row.problems:
        problems.add(problem)
    if sku is None:
        report.refused_rows += 1
        return
    report.accepted_rows += 1
    report.open_amounts += len(row.unread)
    paid = sku.actual.total if is_creators else sku.actual.commission
    if sku.settlement is Settlement.SETTLED and paid is not None:
        known = report.settled.get(sku.currency, Decimal(0))
        report.settled[sku.currency] = known + paid


def _rows(table: Table, sheet: Sheet) -> Iterator[Row]:
    for line, cells in _data(table, sheet.layout):
        if classify(cells, sheet.layout) is RowKind.ORDER:
            yield Row(line, cells, sheet)


def _scan(table: Table, layout: Layout) -> Evidence:
    """What its times say of their order. Raises FileRefused at ruined IDs."""
    evidence = Evidence()
    places = {
        layout.name(column): layout.at[column] for column in _IDS if column in layout.at
    }
    ids = RuinedIds(places, varied=[layout.name(Column.ORDER_ID)])
    for line, cells in _data(table, layout):
        if classify(cells, layout) is RowKind.DESCRIPTION:
            continue
        ids.see(line, cells)
        for column in _TIMES:
            if text := layout.cell(cells, column).strip():
                evidence.see(line, text)
    ids.refuse()
    return evidence


def _layout(
    table: Table, aliases: Mapping[str, str] | None, *, is_creators: bool
) -> Layout:
    known = {column.value: column for column in Column}
    named = {h: known[c] for h, c in (aliases or {}).items() if c in known}
    for line, cells in header_rows(table.rows()):
        return read_header(line, cells, named, is_creators=is_creators)
    raise FileRefused(EMPTY)


def _data(table: Table, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    return ((line, cells) for line, cells in table.rows() if line > layout.line)


def _size_and_time(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns
