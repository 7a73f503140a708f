"""Cancellations and returns asked for and answered, and whether they are."""

from datetime import timedelta
from decimal import Decimal

from apps.integrations.contracts import (
    CancellationStatus,
    Decision,
    OrderStatus,
    RefundAmounts,
    RemoteCancellation,
    RemoteOrder,
    RemoteReturn,
    ReturnKind,
    ReturnStatus,
)
from apps.orders.models import OrderAction
from apps.orders.services.actions.facts import shipped_words
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, refused
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import NO_ORDER, find_order, units_of

Kind = OrderAction.Kind
# Two clocks are seldom the same.
_CLOCKS_APART = timedelta(minutes=2)
_GONE = (OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, OrderStatus.COMPLETED)
_AGREED = (CancellationStatus.SUCCESS, CancellationStatus.COMPLETE)
_NO_REQUEST = "TikTok has no such request."
_RETURN_ENDED = (
    ReturnStatus.REJECTED,
    ReturnStatus.RECEIVE_REJECTED,
    ReturnStatus.CANCELLED,
)
_RETURN_OPEN = (
    ReturnStatus.PENDING,
    ReturnStatus.BUYER_SHIPPED,
    ReturnStatus.NOT_UNDERSTOOD,
)


def cancel(action: OrderAction, line: Line) -> Answer:
    """Raises PlatformError."""
    details = action.details
    answered = line.to(scopes.RETURNS).cancel_order(
        action.order.remote_id, details["reason"], unit_ids=details["unit_ids"]
    )
    return done(request_id=answered.remote_id, status=answered.status_text)


def judge_cancelled(action: OrderAction, line: Line) -> Answer | None:
    """Whether the order, or the items, are cancelled, or about to be."""
    order = find_order(action, line)
    if order is None:
        return refused(NO_ORDER)
    units = action.details["unit_ids"]
    if order.status is OrderStatus.CANCELLED or _are_cancelled(order, units):
        return done("It is cancelled already.")
    page = line.to(scopes.RETURNS).cancellations_of([order.remote_id])
    for request in page.cancellations:
        if request.status is CancellationStatus.CANCELLED:
            continue
        if request.needs_answer:
            return refused("The buyer asks to cancel: agree to that instead.")
        if request.role == "SELLER" and _is_ours(action, request):
            return done("It was asked for before.", request_id=request.remote_id)
    if order.status in _GONE:
        return refused(shipped_words(order.carrier, order.tracking_number))
    return None


def agree_to_cancel(action: OrderAction, line: Line) -> Answer:
    client = line.to(scopes.RETURNS)
    client.approve_cancellation(action.target, key=action.idempotency_key)
    return done()


def refuse_to_cancel(action: OrderAction, line: Line) -> Answer:
    details = action.details
    line.to(scopes.RETURNS).reject_cancellation(
        action.target,
        details["reason"],
        key=action.idempotency_key,
        comment=details["comment"],
    )
    return done()


def judge_cancellation(action: OrderAction, line: Line) -> Answer | None:
    """Whether the buyer's wish is answered, and in the way wanted."""
    page = line.to(scopes.RETURNS).cancellations_of([action.order.remote_id])
    named = [each for each in page.cancellations if each.remote_id == action.target]
    if not named:
        return refused(_NO_REQUEST)
    status = named[0].status
    is_to_agree = action.kind == Kind.APPROVE_CANCELLATION
    if status in _AGREED:
        words = "It was agreed to before: the order is cancelled."
        return done(words) if is_to_agree else refused(words)
    if status is CancellationStatus.CANCELLED:
        words = "The request is over: the order goes on."
        return refused(words) if is_to_agree else done(words)
    return None


def refund(action: OrderAction, line: Line) -> Answer:
    details = action.details
    answered = line.to(scopes.RETURNS).create_return(
        action.order.remote_id,
        details["reason"],
        ReturnKind(details["kind"]),
        key=action.idempotency_key,
        unit_ids=details["unit_ids"],
        amount=_amount(action),
    )
    return done(request_id=answered.remote_id, status=answered.status_text)


def judge_refund(action: OrderAction, line: Line) -> Answer | None:
    """Whether the seller's request is there."""
    page = line.to(scopes.RETURNS).returns_of([action.order.remote_id])
    for request in page.returns:
        is_open = request.status not in _RETURN_ENDED
        if request.role == "SELLER" and is_open and _is_ours(action, request):
            return done("It was asked for before.", request_id=request.remote_id)
    return None


def agree_to_return(action: OrderAction, line: Line) -> Answer:
    details = action.details
    line.to(scopes.RETURNS).approve_return(
        action.target,
        Decision(details["decision"]),
        key=action.idempotency_key,
        keeps_goods=details["keeps_goods"],
        amount=_amount(action),
    )
    return done()


def refuse_return(action: OrderAction, line: Line) -> Answer:
    details = action.details
    line.to(scopes.RETURNS).reject_return(
        action.target,
        Decision(details["decision"]),
        details["reason"],
        key=action.idempotency_key,
        comment=details["comment"],
        amount=_amount(action),
    )
    return done()


def judge_return(action: OrderAction, line: Line) -> Answer | None:
    """Whether the return is answered, and in the way wanted."""
    page = line.to(scopes.RETURNS).returns_of([action.order.remote_id])
    named = [each for each in page.returns if each.remote_id == action.target]
    if not named:
        return refused(_NO_REQUEST)
    request = named[0]
    if request.next_action or request.status in _RETURN_OPEN:
        return None
    decision = Decision(action.details["decision"])
    is_offer = request.status is ReturnStatus.AWAITING_BUYER_RESPONSE
    if is_offer or decision in _OFFERS:
        is_as_wanted = is_offer and decision in _OFFERS
    else:
        is_to_agree = action.kind == Kind.APPROVE_RETURN
        is_as_wanted = (request.status in _RETURN_ENDED) is not is_to_agree
    words = f"It is answered already: {_words(request.status)}."
    return done(words) if is_as_wanted else refused(words)


_OFFERS = (
    Decision.OFFER_PARTIAL_REFUND,
    Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG,
)


def _amount(action: OrderAction) -> RefundAmounts | None:
    text = action.details["amount"]
    if not text:
        return None
    return RefundAmounts(currency=action.order.currency, total=Decimal(text))


def _are_cancelled(order: RemoteOrder, unit_ids: list[str]) -> bool:
    named = [unit for unit in units_of(order) if unit.remote_id in unit_ids]
    return bool(named) and all(u.status is OrderStatus.CANCELLED for u in named)


def _is_ours(action: OrderAction, request: RemoteCancellation | RemoteReturn) -> bool:
    """Made since we asked, for the same items."""
    made_at = request.created_at
    if made_at is not None and made_at < action.created_at - _CLOCKS_APART:
        return False
    about = {line.unit_id for line in request.lines if line.unit_id}
    wanted = set(action.details["unit_ids"])
    return not wanted or not about or wanted == about


def _words(status: ReturnStatus) -> str:
    return status.value.replace("_", " ")
