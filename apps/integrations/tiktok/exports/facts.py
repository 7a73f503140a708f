"""What an order's rows say, read and checked, before it is put into our shape.

Checking a file needs this much of every order; the rest is only copied, later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from apps.integrations.contracts import (
    CancellationStage,
    CancelledBy,
    OrderStatus,
    RemoteOrderLine,
)
from apps.integrations.tiktok.exports.cancellation import Cancellation
from apps.integrations.tiktok.exports.cells import ZERO, RowCells
from apps.integrations.tiktok.exports.headers import TIMES, Column
from apps.integrations.tiktok.exports.identities import (
    FEES,
    OrderAmounts,
    adds_up,
    check_line,
    check_order,
    read_order_amounts,
)
from apps.integrations.tiktok.exports.lines import fold_lines, read_line
from apps.integrations.tiktok.exports.plausible import OrderTimes, note_times
from apps.integrations.tiktok.exports.snapshots import Selection
from apps.integrations.tiktok.exports.statuses import (
    goes_with,
    is_known,
    read_canceller,
    read_cod,
    read_return,
)

WORDS = (
    Column.STATUS, Column.SUBSTATUS, Column.CANCEL_BY, Column.CANCEL_REASON,
    Column.FULFILMENT, Column.WAREHOUSE, Column.DELIVERY_OPTION, Column.CARRIER,
    Column.PAYMENT_METHOD, Column.PRE_ORDER, Column.BUYER_MESSAGE, Column.SELLER_NOTE,
    Column.ORDER_CHANNEL, Column.CREATOR, Column.DELIVERY_OPTION_TYPE,
)  # fmt: skip


# Amounts of an order, {field of OrderAmounts: column}, that are zero where blank.
_ZERO_IF_BLANK = {
    "shipping": Column.SHIPPING,
    "taxes": Column.TAXES,
    "payment_discount": Column.PAYMENT_DISCOUNT,
    "shipping_seller": Column.SHIPPING_SELLER,
    "shipping_platform": Column.SHIPPING_PLATFORM,
    "shipping_shared": Column.SHIPPING_SHARED,
}
_ZERO_IN_US = {"refund": Column.REFUND, "shipping_before": Column.SHIPPING_BEFORE}


class OrderWords(NamedTuple):
    """The cells of WORDS, in that order."""

    status: str
    substatus: str
    cancel_by: str
    cancel_reason: str
    fulfilment: str
    warehouse: str
    delivery_option: str
    carrier: str
    payment_method: str
    pre_order: str
    buyer_message: str
    seller_note: str
    order_channel: str
    creator: str
    delivery_option_type: str


class LineSums(NamedTuple):
    """Amounts of all lines added up."""

    original: Decimal
    platform_discount: Decimal
    seller_discount: Decimal
    goods: Decimal


@dataclass(slots=True)
class OrderFacts:
    """An accepted order. `amounts.refund` is the file's column, `refund` what was
    really paid back; `rows` are those that count."""

    order_id: str
    rows: list[RowCells]
    status: OrderStatus
    lines: tuple[RemoteOrderLine, ...]
    words: OrderWords
    times: OrderTimes
    amounts: OrderAmounts
    sums: LineSums
    total: Decimal
    refund: Decimal | None
    stage: CancellationStage
    reported_return: str
    is_cod: bool | None
    is_sample: bool

    @property
    def adds_up(self) -> bool:
        """Whether the order's amount is what its rows come to."""
        return adds_up(self.rows[0], self.amounts, self.sums.goods)


def read_facts(order_id: str, chosen: Selection) -> OrderFacts | None:
    """Read the chosen rows; the reasons for None are among the rows' problems."""
    row, status = chosen.rows[0], chosen.status
    lines = _read_lines(chosen)
    amounts = _zeros_filled(row, read_order_amounts(row), lines)
    placed_at, *other_times = row.times(TIMES)
    total = amounts.total
    for column, value in ((Column.CREATED, placed_at), (Column.ORDER_AMOUNT, total)):
        if value is None and not row.text(column):
            row.refuse(column, "is blank.")
    if placed_at is None or total is None or row.problems.is_refused:
        return None
    times = OrderTimes(placed_at, *other_times)
    words = OrderWords(*row.texts(WORDS))
    _note_words(row, words, status)
    note_times(row, times, status)
    sums = _add_up(lines)
    check_order(row, amounts, sums.goods)
    is_sample = not total and not sums.goods
    if is_sample:
        lines = [replace(line, is_gift=False) for line in lines]
    is_cod = read_cod(words.payment_method)
    stage, refund = CancellationStage.NONE, amounts.refund
    if status is OrderStatus.CANCELLED:
        cancellation = Cancellation(
            reason=words.cancel_reason,
            paid_at=times.paid_at,
            shipped_at=times.shipped_at,
            is_cod=is_cod,
            is_paid_known=row.has(Column.PAID),
        )
        stage, refund = cancellation.stage(), cancellation.refund(refund)
    return OrderFacts(
        order_id=order_id,
        rows=chosen.rows,
        status=status,
        lines=fold_lines(lines),
        words=words,
        times=times,
        amounts=amounts,
        sums=sums,
        total=total,
        refund=refund,
        stage=stage,
        reported_return=_reported_return(chosen.rows, status),
        is_cod=is_cod,
        is_sample=is_sample,
    )


def _reported_return(rows: Sequence[RowCells], status: OrderStatus) -> str:
    """The word of the first row that tells of a return."""
    words = (row.text(Column.RETURN_TYPE) for row in rows)
    return next(filter(None, (read_return(word, status) for word in words)), "")


def _read_lines(chosen: Selection) -> list[RemoteOrderLine]:
    lines = []
    for row in chosen.rows:
        if line := read_line(row):
            check_line(row, line)
            lines.append(line)
    for row in chosen.older:
        read_line(row)  # a row that cannot be read refuses the order, old or not
    return lines


def _add_up(lines: Sequence[RemoteOrderLine]) -> LineSums:
    original = platform = seller = goods = ZERO
    for line in lines:
        original += line.original_amount
        platform += line.platform_discount_amount
        seller += line.seller_discount_amount
        goods += line.amount
    return LineSums(original, platform, seller, goods)


def _zeros_filled(
    row: RowCells, amounts: OrderAmounts, lines: list[RemoteOrderLine]
) -> OrderAmounts:
    """Blank means zero for what was added or taken, and for more in US files."""
    zeros = {
        name: ZERO
        for name, column in _ZERO_IF_BLANK.items()
        if getattr(amounts, name) is None and row.has(column)
    }
    if amounts.fees is None and any(map(row.has, FEES)):
        zeros["fees"] = ZERO
    if row.sheet.is_blank_zero:
        if amounts.total is None and not any(line.amount for line in lines):
            zeros["total"] = ZERO
        for name, column in _ZERO_IN_US.items():
            if getattr(amounts, name) is None and row.has(column):
                zeros[name] = ZERO
    return amounts._replace(**zeros)


def _note_words(row: RowCells, words: OrderWords, status: OrderStatus) -> None:
    if status is OrderStatus.NOT_UNDERSTOOD:
        row.note(Column.STATUS, f"“{words.status}” is not understood; kept as it is.")
    elif not is_known(words.substatus):
        row.note(
            Column.SUBSTATUS, f"“{words.substatus}” is not understood; kept as it is."
        )
    elif not goes_with(words.status, words.substatus):
        row.note(
            Column.SUBSTATUS,
            f"“{words.substatus}” does not go with “{words.status}”, which was taken.",
        )
    if words.cancel_by and read_canceller(words.cancel_by) is CancelledBy.UNKNOWN:
        row.note(Column.CANCEL_BY, f"“{words.cancel_by}” is not understood.")
