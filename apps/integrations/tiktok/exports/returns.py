"""Read a Seller Center returns and refunds file: all of it is checked first.

Its rows are return and SKU; it names no shop, no currency and no zone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from apps.integrations.contracts import RemoteReturn
from apps.integrations.tiktok.exports.amounts import Money
from apps.integrations.tiktok.exports.ids import RuinedIds
from apps.integrations.tiktok.exports.problems import (
    CHANGED,
    FileRefused,
    Problem,
    ProblemList,
    sheets_left_out,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.integrations.tiktok.exports.returns_columns import (
    RETURNS,
    TIMES,
    Column,
    Layout,
)
from apps.integrations.tiktok.exports.returns_prices import PriceEvidence, Reading
from apps.integrations.tiktok.exports.returns_reading import Outcome, read_return
from apps.integrations.tiktok.exports.returns_report import ReturnsFileReport
from apps.integrations.tiktok.exports.returns_rows import (
    Moved,
    ReturnProblems,
    ReturnRow,
    Sheet,
    check_second_header,
    classify,
    data_rows,
    read_layout,
)
from apps.integrations.tiktok.exports.rows import (
    RowCounts,
    RowKind,
    Scattered,
    grouped,
    read_id,
)
from apps.integrations.tiktok.exports.table import Table, open_table
from apps.integrations.tiktok.exports.times import Clock, DateOrder, Evidence

ID_COLUMNS = (Column.RETURN_ID, Column.ORDER_ID, Column.SKU_ID)


@dataclass(slots=True)
class ReturnsFile:
    """A checked file: what is wrong with it, its figures, and its returns."""

    path: Path
    report: ReturnsFileReport
    problems: list[Problem]
    _table: Table
    _sheet: Sheet
    _scan: "_Scan"
    _size_and_time: tuple[int, int]

    def returns(self) -> Iterator[RemoteReturn]:
        """Each accepted return once, with all its lines; reads the file again.

        Returns whose rows do not stand together come last. Raises FileRefused when
        the file has changed since it was checked.
        """
        if _size_and_time(self.path) != self._size_and_time:
            raise FileRefused(CHANGED)
        for outcome in _outcomes(self._table, self._sheet, self._scan, RowCounts()):
            if outcome.remote:
                yield outcome.remote


def inspect_returns_file(
    path: Path,
    *,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates = "auto",
    aliases: Mapping[str, str] | None = None,
) -> ReturnsFile:
    """Check every row of a returns file for a shop, and count what it holds.

    `currency` (ISO), `timezone` (IANA) and `region` (two letters) are the shop's.
    `dates` overrides how day and month are told apart; `aliases` are {normalised
    heading: name of our column}, names we do not know are passed over. Raises
    FileRefused when it cannot be used.
    """
    size_and_time = _size_and_time(path)
    table = open_table(path, region=region, wanted=RETURNS)
    layout = read_layout(table, columns_named(aliases or {}))
    money = Money(currency)
    scan = _scan(table, layout, money)
    order = scan.evidence.decide(wanted=dates, region=region)
    sheet = Sheet(layout, money, Clock(ZoneInfo(timezone), order), scan.prices.decide())
    report = ReturnsFileReport(
        currency=currency,
        date_order=order,
        is_date_order_told=dates != "auto" or scan.evidence.tells,
        encoding=table.encoding,
        unknown_columns=layout.unknown,
        missing_optional_columns=layout.missing,
    )
    problems = ProblemList()
    _note_file(layout, table, problems)
    counts = RowCounts()
    for outcome in _outcomes(table, sheet, scan, counts):
        _count(outcome, report)
        for problem in outcome.problems:
            problems.add(problem)
    report.rows = counts.all
    report.blank_rows = counts.blank
    report.description_rows = counts.description
    return ReturnsFile(
        path=path,
        report=report,
        problems=problems.all(),
        _table=table,
        _sheet=sheet,
        _scan=scan,
        _size_and_time=size_and_time,
    )


def columns_named(aliases: Mapping[str, str]) -> dict[str, Column]:
    """More names of our columns, of which some may be no longer ours."""
    known = set(Column)
    return {heading: Column(name) for heading, name in aliases.items() if name in known}


def _size_and_time(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


@dataclass(slots=True)
class _Scan:
    """What must be known of all rows before the first one can be read."""

    prices: PriceEvidence
    evidence: Evidence = field(default_factory=Evidence)
    scattered: Scattered = field(default_factory=Scattered)
    moved: Moved = field(default_factory=Moved)


def _scan(table: Table, layout: Layout, money: Money) -> _Scan:
    """Raises FileRefused when there are no returns, or their ids are ruined."""
    scan = _Scan(PriceEvidence(money.tolerance))
    # Of prices alone, so how times are to be read does not matter yet.
    clock = Clock(ZoneInfo("UTC"), DateOrder.DAY_FIRST)
    sheet = Sheet(layout, money, clock, Reading.UNCLEAR)
    columns = {layout.name(c): layout.at[c] for c in ID_COLUMNS if c in layout.at}
    ids = RuinedIds(columns, varied=[layout.name(Column.RETURN_ID)])
    rows = 0
    for line, cells in data_rows(table, layout):
        kind, return_id = classify(cells, layout)
        if kind is RowKind.DESCRIPTION:
            check_second_header(line, cells, layout)
        if kind in {RowKind.BLANK, RowKind.DESCRIPTION}:
            continue
        rows += 1
        ids.see(line, cells)
        if return_id:
            scan.scattered.see(return_id)
        scan.moved.see(return_id, read_id(layout.cell(cells, Column.ORDER_ID)))
        for column in TIMES:
            scan.evidence.see(line, layout.cell(cells, column).strip())
        _see_price(ReturnRow(line, cells, sheet, ReturnProblems(return_id)), scan)
    ids.refuse()
    if not rows:
        raise FileRefused(
            "The file has a header but no returns. Choose a time in which there "
            "are some, and export again.",
            line=layout.line,
        )
    return scan


def _see_price(row: ReturnRow, scan: _Scan) -> None:
    """A row with a bad cell shows nothing."""
    price = row.price()
    if not row.problems.is_refused:
        scan.prices.see(price)


def _outcomes(
    table: Table, sheet: Sheet, scan: _Scan, counts: RowCounts
) -> Iterator[Outcome]:
    def classify_return(cells: Sequence[str]) -> tuple[RowKind, str]:
        kind, return_id = classify(cells, sheet.layout)
        is_moved = return_id in scan.moved.ids
        return (RowKind.BROKEN, "") if is_moved else (kind, return_id)

    rows = data_rows(table, sheet.layout)
    scattered = scan.scattered.order_ids
    for group in grouped(rows, classify_return, scattered, counts):
        yield read_return(group, sheet)


def _count(outcome: Outcome, report: ReturnsFileReport) -> None:
    if outcome.remote is None:
        report.refused_rows += outcome.rows
        report.refused_return_count += outcome.is_named
        return
    report.copied_rows += outcome.copied
    report.older_rows += outcome.older
    report.accepted_rows += outcome.rows - outcome.copied - outcome.older
    report.add(outcome.remote)


def _note_file(layout: Layout, table: Table, problems: ProblemList) -> None:
    notes = [
        f"The column “{name}” occurs twice; the first one was read."
        for name in layout.repeated
    ]
    if table.encoding.startswith("cp"):
        notes.append(f"The file was saved in an old encoding ({table.encoding}).")
    notes += sheets_left_out(table.left_out)
    for note in notes:
        problems.add(Problem(layout.line, "", note, is_error=False))
