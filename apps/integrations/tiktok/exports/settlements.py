"""Read a settlement (income) file, or one of what is to come: all of it is checked
first.

Newer files have a row for each SKU and name the statement, older ones a row for each
order; both come to lines of statements. A weekly file may hold the week before, too.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from apps.integrations.contracts import (
    NamedAmount,
    RemoteSettlement,
    RemoteSkuSettlement,
    RemoteUnsettled,
    SettledAmounts,
    SettlementKind,
)
from apps.integrations.tiktok.exports.currencies import objection
from apps.integrations.tiktok.exports.ids import RuinedIds
from apps.integrations.tiktok.exports.problems import (
    CHANGED,
    FileRefused,
    Problem,
    ProblemList,
)
from apps.integrations.tiktok.exports.reader import Dates
from apps.integrations.tiktok.exports.rows import (
    Group,
    RowCounts,
    RowKind,
    Scattered,
    grouped,
)
from apps.integrations.tiktok.exports.settlement_columns import Column, Layout
from apps.integrations.tiktok.exports.settlement_rows import (
    ZERO,
    RowProblems,
    SettlementRow,
    Sheet,
    classify,
)
from apps.integrations.tiktok.exports.settlement_table import (
    data_rows,
    open_settlements,
)
from apps.integrations.tiktok.exports.table import Table
from apps.integrations.tiktok.exports.times import Evidence

Item = RemoteSettlement | RemoteUnsettled
_TIMES = (Column.SETTLED, Column.CREATED, Column.EXPECTED, Column.STATEMENT_DATE)


@dataclass(slots=True)
class SettlementsFileReport:
    """The figures of a file. `sums` is {currency: what its accepted lines come to}."""

    currency: str
    encoding: str
    date_order: str
    is_date_order_told: bool
    is_unsettled: bool
    rows: int = 0
    accepted_rows: int = 0
    refused_rows: int = 0
    copied_rows: int = 0
    description_rows: int = 0
    blank_rows: int = 0
    lines: int = 0
    refused_lines: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    sums: dict[str, Decimal] = field(default_factory=dict)
    unknown_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rows of one ID."""

    items: list[Item]
    problems: list[Problem]
    rows: int
    copied: int = 0
    is_named: bool = True


@dataclass(slots=True)
class SettlementsFile:
    """A checked file: what is wrong with it, its figures, and its lines."""

    path: Path
    report: SettlementsFileReport
    problems: list[Problem]
    _table: Table
    _sheet: Sheet
    _scattered: set[str]
    _size_and_time: tuple[int, int]

    def items(self) -> Iterator[Item]:
        """Each accepted line once; reads the file again. Raises FileRefused when it
        has changed since it was checked."""
        if _size_and_time(self.path) != self._size_and_time:
            raise FileRefused(CHANGED)
        for outcome in _outcomes(
            self._table, self._sheet, self._scattered, RowCounts()
        ):
            yield from outcome.items


def inspect_settlements_file(
    path: Path,
    *,
    currency: str,
    timezone: str,
    region: str,
    dates: Dates = "auto",
) -> SettlementsFile:
    """Check every row of a settlement file for a shop, and count what it holds.

    `currency` (ISO), `timezone` (IANA) and `region` (two letters) are the shop's.
    Raises FileRefused when it cannot be used.
    """
    size_and_time = _size_and_time(path)
    table, layout, found = open_settlements(path, region)
    evidence, is_year_first, scattered = _scan(table, layout)
    order = evidence.decide(wanted=dates, region=region)
    sheet = Sheet(layout, currency, ZoneInfo(timezone), order, found.is_workbook)
    report = SettlementsFileReport(
        currency=currency,
        encoding=found.encoding,
        date_order=order.value,
        is_date_order_told=dates != "auto" or evidence.tells or is_year_first,
        is_unsettled=layout.is_unsettled,
    )
    problems = ProblemList()
    if found.beside:
        says = (
            f"The sheet “{found.sheet}” was read. There are such lines on "
            f"“{'”, “'.join(found.beside)}” as well: upload each as a file of its own."
        )
        problems.add(Problem(0, "", says, is_error=False))
    counts = RowCounts()
    for outcome in _outcomes(table, sheet, scattered, counts):
        _count(outcome, report)
        for problem in outcome.problems:
            problems.add(problem)
    report.rows, report.blank_rows = counts.all, counts.blank
    report.description_rows = counts.description
    return SettlementsFile(
        path, report, problems.all(), table, sheet, scattered, size_and_time
    )


def _size_and_time(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _scan(table: Table, layout: Layout) -> tuple[Evidence, bool, set[str]]:
    """What dates tell of their order, and whether all begin with the year, so that
    nothing need be told. Raises FileRefused when there are no lines, or their ids are
    ruined."""
    evidence, scattered = Evidence(), Scattered()
    is_year_first = True
    columns = {
        layout.name(each): layout.at[each]
        for each in (Column.ID, Column.SKU_ID, Column.STATEMENT_ID, Column.RELATED)
        if each in layout.at
    }
    ids = RuinedIds(columns, varied=[layout.name(Column.ID)])
    rows = 0
    for line, cells in data_rows(table, layout):
        kind, subject_id = classify(cells, layout)
        if kind in {RowKind.BLANK, RowKind.DESCRIPTION}:
            continue
        rows += 1
        ids.see(line, cells)
        if subject_id:
            scattered.see(subject_id)
        for column in _TIMES:
            if text := layout.cell(cells, column).strip():
                evidence.see(line, text)
                is_year_first &= text[:4].isdigit() or not text[:1].isdigit()
    ids.refuse()
    if not rows:
        raise FileRefused(
            "The file has a header but no lines. Choose a time in which there are "
            "some, and export again.",
            line=layout.line,
        )
    return evidence, is_year_first, scattered.order_ids


def _outcomes(
    table: Table, sheet: Sheet, scattered: set[str], counts: RowCounts
) -> Iterator[Outcome]:
    rows = data_rows(table, sheet.layout)
    for group in grouped(
        rows, lambda cells: classify(cells, sheet.layout), scattered, counts
    ):
        yield _read(group, sheet)


def _read(group: Group, sheet: Sheet) -> Outcome:
    """All lines of one ID, all or none of them."""
    problems = RowProblems(group.order_id)
    unique: dict[tuple[str, ...], SettlementRow] = {}
    for line, cells in group.rows:
        key = tuple(cell.strip() for cell in cells)
        unique.setdefault(key, SettlementRow(line, cells, sheet, problems))
    rows = list(unique.values())
    for row in rows:
        _check(row)
    items: list[Item] = []
    if not problems.is_refused:
        read = _to_come if sheet.layout.is_unsettled else _lines
        items = read(rows, sheet)
    if problems.is_refused:
        errors = [each for each in problems.found if each.is_error]
        return Outcome([], errors, len(group.rows), is_named=bool(group.order_id))
    return Outcome(items, problems.found, len(group.rows), len(group.rows) - len(rows))


def _check(row: SettlementRow) -> None:
    width = len(row.sheet.layout.names)
    is_longer = any(map(str.strip, row.cells[width:]))
    if is_longer or (len(row.cells) < width and not row.sheet.is_workbook):
        says = f"The row has {len(row.cells)} of {width} columns."
        row.problems.add(row.line, "", says, is_error=True)
    elif not row.problems.subject_id:
        text = row.text(Column.ID)
        row.refuse(Column.ID, f"“{text}” is no ID." if text else "is blank.")
    elif not row.text(Column.TYPE):
        row.refuse(Column.TYPE, "is blank.")
    elif wrong := objection(row.text(Column.CURRENCY), row.sheet.currency):
        row.refuse(Column.CURRENCY, wrong)
    elif row.text(Column.STATEMENT_ID) and not row.id(Column.STATEMENT_ID).isdigit():
        row.refuse(Column.STATEMENT_ID, f"“{row.text(Column.STATEMENT_ID)}” is no ID.")


def _lines(rows: list[SettlementRow], sheet: Sheet) -> list[Item]:
    """Rows of one statement and type are one line; of one day, where no statement is
    named."""
    parts: dict[tuple[str, str], list[SettlementRow]] = {}
    for row in rows:
        day = row.settled_at
        where = row.id(Column.STATEMENT_ID) or (f"{day:%Y-%m-%d}" if day else "")
        parts.setdefault((where, row.text(Column.TYPE).casefold()), []).append(row)
    if rows[0].problems.is_refused:
        return []
    return [_line(mine) for mine in parts.values()]


def _line(rows: list[SettlementRow]) -> RemoteSettlement:
    first = rows[0]
    amounts = [row.amounts() for row in rows]
    is_by_sku = any(row.text(Column.SKU_ID) for row in rows)
    if len(rows) > 1 and not is_by_sku:
        first.problems.add(
            rows[1].line,
            "",
            "Several rows tell of this ID, type and day; they were added up.",
            is_error=False,
        )
    statement_id = first.id(Column.STATEMENT_ID)
    whole = _sum(amounts)
    is_reserve = first.kind is SettlementKind.RESERVE
    return RemoteSettlement(
        kind=first.kind,
        type_text=first.text(Column.TYPE),
        subject_id=first.problems.subject_id,
        currency=first.currency,
        settled_at=first.settled_at,
        statement_id=statement_id,
        order_id=first.order_id,
        amounts=SettledAmounts(settlement=ZERO) if is_reserve else whole,
        reserve=whole.settlement if is_reserve else None,
        order_placed_at=first.time(Column.CREATED),
        skus=tuple(
            RemoteSkuSettlement(
                row.id(Column.SKU_ID),
                statement_id,
                row.text(Column.PRODUCT_NAME),
                row.text(Column.SKU_NAME),
                row.quantity,
                each,
            )
            for row, each in zip(rows, amounts, strict=True)
            if is_by_sku and row.text(Column.SKU_ID)
        )
        if first.kind is SettlementKind.ORDER
        else (),
    )


def _to_come(rows: list[SettlementRow], sheet: Sheet) -> list[Item]:
    """One estimate for each type."""
    parts: dict[str, list[SettlementRow]] = {}
    for row in rows:
        parts.setdefault(row.text(Column.TYPE).casefold(), []).append(row)
    found: list[Item] = []
    for mine in parts.values():
        first = mine[0]
        when = first.text(Column.EXPECTED)
        is_date = when[:1].isdigit() and when.count("/") + when.count("-") >= 2
        found.append(
            RemoteUnsettled(
                kind=first.kind,
                type_text=first.text(Column.TYPE),
                subject_id=first.problems.subject_id,
                currency=first.currency,
                order_id=first.order_id,
                amounts=_sum([row.amounts() for row in mine]),
                expected_at=first.time(Column.EXPECTED) if is_date else None,
                expected_text="" if is_date else when,
                reason=first.text(Column.REASON),
                order_placed_at=first.time(Column.CREATED),
                delivered_at=first.time(Column.DELIVERED),
            )
        )
    return found


def _sum(amounts: list[SettledAmounts]) -> SettledAmounts:
    if len(amounts) == 1:
        return amounts[0]

    def total(name: str) -> Decimal | None:
        told = [getattr(each, name) for each in amounts]
        known = [amount for amount in told if amount is not None]
        return sum(known, ZERO) if known else None

    named: dict[tuple[str, str], NamedAmount] = {}
    for each in (one for amount in amounts for one in amount.named):
        key = each.group.value, each.name
        known = named.get(key)
        value = each.amount + (known.amount if known else ZERO)
        named[key] = NamedAmount(each.group, each.name, value)
    return SettledAmounts(
        total("settlement"),
        total("revenue"),
        total("shipping"),
        total("fee_tax"),
        total("adjustment"),
        tuple(named.values()),
    )


def _count(outcome: Outcome, report: SettlementsFileReport) -> None:
    if not outcome.items:
        report.refused_rows += outcome.rows
        report.refused_lines += outcome.is_named
        return
    report.copied_rows += outcome.copied
    report.accepted_rows += outcome.rows - outcome.copied
    for item in outcome.items:
        report.lines += 1
        report.kinds[item.type_text] += 1
        amount = item.amounts.settlement or ZERO
        known = report.sums.get(item.currency, ZERO)
        report.sums[item.currency] = known + amount
