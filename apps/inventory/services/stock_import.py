"""What a stock file comes to, row by row, and the documents that book it."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from apps.core.storing import portions
from apps.inventory.errors import DocumentRefused
from apps.inventory.models import StockCount, StockDocument, StockLevel
from apps.inventory.services.books import on_hand_at
from apps.inventory.services.csv_rows import FileRow, StockFile
from apps.inventory.services.documents import (
    MOST_LINES,
    By,
    Deed,
    Line,
    book_document,
)
from apps.inventory.services.stock_names import (
    name_variants,
    name_warehouses,
    refuse_doubles,
)
from apps.inventory.services.stock_rows import (
    Mode,
    Options,
    Result,
    RowResult,
    read_row,
    still_open,
)
from apps.products.errors import FileUnusable
from apps.users.models import Client

Kind = StockDocument.Kind
# Each is a document of its own, and a question to the ledger.
MOST_MOMENTS = 100
_KINDS = {
    Mode.COUNT: Kind.COUNT,
    Mode.RECEIVE: Kind.RECEIPT,
    Mode.ADJUST: Kind.ADJUSTMENT,
}


@dataclass(slots=True)
class Examined:
    """`at` is the moment of counts that name none."""

    file: StockFile
    options: Options
    at: datetime
    rows: list[RowResult] = field(default_factory=list)

    def count(self, result: Result) -> int:
        return sum(each.result == result for each in self.rows)

    def of(self, result: Result) -> list[RowResult]:
        return [each for each in self.rows if each.result == result]

    @property
    def refused(self) -> list[tuple[FileRow, str]]:
        return [(each.row, each.said) for each in self.of(Result.REFUSED)]

    @property
    def books_anew(self) -> bool:
        """Whether the same file once more would book once more: a count of a moment
        that is named is known again, all else only by its file."""
        return any(
            each.mode != Mode.COUNT or each.moment is None
            for each in self.of(Result.CHANGED)
        )


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows that one document books. `key` is the same for the same rows of a file."""

    key: str
    deed: Deed
    rows: Sequence[RowResult]


def print_of(data: bytes, options: Options) -> str:
    """Tells whether it is the very same file, read the same way."""
    return hashlib.sha256(data + b"\0" + options.print.encode()).hexdigest()


def examine(
    client: Client, file: StockFile, options: Options, at: datetime
) -> Examined:
    """Writes nothing but the default warehouse, where there is none yet. Raises
    FileUnusable."""
    found = Examined(file, options, at, [read_row(row, options) for row in file.rows])
    name_warehouses(client, found.rows, options.warehouse)
    name_variants(client, found.rows)
    refuse_doubles(found.rows)
    _compare(found)
    return found


def preview(
    client: Client, file: StockFile, options: Options, at: datetime
) -> Examined:
    """`examine` with nothing written at all."""
    with transaction.atomic():
        found = examine(client, file, options, at)
        transaction.set_rollback(True)
    return found


def portions_of(examined: Examined, file_name: str, key: str) -> list[Portion]:
    """What is to be booked, cut by place in the file, so that the same rows meet in a
    document whenever it is asked. `key` begins the keys of the documents."""
    groups: dict[tuple[object, ...], list[RowResult]] = defaultdict(list)
    for number, each in enumerate(examined.rows):
        if each.result == Result.CHANGED:
            assert each.warehouse is not None
            moment = each.moment.astimezone(UTC).isoformat() if each.moment else ""
            block = number // MOST_LINES
            about = (each.mode.value, each.warehouse.pk, moment, each.reason, block)
            groups[about].append(each)
    return [
        Portion(name, _deed(examined, rows, file_name, name), rows)
        for about, rows in groups.items()
        if (name := f"{key}{hashlib.sha256(repr(about).encode()).hexdigest()[:12]}")
    ]


def book_portion(client: Client, portion: Portion, by: By) -> StockDocument | None:
    """The document of these rows; it may stand already. Rows that no longer hold, or
    that a standing one has not, are refused in their results."""
    deed, rows = portion.deed, list(portion.rows)
    while rows:
        try:
            document = book_document(client, _with_lines(deed, rows), by).document
        except DocumentRefused as error:
            rows = _refuse(rows, error)
        else:
            _refuse_left_out(document, rows)
            return document
    return None


def _compare(examined: Examined) -> None:
    rows = still_open(examined.rows)
    groups: dict[tuple[int, Mode, datetime], list[RowResult]] = defaultdict(list)
    for each in rows:
        assert each.warehouse is not None
        about = (each.warehouse.pk, each.mode, each.moment or examined.at)
        groups[about].append(each)
    if len(groups) > MOST_MOMENTS:
        raise FileUnusable(
            f"The file names more than {MOST_MOMENTS} moments and warehouses. Cut it "
            "into several."
        )
    now = _levels(rows)
    for (warehouse, mode, at), group in groups.items():
        if mode == Mode.COUNT:
            _compare_counts(group, warehouse, at)
            continue
        for each in group:
            _compare_change(each, now.get(each.place))
    for each in still_open(rows):
        _warn(each, examined.at, now.get(each.place))


def _levels(rows: Sequence[RowResult]) -> dict[tuple[int, int], StockLevel]:
    variants = sorted({each.place[0] for each in rows})
    return {
        (level.variant_id, level.warehouse_id): level
        for keys in portions(variants)
        for level in StockLevel.objects.filter(variant__in=keys).order_by()
    }


def _compare_counts(rows: Sequence[RowResult], warehouse: int, at: datetime) -> None:
    variants = sorted({each.place[0] for each in rows})
    books = on_hand_at(warehouse, variants, at)
    counted: dict[int, int] = {}
    for keys in portions(variants):
        counts = StockCount.objects.live().filter(
            level__variant__in=keys, level__warehouse=warehouse, counted_at=at
        )
        counted |= dict(counts.values_list("level__variant", "quantity"))
    for each in rows:
        each.before, each.after = books.get(each.place[0], 0), each.units
        known = counted.get(each.place[0])
        if known == each.units:
            each.result, each.said = Result.SAME, "Counted so already."
        elif known is not None:
            each.refuse(
                f"{known:,} were counted at that very moment. Take that stock take "
                "back first."
            )


def _compare_change(each: RowResult, level: StockLevel | None) -> None:
    each.before = each.after = level.on_hand if level else 0
    if not _is_set_off(each.moment, level):
        each.after += each.units


def _is_set_off(moment: datetime | None, level: StockLevel | None) -> bool:
    """Whether a stock take of that moment or later holds against it."""
    last = level.counted_at if level else None
    return moment is not None and last is not None and moment <= last


def _warn(each: RowResult, at: datetime, level: StockLevel | None) -> None:
    assert each.before is not None
    assert each.after is not None
    moment = each.moment or (at if each.mode == Mode.COUNT else None)
    if _is_set_off(moment, level):
        each.said = "Counted since: what lies there now stays as it is."
        return
    reserved = level.reserved if level else 0
    on_hand = (level.on_hand if level else 0) + each.after - each.before
    each.short = max(0, reserved - on_hand)
    if each.short:
        each.said = f"{each.short:,} more are promised to orders than would be there."


def _deed(
    examined: Examined, rows: Sequence[RowResult], file_name: str, key: str
) -> Deed:
    first = rows[0]
    assert first.warehouse is not None
    is_count = first.mode == Mode.COUNT
    return Deed(
        kind=_KINDS[first.mode],
        warehouse=first.warehouse,
        lines=[],
        effective_at=first.moment or (examined.at if is_count else None),
        reason=first.reason,
        reference=file_name[:80],
        source=StockDocument.Source.FILE,
        key=key,
    )


def _with_lines(deed: Deed, rows: Sequence[RowResult]) -> Deed:
    lines = [
        Line(each.variant, each.units, note=each.row.cell("note")[:300])
        for each in rows
        if each.variant is not None
    ]
    return replace(deed, lines=lines)


def _refuse(rows: Sequence[RowResult], error: DocumentRefused) -> list[RowResult]:
    """Those that are left. What is said of the whole is said of each."""
    told: Mapping[int | None, str] = {
        fault.row: fault.message for fault in error.faults
    }
    whole = told.get(None)
    for place, each in enumerate(rows):
        if why := whole or told.get(place):
            each.refuse(why)
    return still_open(rows)


def _refuse_left_out(document: StockDocument, rows: Sequence[RowResult]) -> None:
    standing = set(document.lines.values_list("variant", flat=True))
    for each in rows:
        if each.variant is not None and each.variant.pk not in standing:
            each.refuse(
                f"This part of the file was booked before without {each.variant}. Put "
                "the row into a file of its own."
            )
