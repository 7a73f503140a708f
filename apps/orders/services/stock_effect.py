"""What an order line is to have booked in the stock ledger. Pure: from what is known
of the order now, whichever way it became known, so order and repetition of news do not
matter.

Source of the stages: the platform's order life cycle; goods are promised from the
first moment on, unpaid and on hold, too. Of an order that is shipped in parts, what has
left is gone and the rest stays promised; cancelled then, it frees the rest alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.integrations.contracts import OrderStatus
from apps.integrations.lifecycle import comes_back, has_left
from apps.inventory.models import StockMovement
from apps.inventory.models.ledger import Position
from apps.orders.models import Order, OrderLine
from apps.orders.services.coming_back import Units, expected_units
from apps.orders.services.line_merge import units_left

Reason = StockMovement.Reason
_PLATFORM = "platform"  # its own warehouse sends the goods, not one of ours


@dataclass(frozen=True, slots=True)
class Effect:
    """In units of what the line sold; `occurred_at` is when goods moved, or, where none
    did, when they were promised or set free."""

    position: Position
    reason: Reason
    occurred_at: datetime


def effect_of(
    order: Order,
    line: OrderLine,
    inspected: int = 0,
    returned: Sequence[Units] = (),
) -> Effect:
    """`inspected`: units of the line that came back and were looked at already;
    `returned`: those that returns known here are about."""
    status = OrderStatus(order.status)
    if order.fulfilment == _PLATFORM or status is OrderStatus.NOT_UNDERSTOOD:
        return Effect(Position(), Reason.CORRECTION, order.placed_at)
    left = min(line.quantity, _left(order, line, status))
    waits = 0
    if status is not OrderStatus.CANCELLED and not has_left(status):
        # What was called off may have left before: it waits for nothing either way.
        over = (line.cancelled_quantity or 0) + (line.shipped_quantity or 0)
        waits = max(0, line.quantity - max(left, over))
    if not left:
        return _here(order, status, waits)
    back = min(left, _back(order, line, status, left, returned))
    position = Position(
        on_hand=-left,
        reserved=waits,
        expected_back=max(0, back - inspected),
    )
    return Effect(position, _reason(order, status, back), left_at(order))


def left_at(order: Order) -> datetime:
    """When the goods left, as well as it is known."""
    return (
        order.shipped_at
        or order.ready_to_ship_at
        or order.delivered_at
        or order.paid_at
        or order.placed_at
    )


def has_failed_delivery(order: Order) -> bool:
    """Cancelled after the goods had left. Of two sources, one may know when that was
    and the other not."""
    if order.cancellation_stage == Order.Stage.FAILED_DELIVERY:
        return True
    left, ended = order.shipped_at, order.cancelled_at
    return left is not None and (ended is None or left <= ended)


def _left(order: Order, line: OrderLine, status: OrderStatus) -> int:
    """Units that are not here any more. Of a cancelled order that may be a part."""
    known = units_left(order, line)
    if status is OrderStatus.CANCELLED:
        if not has_failed_delivery(order) or (known and order.shipped_at is None):
            return known
        # Units called off singly are not told apart from those cancelled with it.
        return line.quantity
    if has_left(status):
        return max(known, line.quantity - (line.cancelled_quantity or 0))
    return known


def _here(order: Order, status: OrderStatus, waits: int) -> Effect:
    if status is OrderStatus.CANCELLED:
        at = order.cancelled_at or order.placed_at
        return Effect(Position(), Reason.CANCELLATION, at)
    return Effect(Position(reserved=waits), Reason.ORDER, order.placed_at)


def _back(
    order: Order,
    line: OrderLine,
    status: OrderStatus,
    left: int,
    returned: Sequence[Units],
) -> int:
    if status is OrderStatus.CANCELLED and has_failed_delivery(order):
        return left if comes_back(order.cancel_reason) else 0
    return expected_units(line.returned_quantity, returned)


def _reason(order: Order, status: OrderStatus, back: int) -> StockMovement.Reason:
    if status is OrderStatus.CANCELLED:
        is_failed = has_failed_delivery(order)
        return Reason.FAILED_DELIVERY if is_failed else Reason.CANCELLATION
    return Reason.RETURN if back else Reason.SHIPMENT
