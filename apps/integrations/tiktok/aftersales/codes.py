"""Closed tables of cancellations and returns: error codes, kinds and states.

Source: Partner Center, "Return and refund API overview" and the error tables of its
endpoints. What is missing here is kept as it came and never guessed.
"""

from apps.integrations.contracts import CancellationStatus, ReturnKind, ReturnStatus
from apps.integrations.tiktok.faults import Action, Fault, FaultTable


def _input(meaning: str) -> Fault:
    return Fault(Action.INPUT, meaning)


def _stop(meaning: str) -> Fault:
    return Fault(Action.STOP, meaning)


def _reread(meaning: str) -> Fault:
    return Fault(Action.REREAD, meaning)


AFTERSALE_FAULTS: FaultTable = (
    (
        _reread("Its status does not allow this"),
        (25001003, 25011011, 25011012, 25011013, 25011032, 25011035, 25020003),
    ),
    (_reread("Its status does not allow this"), (25020012,)),
    (
        _reread("A request is already open or finished"),
        (25001010, 25001011, 25001051, 25020009, 25020010, 25020011, 25007007),
    ),
    (
        _input("The reason does not fit"),
        (25001014, 25001015, 25001016, 25001020, 25001021, 25001057),
    ),
    (_input("This is no answer to such a request"), (25020004,)),
    (_input("The amount is more than can be refunded"), (25005005,)),
    (_input("Single lines cannot be cancelled"), (25005010,)),
    (_input("There are too many lines"), (25005011,)),
    (
        Fault(Action.RETRY, "TikTok Shop is busy with this return"),
        (25001028, 25007002, 25001058, 25001042),
    ),
    (_stop("The courier can no longer be stopped"), (25001045,)),
    (_stop("TikTok Shop's risk control stopped it"), (25001046,)),
    (
        _stop("TikTok decides on this request"),
        (25011010, 25011023, 25011025, 25011026, 25001044),
    ),
    (_stop("The return or order is not found"), (25007006, 25020005)),
)

CANCELLATION_STATUSES: dict[str, CancellationStatus] = {
    "CANCELLATION_REQUEST_PENDING": CancellationStatus.PENDING,
    "CANCELLATION_REQUEST_SUCCESS": CancellationStatus.SUCCESS,
    "CANCELLATION_REQUEST_COMPLETE": CancellationStatus.COMPLETE,
    "CANCELLATION_REQUEST_CANCEL": CancellationStatus.CANCELLED,
    "CANCELLATION_REQUEST_CANCELLED": CancellationStatus.CANCELLED,
}
# Whether a seller must answer a cancellation, by its kind; the last is an old spelling.
NEEDS_ANSWER = {"CANCEL": False, "BUYER_CANCEL": True, "REQUEST_CANCEL_REFUND": True}
# How the actions begin that the platform waits for.
ANSWER = "SELLER_RESPOND"

RETURN_KINDS: dict[str, ReturnKind] = {
    "REFUND": ReturnKind.REFUND,
    "RETURN_AND_REFUND": ReturnKind.RETURN_AND_REFUND,
    "REPLACEMENT": ReturnKind.REPLACEMENT,
    "EXCHANGE": ReturnKind.EXCHANGE,
}

RETURN_STATUSES: dict[str, ReturnStatus] = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnStatus.PENDING,
    "REFUND_OR_RETURN_REQUEST_REJECT": ReturnStatus.REJECTED,
    "RETURN_OR_REFUND_REQUEST_REJECT": ReturnStatus.REJECTED,
    "AWAITING_BUYER_RESPONSE": ReturnStatus.AWAITING_BUYER_RESPONSE,
    "AWAITING_BUYER_SHIP": ReturnStatus.AWAITING_BUYER_SHIP,
    "BUYER_SHIPPED_ITEM": ReturnStatus.BUYER_SHIPPED,
    "REJECT_RECEIVE_PACKAGE": ReturnStatus.RECEIVE_REJECTED,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnStatus.SUCCESS,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
    "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "RETURN_OR_REFUND_REQUEST_CANCELLED": ReturnStatus.CANCELLED,
    "REPLACEMENT_REQUEST_PENDING": ReturnStatus.PENDING,
    "REPLACEMENT_REQUEST_REJECT": ReturnStatus.REJECTED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED_INSTEAD,
    "REPLACEMENT_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "REPLACEMENT_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
    "EXCHANGE_REQUEST_PENDING": ReturnStatus.PENDING,
    "EXCHANGE_REQUEST_REJECT": ReturnStatus.REJECTED,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnStatus.REFUNDED_INSTEAD,
    "EXCHANGE_REQUEST_CANCEL": ReturnStatus.CANCELLED,
    "EXCHANGE_REQUEST_COMPLETE": ReturnStatus.COMPLETE,
}
