"""Read a Seller Center order export: check all of it first, then yield its orders."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from apps.integrations.contracts import RemoteOrder
from apps.integrations.tiktok.exports.amounts import Money
from apps.integrations.tiktok.exports.cells import Sheet
from apps.integrations.tiktok.exports.headers import TIMES, Column
from apps.integrations.tiktok.exports.ids import RuinedIds
from apps.integrations.tiktok.exports.layout import (
    NO_ALIASES,
    Layout,
    columns_named,
    read_header,
)
from apps.integrations.tiktok.exports.orders import Outcome, read_order, to_order
from apps.integrations.tiktok.exports.problems import (
    CHANGED,
    EMPTY,
    FileRefused,
    Problem,
    ProblemList,
    sheets_left_out,
)
from apps.integrations.tiktok.exports.report import OrdersFileReport
from apps.integrations.tiktok.exports.rows import (
    RowCounts,
    RowKind,
    Scattered,
    check_second_header,
    classify,
    data_rows,
    iter_groups,
)
from apps.integrations.tiktok.exports.table import Table, header_rows, open_table
from apps.integrations.tiktok.exports.times import Clock, Evidence

ID_COLUMNS = (Column.ORDER_ID, Column.SKU_ID, Column.PRODUCT_ID, Column.PACKAGE_ID)
# A post town is Malaysia's and Singapore's, and may be that of regions not seen yet.
WITHOUT_TOWN = frozenset({"ID", "PH", "TH", "US", "VN"})
# Their addresses, fees and laws name columns that no other region can have.
ALONE = frozenset({"ID", "PH", "US", "VN"})
Dates = Literal["auto", "day-first", "month-first"]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file that is known well enough to be read row by row."""

    path: Path
    table: Table
    sheet: Sheet
    scan: "Scan"
    size_and_time: tuple[int, int]

    def outcomes(self, counts: RowCounts) -> Iterator[Outcome]:
        scattered = self.scan.scattered.order_ids
        for group in iter_groups(self.table, self.sheet.layout, scattered, counts):
            yield read_order(group, self.sheet)

    def orders(self) -> Iterator[RemoteOrder]:
        if _size_and_time(self.path) != self.size_and_time:
            raise FileRefused(CHANGED)
        for outcome in self.outcomes(RowCounts()):
            if outcome.facts:
                yield to_order(outcome.facts)


@dataclass(slots=True)
class OrdersFile:
    """A checked file: what is wrong with it, its figures, and its orders."""

    report: OrdersFileReport
    problems: list[Problem]
    _opened: _Opened

    @property
    def path(self) -> Path:
        return self._opened.path

    def orders(self) -> Iterator[RemoteOrder]:
        """Each accepted order once, with all its lines; reads the file again.

        Orders whose rows do not stand together come last. Raises FileRefused when
        the file has changed since it was checked.
        """
        return self._opened.orders()


def inspect_orders_file(
    path: Path,
    *,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates = "auto",
    aliases: Mapping[str, str] | None = None,
) -> OrdersFile:
    """Check every row of an order export for a shop, and count what it holds.

    `currency` (ISO), `timezone` (IANA) and `region` (two letters) are the shop's: the
    file names none of them. `dates` overrides how day and month are told apart,
    `aliases` are {normalised heading: name of our column}. Reads the file twice, as a
    stream. Raises FileRefused when it cannot be used.
    """
    opened = _open(path, currency, timezone, region, dates, aliases)
    table, layout = opened.table, opened.sheet.layout
    problems = ProblemList()
    report = OrdersFileReport(
        currency=currency,
        region_guess=layout.region,
        date_order=opened.sheet.clock.order,
        is_date_order_told=dates != "auto" or opened.scan.evidence.tells,
        encoding=table.encoding,
        unknown_columns=layout.unknown,
        missing_optional_columns=layout.missing,
    )
    _note_file(layout, table, region, problems)
    counts = RowCounts()
    for outcome in opened.outcomes(counts):
        report.add(outcome)
        for problem in outcome.problems:
            problems.add(problem)
    report.count_rows(counts)
    return OrdersFile(report, problems.all(), opened)


def read_orders(
    path: Path,
    *,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates = "auto",
    aliases: Mapping[str, str] | None = None,
) -> Iterator[RemoteOrder]:
    """The orders of a file that was checked before, by `inspect_orders_file` with these
    very arguments, without checking it once more. Raises FileRefused."""
    return _open(path, currency, timezone, region, dates, aliases).orders()


def _open(
    path: Path,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates,
    aliases: Mapping[str, str] | None,
) -> _Opened:
    size_and_time = _size_and_time(path)
    table = open_table(path, region=region)
    layout = read_layout(table, columns_named(aliases or {}))
    if region and layout.region in ALONE and layout.region != region:
        raise FileRefused(
            f"The columns are those of a shop in {layout.region}, but this shop is in "
            f"{region}: the amounts are not in {currency}. Choose the shop that the "
            "file was exported from.",
            line=layout.line,
        )
    scan = _scan(table, layout)
    order = scan.evidence.decide(wanted=dates, region=region)
    sheet = Sheet(
        layout=layout,
        money=Money(currency),
        clock=Clock(ZoneInfo(timezone), order),
        is_blank_zero=region == "US",
        id_length=scan.id_length(),
    )
    return _Opened(path, table, sheet, scan, size_and_time)


def _size_and_time(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def read_layout(table: Table, aliases: Mapping[str, Column] = NO_ALIASES) -> Layout:
    """The file's header: its first row with any text. Raises FileRefused."""
    for line, cells in header_rows(table.rows()):
        return read_header(line, cells, aliases)
    raise FileRefused(EMPTY)


@dataclass(slots=True)
class Scan:
    """What must be known of all rows before the first one can be read."""

    evidence: Evidence = field(default_factory=Evidence)
    scattered: Scattered = field(default_factory=Scattered)
    lengths: Counter[int] = field(default_factory=Counter)

    def id_length(self) -> int:
        """Digits of nearly all order ids, or 0: one that has fewer lost them."""
        ((length, rows),) = self.lengths.most_common(1) or [(0, 0)]
        return length if rows >= 10 and rows * 10 >= self.lengths.total() * 9 else 0


def _scan(table: Table, layout: Layout) -> Scan:
    """Raises FileRefused when there are no orders, or their ids are ruined."""
    scan = Scan()
    columns = {layout.name(c): layout.at[c] for c in ID_COLUMNS if c in layout.at}
    ids = RuinedIds(columns, varied=[layout.name(Column.ORDER_ID)])
    times = [layout.at[column] for column in TIMES if column in layout.at]
    orders = 0
    for line, cells in data_rows(table, layout):
        kind, order_id = classify(cells, layout)
        if kind is RowKind.DESCRIPTION:
            check_second_header(line, cells, layout)
        if kind in {RowKind.BLANK, RowKind.DESCRIPTION}:
            continue
        orders += 1
        ids.see(line, cells)
        if order_id:
            scan.scattered.see(order_id)
            scan.lengths[len(order_id)] += 1
        for at in times:
            if at < len(cells) and len(cells[at]) > 1:
                scan.evidence.see(line, cells[at])
    ids.refuse()
    if not orders:
        raise FileRefused(
            "The file has a header but no orders. Choose a time in which there "
            "are some, and export again.",
            line=layout.line,
        )
    return scan


def _note_file(
    layout: Layout, table: Table, region: str, problems: ProblemList
) -> None:
    notes = []
    is_alike = layout.region == "MY" and region not in WITHOUT_TOWN
    if layout.region and region and layout.region != region and not is_alike:
        notes.append(
            f"The columns are those of a shop in {layout.region}, the shop chosen is "
            f"in {region}: is it the right one?"
        )
    if table.encoding.startswith("cp"):
        notes.append(f"The file was saved in an old encoding ({table.encoding}).")
    notes += sheets_left_out(table.left_out)
    for name in layout.repeated:
        notes.append(f"The column “{name}” occurs twice; the first one was read.")
    for note in notes:
        problems.add(Problem(layout.line, "", note, is_error=False))
