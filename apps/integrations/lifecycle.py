"""Which of two pieces of news about an order is further along. Pure functions."""

from apps.integrations.contracts import OrderStatus

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
_RANK = {status: rank for rank, status in enumerate(_WAY)}


def rank(status: OrderStatus) -> int:
    """How far along; higher never gives way to lower."""
    return _RANK[status]


def is_behind(status: OrderStatus, other: OrderStatus) -> bool:
    """Whether `status` is an older stage than `other`."""
    return rank(status) < rank(other)
