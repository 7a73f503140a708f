"""Closed tables: TikTok Shop's error codes and the enums of its orders.

Source: Partner Center, "Common errors", the error tables of the endpoints and "Order
API overview". The platform's lists are not closed: what is missing here is kept as it
came and never guessed.
"""

from apps.integrations.contracts import CancelledBy, Fulfilment, OrderStatus
from apps.integrations.tiktok.faults import HOUR, Action, Fault, FaultTable
from apps.integrations.tiktok.products.codes import PRODUCT_FAULTS

SLOW_DOWN = Fault(Action.SLOW_DOWN, "Too many calls", 1.0)
UNAVAILABLE = Fault(Action.RETRY, "TikTok Shop is not available")

_NOT_READY = Fault(Action.RETRY, "Shipping is not ready on TikTok Shop's side")
_TRACKING = Fault(Action.INPUT, "The tracking number or carrier is not accepted")

# Also said of a token that was replaced meanwhile, by a refresh elsewhere.
INVALID_TOKEN_CODE = 105001

# The fault, then each code that says so; those of products have a table of their own.
_TABLE: FaultTable = (
    # Any endpoint
    (SLOW_DOWN, (36009002,)),
    (Fault(Action.RETRY, "TikTok Shop has an internal error"), (36009003,)),
    (Fault(Action.RETRY, "TikTok Shop took too long"), (36009007,)),
    (Fault(Action.BUG, "The path is unknown"), (36009009,)),
    (Fault(Action.BUG, "The HTTP method is wrong"), (36009010,)),
    (Fault(Action.BUG, "The API version is retired or unknown"), (36009014,)),
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
    (Fault(Action.STOP, "The order or package is of another shop"), (21008111,)),
    # Fulfilment
    (
        _NOT_READY,
        (11001027, 11001031, 11006005, 11006010, 11006026, 11034023, 11034025),
    ),
    (
        _NOT_READY,
        (11034037, 21001003, 21001008, 21001011, 21001029, 21001043, 21001055),
    ),
    (
        _NOT_READY,
        (21008300, 21022026, 21022029, 21022030, 21023022, 21023034, 21042001),
    ),
    (_NOT_READY, (21042076,)),
    (
        Fault(Action.INPUT, "A value of the call is not accepted"),
        (11001002, 11050001, 21001001, 21011005, 25001001, 12052910, 98001004),
    ),
    (
        Fault(Action.DONE, "It was shipped before"),
        (21011006, 21011020, 21011040, 11006021, 21008099, 21042056, 21023046),
    ),
    (
        Fault(Action.REREAD, "The buyer's request must be answered first"),
        (21011007, 21008044, 21021010),
    ),
    (_TRACKING, (21011022, 11028006, 21004012, 21004015, 21004016, 21011025, 21034012)),
    (_TRACKING, (21011026,)),
    (
        Fault(Action.STOP, "The order or package is cancelled"),
        (21011041, 21011042, 21023059),
    ),
    (
        Fault(Action.STOP, "The tracking number can no longer be changed"),
        (21011049, 21011050, 21011051, 21011052, 21011030, 21011043, 10007002),
    ),
    (Fault(Action.INPUT, "Shipping must be arranged first"), (21023035, 21042104)),
    (
        Fault(Action.STOP, "There is no label for this package"),
        (11034002, 21008017, 21008043, 21008109),
    ),
    (
        Fault(Action.INPUT, "The invoice is missing or not accepted"),
        (21004006, 21004019, 21004020),
    ),
    # Returns and cancellations
    (Fault(Action.REREAD, "Its status does not allow this"), (25001003,)),
    (
        Fault(Action.REREAD, "A request is already open or finished"),
        (25001010, 25001011, 25001051, 25020009, 25020010, 25020011),
    ),
    (
        Fault(Action.INPUT, "The reason does not fit"),
        (25001014, 25001015, 25001016, 25001020, 25001021, 25001057),
    ),
    (Fault(Action.INPUT, "The amount is more than can be refunded"), (25005005,)),
    (Fault(Action.INPUT, "Single lines cannot be cancelled"), (25005010,)),
    (Fault(Action.INPUT, "There are too many lines"), (25005011,)),
    (
        Fault(Action.RETRY, "TikTok Shop is busy with this return"),
        (25001028, 25007002, 25001058, 25001042),
    ),
    (Fault(Action.STOP, "The courier can no longer be stopped"), (25001045,)),
    (Fault(Action.STOP, "The return or order is not found"), (25007006, 25020005)),
    # Analytics, affiliate, finance
    (Fault(Action.INPUT, "The dates are not accepted"), (28001022,)),
    (Fault(Action.INPUT, "The product is not of this shop"), (28001007,)),
    (Fault(Action.LATER, "Today's quota of queries is used up", HOUR), (45101004,)),
    (Fault(Action.STOP, "Creator and seller are of different regions"), (16032001,)),
    (Fault(Action.RETRY, "Affiliate has an internal error"), (16015027, 45101001)),
    (Fault(Action.STOP, "The merchant does not exist"), (22005007,)),
)

FAULTS: dict[int, Fault] = {
    code: fault for fault, codes in (*_TABLE, *PRODUCT_FAULTS) for code in codes
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
