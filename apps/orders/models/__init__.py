"""Orders as the platforms told us, and what we ask of them; the platforms own them."""

from apps.orders.models.actions import ActionRun, OrderAction
from apps.orders.models.aftersales import (
    Cancellation,
    CancellationLine,
    Return,
    ReturnLine,
)
from apps.orders.models.buyer import Buyer, BuyerQuerySet
from apps.orders.models.events import OrderEvent, OrderNote, UnknownWord
from apps.orders.models.order import Order, OrderPayload, OrderQuerySet
from apps.orders.models.packages import (
    OrderPackage,
    Package,
    ShippingDocument,
    TrackingStep,
)
from apps.orders.models.parts import OrderLine
from apps.orders.models.settings import (
    DeliveryOption,
    SavedView,
    ShippingProvider,
    ShopOrderSettings,
)

__all__ = [
    "ActionRun",
    "Buyer",
    "BuyerQuerySet",
    "Cancellation",
    "CancellationLine",
    "DeliveryOption",
    "Order",
    "OrderAction",
    "OrderEvent",
    "OrderLine",
    "OrderNote",
    "OrderPackage",
    "OrderPayload",
    "OrderQuerySet",
    "Package",
    "Return",
    "ReturnLine",
    "SavedView",
    "ShippingDocument",
    "ShippingProvider",
    "ShopOrderSettings",
    "TrackingStep",
    "UnknownWord",
]
