"""Closed tables: TikTok Shop's error codes and the enums of its orders.

Source: Partner Center, "Common errors", the error tables of the endpoints and "Order
API overview". The platform's lists are not closed: what is missing here is kept as it
came and never guessed.
"""

from collections.abc import Iterable

from apps.integrations.contracts import (
    ActionFault,
    CancelledBy,
    Fulfilment,
    OrderStatus,
    ShippingType,
    StockFault,
)
from apps.integrations.tiktok.aftersales.codes import AFTERSALE_FAULTS
from apps.integrations.tiktok.faults import HOUR, Action, Fault, FaultTable
from apps.integrations.tiktok.fulfilment.codes import FULFILMENT_FAULTS
from apps.integrations.tiktok.products.codes import (
    MOST_IN_STOCK,
    PRODUCT_FAULTS,
    SELLER_NOT_READY,
    STOCK_FAULTS,
)

SLOW_DOWN = Fault(Action.SLOW_DOWN, "Too many calls", 1.0)
UNAVAILABLE = Fault(Action.RETRY, "TikTok Shop is not available")

# Also said of a token that was replaced meanwhile, by a refresh elsewhere.
INVALID_TOKEN_CODE = 105001

UNKNOWN_VERSION_CODE = 36009014

# The fault, then each code that says so; those of products, of fulfilment and of what
# comes after it have tables of their own.
_TABLE: FaultTable = (
    # Any endpoint
    (SLOW_DOWN, (36009002,)),
    (Fault(Action.RETRY, "TikTok Shop has an internal error"), (36009003,)),
    (Fault(Action.RETRY, "TikTok Shop took too long"), (36009007,)),
    (Fault(Action.BUG, "The path is unknown"), (36009009,)),
    (Fault(Action.BUG, "The HTTP method is wrong"), (36009010,)),
    (
        Fault(Action.BUG, "The API version is retired or unknown"),
        (UNKNOWN_VERSION_CODE,),
    ),
    (Fault(Action.INPUT, "The file is too big"), (36009021,)),
    (Fault(Action.BUG, "The body must be JSON or a form"), (36009022,)),
    (Fault(Action.BUG, "The body must be a multipart form"), (36009023,)),
    (Fault(Action.CONFIG, "Our address is not in the app's IP list"), (36009033,)),
    (
        Fault(Action.LATER, "The development shop's hourly quota is used up", HOUR / 6),
        (36009037,),
    ),
    (Fault(Action.CONFIG, "The development shop is disabled"), (36009043,)),
    (Fault(Action.CONFIG, "The development seller is disabled"), (36009044,)),
    (Fault(Action.RECONSENT, "The token does not fit this shop"), (101000, 1010000)),
    (
        Fault(Action.RECONSENT, "Our access was taken back or is no longer valid"),
        (105001,),
    ),
    (Fault(Action.REFRESH, "The access token has expired"), (105002,)),
    (Fault(Action.SCOPE, "A permission is missing"), (105005,)),
    (Fault(Action.BUG, "The signature is wrong"), (106001,)),
    (Fault(Action.BUG, "The shop's cipher is missing"), (106013,)),
    # Tokens
    (Fault(Action.RECONSENT, "The refresh token has expired"), (36004001,)),
    (Fault(Action.RECONSENT, "The consent code is used up or too old"), (36004004,)),
    (Fault(Action.RECONSENT, "The authorization no longer exists"), (36004005,)),
    # Orders
    (
        Fault(Action.RETRY, "TikTok Shop could not read the orders"),
        (10002014, 10002015, 10037002, 10037003, 10037004),
    ),
    (Fault(Action.RETRY_ONCE, "No permission for this order or package"), (10006402,)),
    (
        Fault(Action.INPUT, "A value of the call is not accepted"),
        (11001002, 11050001, 21001001, 21011005, 25001001, 12052910, 98001004),
    ),
    # Analytics, affiliate, finance
    (Fault(Action.INPUT, "The dates are not accepted"), (28001022,)),
    (Fault(Action.INPUT, "The product is not of this shop"), (28001007,)),
    (Fault(Action.LATER, "Today's quota of queries is used up", HOUR), (45101004,)),
    (Fault(Action.STOP, "Creator and seller are of different regions"), (16032001,)),
    (Fault(Action.RETRY, "Affiliate has an internal error"), (16015027, 45101001)),
    (Fault(Action.STOP, "The merchant does not exist"), (22005007,)),
)

FAULTS: dict[int, Fault] = {
    code: fault
    for table in (_TABLE, FULFILMENT_FAULTS, AFTERSALE_FAULTS, PRODUCT_FAULTS)
    for fault, codes in table
    for code in codes
}

# 36009004 says many things; the first of these words in its text decides. Tokens come
# before keys, because a text about the token may name both.
MANY_FAULTS_CODE = 36009004
_BY_MESSAGE: tuple[tuple[str, Fault], ...] = (
    ("invalid timestamp", Fault(Action.CLOCK, "Our clock and TikTok Shop's differ")),
    ("access_token", Fault(Action.REFRESH, "The access token is not accepted")),
    ("access-token", Fault(Action.REFRESH, "The access token is not accepted")),
    ("app_key", Fault(Action.CONFIG, "The app key is not known to TikTok Shop")),
    ("app_secret", Fault(Action.CONFIG, "The app secret is wrong")),
    ("missing credentials", Fault(Action.BUG, "The signature is missing")),
    ("unexpected identifier", Fault(Action.BUG, "A cipher was sent where none may be")),
    ("invalid identifier", Fault(Action.BUG, "The shop's cipher is not accepted")),
    ("api version", Fault(Action.BUG, "The API version is retired or unknown")),
    ("date range", Fault(Action.INPUT, "The range of dates is too long")),
)
_OTHER_CREDENTIAL = Fault(Action.BUG, "The call is not accepted")
UNKNOWN = Fault(Action.STOP, "TikTok Shop refused with a code we do not know")


def fault_of(code: int, message: str = "", http_status: int = 200) -> Fault:
    """What a failed call means; of unknown codes only HTTP 429 and 5xx are retried."""
    if code == MANY_FAULTS_CODE:
        words = message.lower()
        found = (fault for part, fault in _BY_MESSAGE if part in words)
        return next(found, _OTHER_CREDENTIAL)
    if fault := FAULTS.get(code):
        return fault
    if http_status == 429:
        return SLOW_DOWN
    return UNAVAILABLE if http_status >= 500 else UNKNOWN


_STOCK_FAULT_OF_ACTION: dict[Action, StockFault] = {
    Action.RETRY: StockFault.RETRY,
    Action.RETRY_ONCE: StockFault.RETRY,
    Action.SLOW_DOWN: StockFault.RETRY,
    Action.LATER: StockFault.RETRY,
    Action.GONE: StockFault.GONE,
    Action.REREAD: StockFault.STATUS,
}


def stock_fault(code: int, quantities: Iterable[int] = ()) -> StockFault:
    """What a code means for stock; of one SKU as well as of a call refused as a whole.

    `quantities` are those the code was said of. Only they tell whether it is 0 that is
    out of range, which the platform refuses on paper and mostly takes.
    """
    fault = STOCK_FAULTS.get(code)
    if fault is None:
        return _STOCK_FAULT_OF_ACTION.get(fault_of(code).action, StockFault.OTHER)
    sent = list(quantities)
    if fault is StockFault.OUT_OF_RANGE and 0 in sent and max(sent) <= MOST_IN_STOCK:
        return StockFault.ZERO_REFUSED
    return fault


_ACTION_FAULTS: dict[Action, ActionFault] = {
    Action.RETRY: ActionFault.RETRY,
    Action.RETRY_ONCE: ActionFault.RETRY,
    Action.SLOW_DOWN: ActionFault.RETRY,
    Action.LATER: ActionFault.RETRY,
    Action.REFRESH: ActionFault.RETRY,
    Action.RECONSENT: ActionFault.SELLER,
    Action.SCOPE: ActionFault.SELLER,
    Action.INPUT: ActionFault.INPUT,
    Action.LESS: ActionFault.INPUT,
    Action.REREAD: ActionFault.REREAD,
    Action.DONE: ActionFault.DONE_BEFORE,
}


def action_fault(code: int, message: str = "", http_status: int = 200) -> ActionFault:
    """What can be done where the platform did not do what we asked.

    `message` is the platform's; what is final or unknown stops, but for HTTP 429 and
    5xx.
    """
    if code in SELLER_NOT_READY:
        return ActionFault.SELLER
    fault = fault_of(code, message, http_status)
    return _ACTION_FAULTS.get(fault.action, ActionFault.STOP)


ORDER_STATUSES: dict[str, OrderStatus] = {
    "UNPAID": OrderStatus.UNPAID,
    "ON_HOLD": OrderStatus.ON_HOLD,
    "AWAITING_SHIPMENT": OrderStatus.TO_SHIP,
    "AWAITING_COLLECTION": OrderStatus.AWAITING_COLLECTION,
    "PARTIALLY_SHIPPING": OrderStatus.PARTLY_SHIPPED,
    "IN_TRANSIT": OrderStatus.IN_TRANSIT,
    "DELIVERED": OrderStatus.DELIVERED,
    "COMPLETED": OrderStatus.COMPLETED,
    "CANCELLED": OrderStatus.CANCELLED,
    "CANCEL": OrderStatus.CANCELLED,  # the order webhook's spelling
    "TO_SHIP": OrderStatus.TO_SHIP,  # of an item, in the samples of a detail
}

CANCELLED_BY: dict[str, CancelledBy] = {
    "BUYER": CancelledBy.BUYER,
    "SELLER": CancelledBy.SELLER,
    "SYSTEM": CancelledBy.SYSTEM,
    "OPERATOR": CancelledBy.SYSTEM,  # the platform's staff
}

FULFILMENTS: dict[str, Fulfilment] = {
    "FULFILLMENT_BY_SELLER": Fulfilment.SELLER,
    "FULFILLMENT_BY_TIKTOK": Fulfilment.PLATFORM,
    "FULFILLMENT_BY_DILAYANI_TOKOPEDIA": Fulfilment.PLATFORM,
}

SHIPPING_TYPES: dict[str, ShippingType] = {
    "TIKTOK": ShippingType.PLATFORM,
    "SELLER": ShippingType.SELLER,
}

# Orders and packages spell it differently; DEFAULT, as a package says, is neither.
SPLIT_OR_COMBINE: dict[str, str] = {
    "SPLIT": "split",
    "COMBINE": "combined",
    "COMBINED": "combined",
}
