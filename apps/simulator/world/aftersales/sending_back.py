"""How goods come back to the seller."""

from typing import Any

from apps.simulator.world.carriers import carrier_id
from apps.simulator.world.orders import Order

Json = dict[str, Any]
SHIPMENT_TYPES = ("PLATFORM", "BUYER_ARRANGE")
HANDOVER_METHODS = ("DROP_OFF", "PICKUP")


def arrangement(order: Order, shipment_type: str = "", handover: str = "") -> Json:
    """Most buyers get a label from the platform and bring the parcel away."""
    usual = SHIPMENT_TYPES[order.seed >> 11 & 7 == 0]
    return {
        "shipment_type": shipment_type or usual,
        "handover_method": handover or HANDOVER_METHODS[order.seed >> 14 & 3 == 0],
    }


def parcel(order: Order, tracking_number: str = "", provider: str = "") -> Json:
    name = provider or order.shop.region.carrier
    return {
        "number": tracking_number or f"R{order.id}",
        "provider": name,
        "provider_id": carrier_id(name),
    }
