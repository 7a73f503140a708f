"""Types and statuses of a returns file as our words.

Grade: of the statuses, Completed, In process, To process, Refund rejected and
Canceled were seen in files, the others are the platform's own names; Indonesian, Thai
and Vietnamese words are those of order files. A word that is not here is not guessed.
"""

from functools import lru_cache

from apps.integrations.contracts import OrderStatus, ReturnKind, ReturnStatus
from apps.integrations.tiktok.aftersales.codes import RETURN_STATUSES
from apps.integrations.tiktok.exports.statuses import STATUSES, fold

KINDS = {
    "refund only": ReturnKind.REFUND,
    "refund": ReturnKind.REFUND,
    "return and refund": ReturnKind.RETURN_AND_REFUND,
    "return & refund": ReturnKind.RETURN_AND_REFUND,
    "replacement": ReturnKind.REPLACEMENT,
    "exchange": ReturnKind.EXCHANGE,
}
_WORDS = {
    ReturnStatus.PENDING: (
        "in process", "in progress", "to process", "processing", "pending",
        "request pending", "under review",
    ),
    ReturnStatus.AWAITING_BUYER_SHIP: (
        "awaiting buyer to ship", "awaiting buyer shipment",
    ),
    ReturnStatus.BUYER_SHIPPED: ("buyer shipped", "return in transit", "in transit"),
    ReturnStatus.REJECTED: (
        "rejected", "refund rejected", "return rejected", "request rejected",
    ),
    ReturnStatus.RECEIVE_REJECTED: ("receive rejected", "package rejected"),
    ReturnStatus.SUCCESS: ("request success", "refund approved", "refund processing"),
    ReturnStatus.COMPLETE: (
        "completed", "complete", "refunded", "refund completed", "refund issued",
        *STATUSES[OrderStatus.COMPLETED],
    ),
    ReturnStatus.CANCELLED: (
        "cancelled", "canceled", "request cancelled", "request canceled", "closed",
        "return or refund cancel", *STATUSES[OrderStatus.CANCELLED],
    ),
}  # fmt: skip
BY_WORD = {
    **{fold(name): status for name, status in RETURN_STATUSES.items()},
    **{fold(word): status for status, words in _WORDS.items() for word in words},
}
_OPEN = frozenset(
    {
        ReturnStatus.AWAITING_BUYER_RESPONSE,
        ReturnStatus.AWAITING_BUYER_SHIP,
        ReturnStatus.BUYER_SHIPPED,
        ReturnStatus.SUCCESS,
    }
)
REFINEMENTS = {  # what a substatus may make of a status
    ReturnStatus.PENDING: _OPEN,
    ReturnStatus.REJECTED: frozenset({ReturnStatus.RECEIVE_REJECTED}),
    ReturnStatus.COMPLETE: frozenset({ReturnStatus.REFUNDED_INSTEAD}),
}
DISPUTES = {
    "in progress": "IN_PROGRESS",
    "support buyer": "SUPPORT_BUYER",
    "support seller": "SUPPORT_SELLER",
    "closed": "CLOSED",
}


@lru_cache(maxsize=500)
def read_kind(text: str) -> ReturnKind:
    """What the buyer wants."""
    return KINDS.get(fold(text), ReturnKind.NOT_UNDERSTOOD)


@lru_cache(maxsize=500)
def read_return_status(status: str, substatus: str) -> ReturnStatus:
    """How far it is; a substatus only says more of "in process", who rejected what,
    and how it was completed."""
    found = BY_WORD.get(fold(status), ReturnStatus.NOT_UNDERSTOOD)
    refined = BY_WORD.get(fold(substatus), found)
    return refined if refined in REFINEMENTS.get(found, ()) else found


@lru_cache(maxsize=500)
def is_known_substatus(text: str) -> bool:
    """Whether a substatus is blank or one of our words."""
    return not text or fold(text) in BY_WORD


def read_dispute(text: str) -> str:
    """A dispute's state in the platform's words; others stay as they are."""
    return DISPUTES.get(fold(text), text)
