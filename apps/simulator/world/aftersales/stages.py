"""How far a request can come, and how it goes on by itself when nobody acts.

Source: Partner Center, "Return and Refund API overview": statuses, 48 hours to answer
(24 for a cancellation inside the shipping time in the US), then approval by itself.
How long buyers have is not documented; the spans here are ours.
"""

from typing import NamedTuple

from apps.simulator.world.lifecycle import DAY, HOUR, MINUTE

CANCEL, RETURN = "cancel", "return"  # families
DIRECT, ASKED = "CANCEL", "BUYER_CANCEL"  # types of cancellations
REFUND, BACK = "REFUND", "RETURN_AND_REFUND"
REPLACEMENT, EXCHANGE = "REPLACEMENT", "EXCHANGE"
BUYER, SELLER, SYSTEM = "BUYER", "SELLER", "SYSTEM"

CANCEL_PENDING = "CANCELLATION_REQUEST_PENDING"
CANCEL_SUCCESS = "CANCELLATION_REQUEST_SUCCESS"
CANCEL_OFF = "CANCELLATION_REQUEST_CANCEL"
CANCEL_COMPLETE = "CANCELLATION_REQUEST_COMPLETE"
CANCEL_STATUSES = (CANCEL_PENDING, CANCEL_SUCCESS, CANCEL_OFF, CANCEL_COMPLETE)

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
REJECTED = "REFUND_OR_RETURN_REQUEST_REJECT"
TO_SHIP = "AWAITING_BUYER_SHIP"
SHIPPED = "BUYER_SHIPPED_ITEM"
PARCEL_REFUSED = "REJECT_RECEIVE_PACKAGE"
SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
OFF = "RETURN_OR_REFUND_REQUEST_CANCEL"
COMPLETE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
OFFERED = "AWAITING_BUYER_RESPONSE"
_RETURN_ONLY = (
    PENDING, REJECTED, TO_SHIP, SHIPPED, PARCEL_REFUSED, SUCCESS, OFF, COMPLETE,
    OFFERED,
)  # fmt: skip
REPLACEMENT_PENDING = "REPLACEMENT_REQUEST_PENDING"
REPLACEMENT_REJECTED = "REPLACEMENT_REQUEST_REJECT"
REPLACEMENT_REFUNDED = "REPLACEMENT_REQUEST_REFUND_SUCCESS"
REPLACEMENT_OFF = "REPLACEMENT_REQUEST_CANCEL"
REPLACEMENT_COMPLETE = "REPLACEMENT_REQUEST_COMPLETE"
EXCHANGE_PENDING = "EXCHANGE_REQUEST_PENDING"
EXCHANGE_REFUNDED = "EXCHANGE_REQUEST_REFUND_SUCCESS"
EXCHANGE_OFF = "EXCHANGE_REQUEST_CANCEL"
EXCHANGE_COMPLETE = "EXCHANGE_REQUEST_COMPLETE"
RETURN_STATUSES = (
    *_RETURN_ONLY, REPLACEMENT_PENDING, REPLACEMENT_REJECTED, REPLACEMENT_REFUNDED,
    REPLACEMENT_OFF, REPLACEMENT_COMPLETE, EXCHANGE_PENDING, EXCHANGE_REFUNDED,
    EXCHANGE_OFF, EXCHANGE_COMPLETE,
)  # fmt: skip

WAITING = frozenset({PENDING, REPLACEMENT_PENDING, EXCHANGE_PENDING})
REFUSALS = frozenset({REJECTED, PARCEL_REFUSED, REPLACEMENT_REJECTED})
CLOSED = frozenset({CANCEL_OFF, OFF, REPLACEMENT_OFF, EXCHANGE_OFF})  # without effect
GRANTED = frozenset({CANCEL_SUCCESS, CANCEL_COMPLETE})
REFUNDED = frozenset({COMPLETE, REPLACEMENT_REFUNDED, EXCHANGE_REFUNDED})
FINAL = CLOSED | REFUNDED | {CANCEL_COMPLETE, REPLACEMENT_COMPLETE, EXCHANGE_COMPLETE}

FIRST = {
    REFUND: PENDING, BACK: PENDING, REPLACEMENT: REPLACEMENT_PENDING,
    EXCHANGE: EXCHANGE_PENDING,
}  # fmt: skip
PAID_BACK_AS = {
    REFUND: COMPLETE, BACK: COMPLETE, REPLACEMENT: REPLACEMENT_REFUNDED,
    EXCHANGE: EXCHANGE_REFUNDED,
}  # fmt: skip
OFF_AS = {
    ASKED: CANCEL_OFF, REFUND: OFF, BACK: OFF, REPLACEMENT: REPLACEMENT_OFF,
    EXCHANGE: EXCHANGE_OFF,
}  # fmt: skip
APPROVED_AS = {
    REFUND: SUCCESS, BACK: TO_SHIP, REPLACEMENT: REPLACEMENT_COMPLETE,
    EXCHANGE: EXCHANGE_COMPLETE,
}  # fmt: skip

# What the seller is asked to do, by status and type of a request.
ACTIONS = {
    (CANCEL_PENDING, ASKED): "SELLER_RESPOND_CANCEL",
    (PENDING, REFUND): "SELLER_RESPOND_REFUND",
    (PENDING, BACK): "SELLER_RESPOND_RETURN",
    (SHIPPED, BACK): "SELLER_RESPOND_RECEIVE_PACKAGE",
    (REPLACEMENT_PENDING, REPLACEMENT): "SELLER_RESPOND_REPLACEMENT",
}
ANSWER_WITHIN = 2 * DAY
US_CANCEL_WITHIN = DAY
REFUND_TAKES = 2 * MINUTE
_OF_THE_BUYER = {TO_SHIP: 10 * DAY, OFFERED: 2 * DAY}
_OF_THE_SELLER = {SHIPPED: 7 * DAY}
_ARBITRATION_WITHIN = 7 * DAY
_LIVELY_SHIPS, _LIVELY_ANSWERS = 30 * HOUR, 20 * HOUR
_OFF_AFTER = {
    TO_SHIP: OFF, REJECTED: OFF, PARCEL_REFUSED: OFF,
    REPLACEMENT_REJECTED: REPLACEMENT_OFF,
}  # fmt: skip


class Situation(NamedTuple):
    """What decides how a request goes on."""

    status: str
    type: str
    is_american: bool = False
    is_paid: bool = True
    is_lively: bool = False  # its buyer acts without being told to
    is_yielding: bool = False  # such a buyer accepts what is offered
    is_disputed: bool = False  # the platform decides
    has_shipped: bool = False  # the goods had been sent back before an offer


class Next(NamedTuple):
    after_seconds: int
    status: str
    role: str
    event: str


def answer_within(now: Situation) -> int:
    """Seconds the seller has in this status."""
    if now.status == CANCEL_PENDING and now.is_american:
        return US_CANCEL_WITHIN
    return _OF_THE_SELLER.get(now.status, ANSWER_WITHIN)


def next_of(now: Situation) -> Next | None:
    """What happens if nobody does anything; None: nothing ever."""
    status = now.status
    if status == CANCEL_PENDING:
        return Next(answer_within(now), CANCEL_SUCCESS, SYSTEM, "AUTO_APPROVE")
    if status == CANCEL_SUCCESS:
        pause = REFUND_TAKES if now.is_paid else 0
        return Next(pause, CANCEL_COMPLETE, SYSTEM, "REFUND")
    if status in WAITING:
        after = APPROVED_AS[now.type]
        return Next(ANSWER_WITHIN, after, SYSTEM, "AUTO_APPROVE")
    if status == SUCCESS:
        return Next(REFUND_TAKES, COMPLETE, SYSTEM, "REFUND")
    if status == SHIPPED:
        return Next(_OF_THE_SELLER[SHIPPED], SUCCESS, SYSTEM, "AUTO_RECEIVE")
    if status == OFFERED:
        return _after_an_offer(now)
    if status == TO_SHIP and now.is_lively:
        return Next(_LIVELY_SHIPS, SHIPPED, BUYER, "SHIP")
    if status in REFUSALS and now.is_disputed:
        return None
    if status in _OFF_AFTER:
        wait = _OF_THE_BUYER.get(status, _ARBITRATION_WITHIN)
        return Next(wait, _OFF_AFTER[status], SYSTEM, "TIMEOUT")
    return None


def _after_an_offer(now: Situation) -> Next:
    before = SHIPPED if now.has_shipped else PENDING
    if now.is_lively and now.is_yielding:
        return Next(_LIVELY_ANSWERS, SUCCESS, BUYER, "ACCEPT_PARTIAL_REFUND")
    if now.is_lively:
        return Next(_LIVELY_ANSWERS, before, BUYER, "REJECT_PARTIAL_REFUND")
    wait = _OF_THE_BUYER[OFFERED]
    return Next(wait, before, SYSTEM, "REJECT_PARTIAL_REFUND")
