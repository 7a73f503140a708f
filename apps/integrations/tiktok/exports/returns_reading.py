"""All rows of one return as a RemoteReturn, or the reasons why not."""

from dataclasses import dataclass, replace
from decimal import Decimal

from apps.integrations.contracts import (
    RefundAmounts,
    RemoteReturn,
    RequestLine,
    ReturnKind,
    ReturnStatus,
)
from apps.integrations.lifecycle import RETURN_WAY
from apps.integrations.tiktok.exports.cells import ZERO
from apps.integrations.tiktok.exports.plausible import SECONDS_LOST
from apps.integrations.tiktok.exports.problems import Problem
from apps.integrations.tiktok.exports.returns_columns import Column
from apps.integrations.tiktok.exports.returns_prices import Price, Reading
from apps.integrations.tiktok.exports.returns_rows import (
    ReturnProblems,
    ReturnRow,
    Sheet,
)
from apps.integrations.tiktok.exports.returns_words import (
    is_known_substatus,
    read_dispute,
    read_kind,
    read_return_status,
)
from apps.integrations.tiktok.exports.rows import ID, Group

Rows = list[ReturnRow]
# What is told once a return and repeated on its rows; it tells older states apart.
_STATE = (
    Column.TYPE,
    Column.STATUS,
    Column.SUBSTATUS,
    Column.REQUESTED,
    Column.REFUNDED,
)
_WORDS = (Column.TYPE, Column.STATUS, Column.SUBSTATUS)
_ORIGINAL = "Upload the original download."
_MOVED = f"The row's cells may stand in the wrong columns. {_ORIGINAL}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a group's rows; `remote` is None when all of them are refused.

    `is_named` is whether they had a return id.
    """

    remote: RemoteReturn | None
    problems: list[Problem]
    rows: int
    is_named: bool
    copied: int = 0
    older: int = 0


def read_return(group: Group, sheet: Sheet) -> Outcome:
    """Read one return's rows, all or none of them.

    Raises FileRefused when a cell names another currency.
    """
    problems = ReturnProblems(group.order_id)
    rows = [ReturnRow(line, cells, sheet, problems) for line, cells in group.rows]
    for row in rows:
        _check_row(row)
    unique = _without_copies(rows)
    chosen = unique if problems.is_refused else _current(unique)
    for beside in group.beside:
        _see_beside(rows, *beside)
    remote = None if problems.is_refused else _remote(group.order_id, chosen)
    if problems.is_refused or remote is None:
        errors = [problem for problem in problems.found if problem.is_error]
        return Outcome(None, errors, len(rows), bool(group.order_id))
    return Outcome(
        remote,
        problems.found,
        rows=len(rows),
        is_named=True,
        copied=len(rows) - len(unique),
        older=len(unique) - len(chosen),
    )


def _check_row(row: ReturnRow) -> None:
    width = len(row.sheet.layout.names)
    if len(row.cells) < width or any(map(str.strip, row.cells[width:])):
        says = (
            f"The row has {len(row.cells)} of {width} columns: cells are missing or "
            f"too many. {_ORIGINAL}"
        )
        row.problems.add(row.line, "", says, is_error=True)
        return
    del row.cells[width:]
    if not row.problems.return_id:
        text = row.text(Column.RETURN_ID)
        says = f"“{text}” is no return order id." if text else "is blank."
        row.refuse(Column.RETURN_ID, says)
    order_id = row.id(Column.ORDER_ID)
    if not ID.fullmatch(order_id):
        says = f"“{order_id}” is no order id." if order_id else "is blank."
        row.refuse(Column.ORDER_ID, says)
    for column in _WORDS:
        text = row.text(column)
        if not text and column is not Column.SUBSTATUS:
            row.refuse(column, "is blank.")
        elif any(map(str.isdigit, text)):
            row.refuse(column, f"“{text}” is no word for it. {_MOVED}")
    sku_id = row.id(Column.SKU_ID)
    if not row.sku:
        row.refuse(Column.SKU_ID, "is blank, and so is the seller SKU.")
    elif sku_id and not (sku_id.isascii() and sku_id.isdigit()):
        row.refuse(Column.SKU_ID, f"“{sku_id[:40]}” is no SKU id. {_MOVED}")


def _see_beside(rows: Rows, line: int, cells: list[str]) -> None:
    """Of a row that names no return: where it may be of this one, this one is not whole
    and came to be smaller than it is. Merged cells leave what is told once a return in
    its first row alone."""
    first = rows[0]
    other = ReturnRow(line, cells, first.sheet, ReturnProblems(""))
    is_merged = not other.id(Column.ORDER_ID) and other.sku and line > first.line
    if is_merged or other.id(Column.RETURN_ID) == first.id(Column.ORDER_ID):
        first.refuse(
            Column.RETURN_ID,
            f"the row at line {line} beside names no return, and is of this one or of "
            f"its order. {_ORIGINAL}",
        )
        return
    first.note(
        Column.RETURN_ID,
        f"the row at line {line}, beside this return's, names none: is it of this one?",
    )


def _without_copies(rows: Rows) -> Rows:
    """Rows equal in every column count once, where they stand first."""
    unique: dict[tuple[str, ...], ReturnRow] = {}
    for row in rows:
        unique.setdefault(tuple(map(str.strip, row.cells)), row)
    return list(unique.values())


def _current(rows: Rows) -> Rows:
    """The rows of the furthest state; rows of older ones, as files pasted together
    have them, must name nothing else."""
    parts: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        parts.setdefault(tuple(row.text(column) for column in _STATE), []).append(row)
    winner, *others = sorted(parts.values(), key=_progress, reverse=True)
    skus = {row.sku for row in winner}
    for part in others:
        for row in part:
            if row.sku not in skus:
                row.refuse(
                    Column.STATUS,
                    "rows of this return tell of different states and of different "
                    f"SKUs. {_ORIGINAL}",
                )
                return rows
    if others:
        winner[0].note(
            Column.STATUS, "the file also has an older state of this return; left out."
        )
    return winner


def _progress(part: Rows) -> tuple[int, int, int]:
    """Furthest status first, then the one that knows more, then the upper one."""
    row = part[0]
    filled = sum(bool(row.text(column)) for column in _STATE)
    return RETURN_WAY.index(_status(row)), filled, -row.line


def _status(row: ReturnRow) -> ReturnStatus:
    return read_return_status(row.text(Column.STATUS), row.text(Column.SUBSTATUS))


def _remote(return_id: str, rows: Rows) -> RemoteReturn | None:
    first = rows[0]
    _refuse_differing(rows, Column.ORDER_ID)
    prices = [row.price() for row in rows]
    lines = _lines(rows, prices)
    created_at = first.time(Column.REQUESTED)
    refunded_at = first.time(Column.REFUNDED)
    if first.problems.is_refused:
        return None
    if created_at and refunded_at and refunded_at < created_at - SECONDS_LOST:
        first.note(Column.REFUNDED, "is before the return was requested.")
    total = _total(rows, prices, lines)
    status, substatus = first.text(Column.STATUS), first.text(Column.SUBSTATUS)
    kind = read_kind(first.text(Column.TYPE))
    _note_unknown_words(first, kind)
    is_plain = not substatus or substatus == status
    return RemoteReturn(
        remote_id=return_id,
        order_id=first.id(Column.ORDER_ID),
        kind=kind,
        kind_text=first.text(Column.TYPE),
        status=_status(first),
        status_text=status if is_plain else f"{status} / {substatus}",
        reason_text=_first(rows, Column.REASON),
        arbitration=read_dispute(_first(rows, Column.DISPUTE)),
        created_at=created_at,
        refunded_at=refunded_at,
        tracking_number=_first(rows, Column.TRACKING),
        refund=_refund(first, total),
        lines=_folded(lines),
        raw={
            "rows": [
                dict(zip(first.sheet.layout.names, row.cells, strict=False))
                for row in rows
            ]
        },
    )


def _first(rows: Rows, column: Column) -> str:
    return next(filter(None, (row.text(column) for row in rows)), "")


def _refuse_differing(rows: Rows, column: Column) -> None:
    first = rows[0].id(column)
    for row in rows:
        if row.id(column) != first:
            row.refuse(
                column,
                f"“{row.id(column)}” here, “{first}” in another row of the same "
                f"return. {_ORIGINAL}",
            )


def _note_unknown_words(row: ReturnRow, kind: ReturnKind) -> None:
    status, substatus = row.text(Column.STATUS), row.text(Column.SUBSTATUS)
    if kind is ReturnKind.NOT_UNDERSTOOD:
        text = row.text(Column.TYPE)
        row.note(Column.TYPE, f"“{text}” is not known; no goods are expected.")
    if _status(row) is ReturnStatus.NOT_UNDERSTOOD:
        row.note(Column.STATUS, f"“{status}” is not known; kept as it is.")
    elif not is_known_substatus(substatus):
        row.note(
            Column.SUBSTATUS, f"“{substatus}” is not known; the status says how far."
        )


def _lines(rows: Rows, prices: list[Price]) -> list[RequestLine]:
    seen: set[tuple[str, Decimal | None]] = set()
    lines = []
    for row, price in zip(rows, prices, strict=True):
        key = (row.sku, price.price)
        if key in seen:
            row.refuse(
                Column.SKU_ID,
                f"{row.sku} stands in this return twice, and not the same. {_ORIGINAL}",
            )
        seen.add(key)
        lines.append(
            RequestLine(
                remote_id=row.sku,
                remote_sku_id=row.id(Column.SKU_ID),
                seller_sku=row.text(Column.SELLER_SKU),
                product_name=row.text(Column.PRODUCT_NAME),
                variation=row.text(Column.SKU_NAME),
                quantity=price.quantity,
                refund=_refund(row, _line_amount(row, price)),
            )
        )
    return lines


def _line_amount(row: ReturnRow, price: Price) -> Decimal | None:
    """What goes back for a line: as the row itself shows, else as the file does."""
    reading = price.reading(row.sheet.money.tolerance)
    if reading is Reading.UNCLEAR:
        reading = row.sheet.reading
    amount = price.amount(reading)
    if amount is None and price.price is not None:
        row.note(
            Column.UNIT_PRICE,
            f"it cannot be told whether {price.price} is for one unit or for all "
            f"{price.quantity}; the amount stays open.",
        )
    return amount


def _total(rows: Rows, prices: list[Price], lines: list[RequestLine]) -> Decimal | None:
    """What goes back for the return: its refund where the file has one, which may be
    told once a row or be repeated, else what its lines come to."""
    amounts = [line.refund.total for line in lines]
    known = [amount for amount in amounts if amount is not None]
    of_lines = sum(known, ZERO) if len(known) == len(amounts) else None
    refunds = [price.refund for price in prices if price.refund is not None]
    if not refunds:
        return of_lines
    tolerance = rows[0].sheet.money.tolerance
    if len(rows) == 1:
        return refunds[0]
    summed = sum(refunds, ZERO)
    if len(set(refunds)) > 1:
        return summed if len(refunds) == len(rows) else None
    for total in (refunds[0], summed):
        if of_lines is not None and abs(total - of_lines) <= tolerance:
            return total
    rows[0].note(
        Column.REFUND,
        "it cannot be told whether it is for each row or for the whole return; the "
        "amount stays open.",
    )
    return None


def _refund(row: ReturnRow, total: Decimal | None) -> RefundAmounts:
    if total is None:
        return RefundAmounts()
    return RefundAmounts(currency=row.sheet.money.currency, total=total)


def _folded(lines: list[RequestLine]) -> tuple[RequestLine, ...]:
    """One line a SKU: paid and free units of it stand in rows of their own."""
    folded: dict[str, RequestLine] = {}
    for line in lines:
        known = folded.get(line.remote_id)
        folded[line.remote_id] = line if known is None else _sum(known, line)
    return tuple(folded.values())


def _sum(one: RequestLine, other: RequestLine) -> RequestLine:
    total = None
    if one.refund.total is not None and other.refund.total is not None:
        total = one.refund.total + other.refund.total
    currency = one.refund.currency if total is not None else ""
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        refund=RefundAmounts(currency=currency, total=total),
    )
