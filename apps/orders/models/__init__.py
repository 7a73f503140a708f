"""Orders as the platforms told us; the platforms own them."""

from apps.orders.models.buyer import Buyer
from apps.orders.models.order import Order, OrderPayload, OrderQuerySet
from apps.orders.models.parts import OrderLine, Parcel

__all__ = ["Buyer", "Order", "OrderLine", "OrderPayload", "OrderQuerySet", "Parcel"]
