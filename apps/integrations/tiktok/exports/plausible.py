"""Times that cannot be: told to staff, for an order is no worse for them.

Where cells have moved, or a spreadsheet took the day for the month, this is what shows.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from apps.integrations.contracts import OrderStatus
from apps.integrations.tiktok.exports.cells import RowCells
from apps.integrations.tiktok.exports.headers import TIMES, Column

# A time saved without its seconds seems to be before one that has them.
SECONDS_LOST = timedelta(minutes=1)


class OrderTimes(NamedTuple):
    """The cells of TIMES, in that order, as instants."""

    placed_at: datetime
    paid_at: datetime | None
    ready_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None


def note_times(row: RowCells, times: OrderTimes, status: OrderStatus) -> None:
    """Say which times go before the order's own, or against its status."""
    first = times.placed_at - SECONDS_LOST
    for column, instant in zip(TIMES, times, strict=True):
        if instant is not None and instant < first:
            row.note(column, "is before the order was created.")
    if status is OrderStatus.UNPAID and times.paid_at:
        row.note(Column.PAID, "is filled, though the order is unpaid.")
    is_cancelled = status is OrderStatus.CANCELLED
    if is_cancelled and not times.cancelled_at and row.has(Column.CANCELLED):
        row.note(Column.CANCELLED, "is blank, though the order was cancelled.")
    if status is OrderStatus.COMPLETED and times.cancelled_at:
        row.note(Column.CANCELLED, "is filled, though the order was completed.")
