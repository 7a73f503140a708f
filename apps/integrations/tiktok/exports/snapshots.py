"""Rows of one order that do not agree: older copies of it, or edited by hand.

Order-level cells are repeated on every row of an order. Where they differ, the file
was either put together from exports made at different times, or edited.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.integrations.contracts import OrderStatus
from apps.integrations.lifecycle import rank
from apps.integrations.tiktok.exports.cells import ZERO, RowCells
from apps.integrations.tiktok.exports.headers import Column
from apps.integrations.tiktok.exports.identities import adds_up, read_order_amounts
from apps.integrations.tiktok.exports.rows import read_id
from apps.integrations.tiktok.exports.statuses import read_status

WAITING = {OrderStatus.TO_SHIP, OrderStatus.AWAITING_COLLECTION}
ON_THE_WAY = {OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED}

_SALE = (
    Column.SKU_ID,
    Column.QUANTITY,
    Column.UNIT_PRICE,
    Column.BEFORE,
    Column.AFTER,
)

Rows = list[RowCells]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that count, the status they agree on, and rows of older states."""

    rows: Rows
    status: OrderStatus
    older: Rows


def without_copies(rows: Rows) -> Rows:
    """Rows equal in every column count once, where they stand first."""
    if len(rows) == 1:
        return rows
    if len({read_id(row.text(Column.SKU_ID)) for row in rows}) == len(rows):
        return rows
    unique: dict[tuple[object, ...], RowCells] = {}
    for row in rows:
        unique.setdefault(tuple(row.meanings()), row)
    return list(unique.values())


def current_rows(rows: Rows) -> Selection:
    """The rows of the furthest snapshot; notes and refusals go to the rows' problems.

    Older rows are left out only where the snapshot that wins has the same lines.
    """
    parts = _parts(rows)
    if len(parts) == 1:
        once, doubles = _without_doubles(rows)
        return Selection(once, _status(rows[0]), doubles)
    parts.sort(key=_progress, reverse=True)
    winner, *others = parts
    _refuse_other(Column.CREATED, winner[0], rows)
    taken = list(winner)
    older: Rows = []
    for part in others:
        if _is_older(part, winner):
            older += part
        else:
            taken += part
    _refuse_other(Column.ORDER_AMOUNT, winner[0], taken)
    if older:
        winner[0].note(
            Column.STATUS, "the file also has an older state of this order; left out."
        )
    if len(taken) > len(winner):
        _note_differences(taken)
    return Selection(taken, _common_status(taken), older)


def _parts(rows: Rows) -> list[Rows]:
    """Rows by their order-level cells."""
    if len(rows) == 1:
        return [rows]
    pick = rows[0].sheet.pick_order
    first = pick(rows[0].cells)
    if all(pick(row.cells) == first for row in rows):
        return [rows]
    parts: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        parts.setdefault(tuple(map(str.strip, pick(row.cells))), []).append(row)
    return list(parts.values())


def _status(row: RowCells) -> OrderStatus:
    return read_status(row.text(Column.STATUS), row.text(Column.SUBSTATUS))


def _progress(part: Rows) -> tuple[int, int, int]:
    """Furthest status first, then the one that knows more, then the upper one."""
    row = part[0]
    columns = row.sheet.order_columns
    filled = sum(row.text(column) not in {"", "0"} for column in columns)
    return rank(_status(row)), filled, -row.line


def _lines(part: Rows) -> set[tuple[str, str, str, bool]]:
    return {
        (
            row.text(Column.SKU_ID),
            row.text(Column.SELLER_SKU),
            row.text(Column.BUNDLE_SKU),
            bool(row.meanings((Column.AFTER,))[0]),
        )
        for row in part
    }


def _is_older(part: Rows, winner: Rows) -> bool:
    if not _lines(part) <= _lines(winner):
        return False
    if _status(part[0]) is not _status(winner[0]):
        return True
    if part[0].amount(Column.ORDER_AMOUNT) != winner[0].amount(Column.ORDER_AMOUNT):
        return False
    # the same state twice, or one order's rows edited apart: let the total decide
    return not _adds_up(part + winner) or _adds_up(winner)


def _without_doubles(rows: Rows) -> tuple[Rows, Rows]:
    """Rows that sell the same as one above, where only the rest is the order's sum:
    they are of another time, and differ in a SKU's name or a parcel."""
    sold: dict[tuple[object, ...], RowCells] = {}
    for row in rows:
        sold.setdefault(tuple(row.meanings(_SALE)), row)
    taken = list(sold.values())
    if len(taken) == len(rows) or _adds_up(rows) or not _adds_up(taken):
        return rows, []
    taken[0].note(
        Column.SKU_ID, "rows of this order sell the same twice; they are taken once."
    )
    lines = {row.line for row in taken}
    return taken, [row for row in rows if row.line not in lines]


def _adds_up(rows: Sequence[RowCells]) -> bool:
    first = rows[0]
    goods = sum((row.amount(Column.AFTER) or ZERO for row in rows), ZERO)
    return adds_up(first, read_order_amounts(first), goods)


def _refuse_other(column: Column, first: RowCells, rows: Rows) -> None:
    for row in rows:
        if row.text(column) != first.text(column):
            row.refuse(
                column,
                f"“{row.text(column)}” here, “{first.text(column)}” in another row of "
                "the same order. Upload the original download.",
            )
            return


def _note_differences(rows: Rows) -> None:
    for column in rows[0].sheet.order_columns:
        if len({row.text(column) for row in rows}) > 1:
            rows[0].note(
                column, "rows of this order differ; the first one's was taken."
            )


def _common_status(rows: Rows) -> OrderStatus:
    statuses = {_status(row) for row in rows}
    if statuses & WAITING and statuses & ON_THE_WAY:
        return OrderStatus.PARTLY_SHIPPED
    return max(statuses, key=rank)
