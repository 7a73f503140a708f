"""Which of two pieces of news about an order is further along. Pure functions."""

import unicodedata

from apps.integrations.contracts import OrderStatus, ReturnStatus

_WAY = (
    OrderStatus.NOT_UNDERSTOOD,
    OrderStatus.UNPAID,
    OrderStatus.ON_HOLD,
    OrderStatus.TO_SHIP,
    OrderStatus.AWAITING_COLLECTION,
    OrderStatus.PARTLY_SHIPPED,
    OrderStatus.IN_TRANSIT,
    OrderStatus.DELIVERED,
    OrderStatus.CANCELLED,  # beats all but completed
    OrderStatus.COMPLETED,
)
RETURN_WAY = (
    ReturnStatus.NOT_UNDERSTOOD,
    ReturnStatus.PENDING,
    ReturnStatus.AWAITING_BUYER_RESPONSE,
    ReturnStatus.REJECTED,
    ReturnStatus.AWAITING_BUYER_SHIP,
    ReturnStatus.BUYER_SHIPPED,
    ReturnStatus.RECEIVE_REJECTED,
    ReturnStatus.SUCCESS,
    ReturnStatus.CANCELLED,
    ReturnStatus.REFUNDED_INSTEAD,
    ReturnStatus.COMPLETE,
)
"""How far along a return is, for two words of the same instant and for files, which do
not tell their age."""
_SHIPPED = frozenset(
    {OrderStatus.IN_TRANSIT, OrderStatus.DELIVERED, OrderStatus.COMPLETED}
)
# Words in the reasons of failed deliveries, in the platform's languages.
_LOST_FOR_GOOD = (
    "damaged",
    "lost",
    "rusak",
    "hilang",
    "เสียหาย",
    "สูญหาย",
    "hư hỏng",
    "thất lạc",
)
_RANK = {status: rank for rank, status in enumerate(_WAY)}


def rank(status: OrderStatus) -> int:
    """How far along; higher never gives way to lower."""
    return _RANK[status]


def is_behind(status: OrderStatus, other: OrderStatus) -> bool:
    """Whether `status` is an older stage than `other`."""
    return rank(status) < rank(other)


def has_left(status: OrderStatus) -> bool:
    """Whether all the goods have left the warehouse."""
    return status in _SHIPPED


def comes_back(cancel_reason: str) -> bool:
    """Whether the goods of a failed delivery come back, by its reason: those that were
    damaged or lost on the way never do."""
    words = unicodedata.normalize("NFC", cancel_reason).casefold()
    return not any(word in words for word in _LOST_FOR_GOOD)
