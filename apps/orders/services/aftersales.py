"""What requests after the sale come to for their orders: state, money.

Which goods come back: see coming_back. What is worked out here is a function of the
rows as they are now, so it does not matter in which order they came.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.core import bulk
from apps.orders.models import Cancellation, Order, Return
from apps.orders.services.preferences import preferred_witness
from apps.orders.services.telling import TOLD_COLUMNS, tell
from apps.platforms.models import Shop

State = Order.ReturnState
_Status = Return.Status
# What an order is shown as is the first of these that one of its returns is in.
_STATES = (
    State.REQUESTED,
    State.RETURNING,
    State.ACCEPTED,
    State.REFUNDED,
    State.REPLACED,
    State.REJECTED,
    State.CLOSED,
)
_STATE_OF = {
    _Status.PENDING: State.REQUESTED,
    _Status.AWAITING_BUYER_RESPONSE: State.REQUESTED,
    _Status.NOT_UNDERSTOOD: State.REQUESTED,
    _Status.AWAITING_BUYER_SHIP: State.RETURNING,
    _Status.BUYER_SHIPPED: State.RETURNING,
    _Status.SUCCESS: State.ACCEPTED,
    _Status.COMPLETE: State.REFUNDED,
    _Status.REFUNDED_INSTEAD: State.REFUNDED,
    _Status.REJECTED: State.REJECTED,
    _Status.RECEIVE_REJECTED: State.REJECTED,
    _Status.CANCELLED: State.CLOSED,
}
_PAYS_BACK = frozenset({Return.Kind.REFUND, Return.Kind.RETURN_AND_REFUND})
_DERIVED = ("return_state", "refund_amount", "is_cancel_requested", *TOLD_COLUMNS)


@dataclass(slots=True)
class Requests:
    """Requests by order, each with its lines at hand."""

    cancellations: dict[int, list[Cancellation]] = field(
        default_factory=lambda: defaultdict(list)
    )
    returns: dict[int, list[Return]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, rows: Iterable[Cancellation | Return]) -> "Requests":
        found = cls()
        for row in rows:
            if row.order_id is None:
                continue
            if isinstance(row, Return):
                found.returns[row.order_id].append(row)
            else:
                found.cancellations[row.order_id].append(row)
        return found

    @classmethod
    def of_orders(cls, orders: Collection[int]) -> "Requests":
        rows: list[Cancellation | Return] = []
        for model in (Cancellation, Return):
            known = model.objects.filter(order__in=orders).order_by("pk")
            rows += known.prefetch_related("lines")
        return cls.of(rows)


def refresh_orders(
    shop: Shop, orders: Collection[Order], requests: Requests | None = None
) -> list[Order]:
    """Let stored orders of a shop say what their requests come to (return_state,
    refund_amount, is_cancel_requested): those that changed, saved.

    The caller holds the shop's lock. `requests` are all of these orders', should the
    caller have them at hand.
    """
    if requests is None:
        requests = Requests.of_orders({order.pk for order in orders})
    preferred = ""
    changed = []
    for order in orders:
        cancellations = requests.cancellations.get(order.pk, [])
        returns = requests.returns.get(order.pk, [])
        if not (cancellations or returns) and order.return_state == _reported(order):
            continue
        preferred = preferred or preferred_witness(shop)
        before = deepcopy(_derived(order))
        _say(order, cancellations, returns, preferred)
        if _derived(order) != before:
            order.modified_at = timezone.now()
            changed.append(order)
    bulk.update(changed, [*_DERIVED, "modified_at"])
    return changed


def return_state(order: Order, returns: Sequence[Return]) -> str:
    """What became of goods and money, over all returns: what is still open goes before
    what is over. Where no return is known, what a file said."""
    states = {_state_of(each) for each in returns}
    return next((state.value for state in _STATES if state in states), _reported(order))


def refund_amount(
    order: Order, cancellations: Sequence[Cancellation], returns: Sequence[Return]
) -> Decimal | None:
    """What really goes back to the buyer, in the order's currency; None where nothing
    does, or nobody said how much."""
    paying: list[Cancellation | Return] = [*filter(pays_back, returns)]
    if was_paid(order):
        done = [c for c in cancellations if c.status == Cancellation.Status.COMPLETE]
        paying += done
    amounts = [_amount(each) for each in paying if is_in_currency_of(order, each)]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def is_cancel_requested(cancellations: Sequence[Cancellation]) -> bool | None:
    """Whether a buyer's wish to cancel waits for an answer; None where no buyer is
    known to have had one."""
    wishes = [each for each in cancellations if each.needs_answer or _is_buyers(each)]
    if not wishes:
        return None
    pending = Cancellation.Status.PENDING
    return any(each.needs_answer and each.status == pending for each in wishes)


def pays_back(request: Return) -> bool:
    """Whether money of a return goes back, or went: not while it is decided, and not
    where another piece is sent instead."""
    if request.status == _Status.REFUNDED_INSTEAD:
        return True
    is_agreed = request.status in (_Status.SUCCESS, _Status.COMPLETE)
    return is_agreed and request.kind in _PAYS_BACK


def is_in_currency_of(order: Order, request: Cancellation | Return) -> bool:
    """Whether a request's amounts can be told in the order's currency: others stand
    with the request alone."""
    return request.currency in ("", order.currency)


def was_paid(order: Order) -> bool:
    """Whether a buyer's money came in. Cash on delivery has no time of payment until it
    is delivered, and sometimes never; other orders that are to be shipped are paid,
    whether or not a source said when."""
    status, stage = order.status, order.cancellation_stage
    unpaid = (Order.Status.UNPAID, Order.Status.NOT_UNDERSTOOD)
    if order.paid_at is not None:
        return stage != Order.Stage.BEFORE_PAYMENT
    if order.is_cod:
        return status in (Order.Status.DELIVERED, Order.Status.COMPLETED)
    if status == Order.Status.CANCELLED:
        return stage not in ("", Order.Stage.BEFORE_PAYMENT)
    return status not in unpaid


def paid_moment(order: Order) -> datetime | None:
    """When the buyer's money came in, None where it did not. Cash on delivery comes in
    on delivery; where nobody said when, the time of placing is the best there is."""
    if not was_paid(order):
        return None
    at: datetime = order.paid_at or order.placed_at
    if order.paid_at is None and order.is_cod and order.delivered_at is not None:
        at = order.delivered_at
    return at


def _say(
    order: Order,
    cancellations: Sequence[Cancellation],
    returns: Sequence[Return],
    preferred: str,
) -> None:
    order.return_state = return_state(order, returns)
    refund = refund_amount(order, cancellations, returns)
    as_of = _latest([*cancellations, *returns])
    tell(order, {"refund_amount": refund}, as_of, preferred=preferred)
    asked = is_cancel_requested(cancellations)
    as_of = _latest(cancellations)
    tell(order, {"is_cancel_requested": asked}, as_of, preferred=preferred)


def _is_buyers(cancellation: Cancellation) -> bool:
    return cancellation.role.upper() == "BUYER"


def _latest(requests: Sequence[Cancellation | Return]) -> datetime | None:
    moments = (each.remote_updated_at for each in requests)
    return max((moment for moment in moments if moment), default=None)


def _derived(order: Order) -> list[Any]:
    return [getattr(order, name) for name in _DERIVED]


def _reported(order: Order) -> str:
    return State.REPORTED.value if order.reported_return else ""


def _state_of(request: Return) -> Order.ReturnState:
    is_other = request.kind in (Return.Kind.REPLACEMENT, Return.Kind.EXCHANGE)
    if request.status == _Status.COMPLETE and is_other:
        return State.REPLACED
    return _STATE_OF[_Status(request.status)]


def _amount(request: Cancellation | Return) -> Decimal | None:
    """As the request says, else as its lines do, else as it was offered."""
    amount: Decimal | None = request.refund_amount
    if amount is not None:
        return amount
    amounts = [line.refund_amount for line in request.lines.all()]
    known = [each for each in amounts if each is not None]
    if known:
        return sum(known, Decimal(0))
    if isinstance(request, Return):
        amount = request.offered_amount
    return amount
