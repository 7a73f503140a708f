"""Whether an order can be cancelled or refunded, and a buyer's wish answered."""

from decimal import Decimal, InvalidOperation

from apps.integrations.contracts import Decision, ReturnKind
from apps.orders.models import Cancellation, Order, Return
from apps.orders.services.actions.facts import SHIPPED, Facts, shipped_words
from apps.orders.services.actions.wishes import Wish, is_us
from apps.platforms.regions import region_of

Status = Order.Status
D = Decision
LONGEST_COMMENT = 500
# Where single items can be cancelled. Source: Partner Center, "Cancel Order".
_CANCELS_ITEMS = ("US", "GB")
_CANCELLABLE = (
    Status.UNPAID,
    Status.ON_HOLD,
    Status.TO_SHIP,
    Status.PARTLY_SHIPPED,
    Status.AWAITING_COLLECTION,
)
_REFUNDABLE = (
    Status.PARTLY_SHIPPED,
    Status.AWAITING_COLLECTION,
    Status.IN_TRANSIT,
    Status.DELIVERED,
)
_STARTED_BY_SELLER = (ReturnKind.REFUND, ReturnKind.RETURN_AND_REFUND)

# {what the platform waits for: (how to agree, how to refuse)}. Source: Partner Center,
# "Approve Return" and "Reject Return".
_ANSWERS: dict[str, tuple[tuple[Decision, ...], tuple[Decision, ...]]] = {
    "SELLER_RESPOND_REFUND": (
        (D.APPROVE_REFUND, D.OFFER_PARTIAL_REFUND),
        (D.REJECT_REFUND,),
    ),
    "SELLER_RESPOND_RETURN": (
        (D.APPROVE_RETURN, D.DIRECT_REFUND, D.OFFER_PARTIAL_REFUND),
        (D.REJECT_RETURN,),
    ),
    "SELLER_RESPOND_RECEIVE_PACKAGE": (
        (D.APPROVE_RECEIVED_PACKAGE,),
        (D.REJECT_RECEIVED_PACKAGE, D.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG),
    ),
    "SELLER_RESPOND_REPLACEMENT": (
        (D.APPROVE_REPLACEMENT, D.ISSUE_REPLACEMENT_REFUND),
        (D.REJECT_REPLACEMENT,),
    ),
}


def decisions_for(order_return: Return) -> tuple[list[Decision], list[Decision]]:
    """The answers the platform takes now: (to agree, to refuse). What it waits for may
    be several things, or one we do not know."""
    agree: list[Decision] = []
    refuse: list[Decision] = []
    for step, (yes, no) in _ANSWERS.items():
        if step in order_return.next_action:
            agree += yes
            refuse += no
    return agree, refuse


def no_cancelling(wish: Wish, facts: Facts) -> str:
    order, units = wish.order, wish.details["unit_ids"]
    if order.status == Status.CANCELLED:
        return "The order is cancelled already."
    if facts.asked or order.is_cancel_requested:
        return "The buyer asks to cancel: agree to that instead."
    if order.status not in _CANCELLABLE:
        known = facts.packages[0] if facts.packages else order
        return (
            f"{shipped_words(known.carrier, known.tracking_number)} It can no longer "
            "be cancelled."
        )
    if order.status == Status.AWAITING_COLLECTION and not is_us(order):
        return "What waits for its carrier can be cancelled in the US only."
    if not wish.details["reason"]:
        return "Choose a reason."
    if not units:
        if order.status == Status.PARTLY_SHIPPED:
            return "Some of it is shipped: choose the items to be cancelled."
        return ""
    if region_of(order.shop.region).code not in _CANCELS_ITEMS:
        return "Single items can be cancelled in the US and the UK only."
    return _no_units_cancelled(units, facts)


def no_agreeing(wish: Wish, facts: Facts) -> str:
    return _not_asked(wish.cancellation, wish.order)


def no_refusing(wish: Wish, facts: Facts) -> str:
    why_not = _not_asked(wish.cancellation, wish.order)
    return why_not or _no_reason(wish)


def no_refund(wish: Wish, facts: Facts) -> str:
    order, details = wish.order, wish.details
    if details["kind"] not in _STARTED_BY_SELLER:
        return "A seller can start a refund, or a return with a refund."
    if order.status == Status.COMPLETED:
        return "The order is complete: TikTok takes no refund of it any more."
    if order.status not in _REFUNDABLE:
        return "There is nothing to refund yet: cancel the order instead."
    if not details["reason"]:
        return "Choose a reason."
    if unknown := [unit for unit in details["unit_ids"] if unit not in facts.units]:
        return f"The order has no item {unknown[0]}."
    return _no_amount(details["amount"], order.total_amount)


def no_return_agreed(wish: Wish, facts: Facts) -> str:
    decision = wish.details["decision"]
    if why_not := _no_decision(wish.order_return, wish.order, decision, refusing=False):
        return why_not
    is_part = decision == Decision.OFFER_PARTIAL_REFUND
    if is_part and not wish.details["amount"]:
        return "Say how much you offer."
    return _no_amount(wish.details["amount"], _whole(wish.order_return))


def no_return_refused(wish: Wish, facts: Facts) -> str:
    decision = wish.details["decision"]
    why_not = _no_decision(wish.order_return, wish.order, decision, refusing=True)
    if why_not or (why_not := _no_reason(wish)):
        return why_not
    amount = wish.details["amount"]
    is_part = decision == Decision.OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG
    if bool(amount) is not is_part:
        return "Say how much you offer." if is_part else "A refusal has no amount."
    return _no_amount(amount, _whole(wish.order_return))


def _no_units_cancelled(unit_ids: list[str], facts: Facts) -> str:
    for unit_id in unit_ids:
        unit = facts.units.get(unit_id)
        if unit is None:
            return f"The order has no item {unit_id}."
        if unit.status == Status.CANCELLED:
            return f"Item {unit_id} is cancelled already."
        if unit.status in SHIPPED and unit.status != Status.AWAITING_COLLECTION:
            return f"Item {unit_id} is shipped already."
    return ""


def _not_asked(cancellation: Cancellation | None, order: Order) -> str:
    if cancellation is None or cancellation.order_id != order.pk:
        return "There is no such request."
    if cancellation.status != Cancellation.Status.PENDING:
        state = cancellation.get_status_display().lower()
        return f"The request is decided: {state}."
    return "" if cancellation.needs_answer else "TikTok waits for no answer of yours."


def _no_decision(
    order_return: Return | None, order: Order, decision: str, *, refusing: bool
) -> str:
    if order_return is None or order_return.order_id != order.pk:
        return "There is no such request."
    if not order_return.next_action:
        state = order_return.get_status_display().lower()
        return f"TikTok waits for no answer of yours: {state}."
    if decision not in decisions_for(order_return)[refusing]:
        return "This is no answer to what TikTok waits for: pull the order again."
    return ""


def _no_reason(wish: Wish) -> str:
    if not wish.details["reason"]:
        return "Choose a reason."
    if len(wish.details["comment"]) > LONGEST_COMMENT:
        return f"The comment may have {LONGEST_COMMENT} characters."
    return ""


def _whole(order_return: Return | None) -> Decimal | None:
    return order_return.refund_amount if order_return else None


def _no_amount(text: str, most: Decimal | None) -> str:
    if not text:
        return ""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return f"“{text}” is no amount."
    if not amount.is_finite() or amount <= 0:
        return "An amount is more than nothing."
    if most is not None and amount > most:
        return f"{amount} is more than the {most.normalize():f} there are to refund."
    return ""
