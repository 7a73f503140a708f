"""Status words of the exports, in four languages, as our one life cycle.

Grade of the words: English and Indonesian seen often, Thai and Vietnamese once, those
in brackets of the source list not at all. A word that is not here is not guessed.
"""

import unicodedata
from functools import lru_cache

from apps.integrations.contracts import (
    CancelledBy,
    Fulfilment,
    OrderStatus,
    ShippingType,
)

STATUSES = {
    OrderStatus.UNPAID: ("unpaid", "belum dibayar", "ค้างชำระ", "chờ thanh toán"),
    OrderStatus.ON_HOLD: ("on hold", "ditahan"),
    OrderStatus.TO_SHIP: ("to ship", "perlu dikirim", "ที่จะจัดส่ง", "cần gửi"),
    OrderStatus.AWAITING_COLLECTION: ("awaiting collection", "menunggu pengambilan"),
    OrderStatus.PARTLY_SHIPPED: ("partially shipped", "partially shipping"),
    OrderStatus.IN_TRANSIT: (
        "shipped", "in transit", "dikirim", "dalam perjalanan", "จัดส่งแล้ว",
        "đã vận chuyển",
    ),
    OrderStatus.DELIVERED: ("delivered", "terkirim", "đã giao"),
    OrderStatus.COMPLETED: (
        "completed", "selesai", "เสร็จสมบูรณ์", "đã hoàn tất", "hoàn tất",
    ),
    OrderStatus.CANCELLED: (
        "cancelled", "canceled", "dibatalkan", "ยกเลิกแล้ว", "đã hủy", "đã huỷ",
    ),
}  # fmt: skip
SAME_AS_TO_SHIP = ("awaiting shipment", "menunggu pengiriman", "chờ vận chuyển")

BY_WORD = {
    **{word: status for status, words in STATUSES.items() for word in words},
    **dict.fromkeys(SAME_AS_TO_SHIP, OrderStatus.TO_SHIP),
}
REFINEMENTS = {  # what a substatus may make of a status
    OrderStatus.TO_SHIP: {
        OrderStatus.TO_SHIP,
        OrderStatus.AWAITING_COLLECTION,
        OrderStatus.PARTLY_SHIPPED,
    },
    OrderStatus.IN_TRANSIT: {
        OrderStatus.IN_TRANSIT,
        OrderStatus.DELIVERED,
        OrderStatus.PARTLY_SHIPPED,
    },
}
CANCELLERS = {
    "user": CancelledBy.BUYER,
    "buyer": CancelledBy.BUYER,
    "customer": CancelledBy.BUYER,
    "pembeli": CancelledBy.BUYER,
    "seller": CancelledBy.SELLER,
    "penjual": CancelledBy.SELLER,
    "system": CancelledBy.SYSTEM,
    "sistem": CancelledBy.SYSTEM,
}
FULFILMENTS = {
    "fulfillment by seller": Fulfilment.SELLER,
    "fulfilment by seller": Fulfilment.SELLER,
    "dikirim oleh penjual": Fulfilment.SELLER,
    "fulfillment by tiktok": Fulfilment.PLATFORM,
    "fulfilment by tiktok": Fulfilment.PLATFORM,
    "fulfilled by tiktok": Fulfilment.PLATFORM,
    "dikirim oleh tiktok": Fulfilment.PLATFORM,
}
SHIPPING_TYPES = {
    "seller shipping": ShippingType.SELLER,
    "shipped by seller": ShippingType.SELLER,
    "tiktok shipping": ShippingType.PLATFORM,
    "shipped by tiktok": ShippingType.PLATFORM,
}
RETURNS = ("return/refund", "return", "refund")
CANCELLATIONS = ("cancel", "cancelled", "canceled", "cancellation", "cancelation")
COD_WORDS = (
    "cash on delivery", "bayar di tempat", "เก็บเงินปลายทาง", "thanh toán khi nhận hàng",
)  # fmt: skip


@lru_cache(maxsize=1000)
def fold(text: str) -> str:
    """Words as we compare them: NFC, single spaces, no case, no underscores."""
    plain = unicodedata.normalize("NFC", text).replace("_", " ")
    return " ".join(plain.casefold().split())


@lru_cache(maxsize=500)
def read_status(status: str, substatus: str) -> OrderStatus:
    """The life cycle's word; a substatus only refines "to ship" and "shipped"."""
    found = BY_WORD.get(fold(status), OrderStatus.NOT_UNDERSTOOD)
    refined = BY_WORD.get(fold(substatus), found)
    return refined if refined in REFINEMENTS.get(found, ()) else found


@lru_cache(maxsize=500)
def is_known(substatus: str) -> bool:
    """Whether a substatus is blank or one of our words."""
    return not substatus or fold(substatus) in BY_WORD


@lru_cache(maxsize=500)
def goes_with(status: str, substatus: str) -> bool:
    """Whether two words we know can be said of one order."""
    found, refined = BY_WORD.get(fold(status)), BY_WORD.get(fold(substatus))
    return not (found and refined) or refined in REFINEMENTS.get(found, {found})


@lru_cache(maxsize=500)
def read_canceller(text: str) -> CancelledBy:
    """Who cancelled; words we do not know are nobody."""
    return CANCELLERS.get(fold(text), CancelledBy.UNKNOWN)


@lru_cache(maxsize=500)
def read_fulfilment(text: str) -> Fulfilment:
    """Whose warehouse sends; words we do not know say nothing."""
    return FULFILMENTS.get(fold(text), Fulfilment.UNKNOWN)


@lru_cache(maxsize=500)
def read_cod(payment_method: str) -> bool | None:
    """Whether the buyer pays at the door; None when the file does not say."""
    if not payment_method:
        return None
    words = fold(payment_method)
    return words == "cod" or any(known in words for known in COD_WORDS)


@lru_cache(maxsize=500)
def read_pre_order(text: str) -> bool | None:
    """`Normal` or `Pre-order`; None for anything else."""
    return {"normal": False, "pre-order": True, "preorder": True}.get(fold(text))


@lru_cache(maxsize=500)
def read_shipping_type(text: str) -> ShippingType:
    """Whose carrier brings it; words we do not know say nothing."""
    return SHIPPING_TYPES.get(fold(text), ShippingType.UNKNOWN)


@lru_cache(maxsize=500)
def read_return(text: str, status: OrderStatus) -> str:
    """A cell of "Cancelation/Return Type" if it tells of a return, as it is; a word we
    do not know does so unless the order was cancelled."""
    words = fold(text)
    if words in RETURNS:
        return text
    is_other = words in CANCELLATIONS or status is OrderStatus.CANCELLED
    return "" if is_other else text
