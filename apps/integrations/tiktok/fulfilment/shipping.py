"""What is sent to ship packages, and what is answered.

Source: Partner Center, "Ship Package", "Mark Package As Shipped", "Get Package Handover
Time Slots", "Update Package Delivery Status" (202309).
"""

from collections.abc import Mapping
from typing import Any

from apps.integrations.contracts import (
    Handover,
    Marked,
    OwnShipment,
    PickupSlot,
    Shipment,
)
from apps.integrations.tiktok.reading import (
    JsonObject,
    each_object,
    flag,
    identifier,
    likely_instant,
    sequence,
    text,
)


def own_body(own: OwnShipment) -> dict[str, str]:
    """A carrier and number of the seller's own."""
    return {
        "tracking_number": own.tracking_number,
        "shipping_provider_id": own.provider_id,
    }


def shipment_body(shipment: Shipment) -> dict[str, Any]:
    """Only what was chosen: what is not named, the platform chooses."""
    body: dict[str, Any] = {}
    if shipment.handover_method:
        body["handover_method"] = shipment.handover_method
    if shipment.slot:
        body["pickup_slot"] = {
            "start_time": int(shipment.slot.start.timestamp()),
            "end_time": int(shipment.slot.end.timestamp()),
        }
    if shipment.own:
        body["self_shipment"] = own_body(shipment.own)
    return body


def delivery_body(package_id: str, failed_because: str) -> dict[str, str]:
    """That a package has arrived, or why it has not."""
    if not failed_because:
        return {"id": package_id, "delivery_type": "DELIVERY_SUCCESS"}
    return {
        "id": package_id,
        "delivery_type": "DELIVERY_FAILED",
        "fail_delivery_reason": failed_because,
    }


def handover_from_json(data: JsonObject) -> Handover:
    """A slot without times is none; one that does not say so is free."""
    address = text(data, "drop_off_point_url")
    return Handover(
        can_pick_up=flag(data, "can_pickup") or False,
        can_drop_off=flag(data, "can_drop_off") or False,
        # It becomes a link, and a sample has "true" here.
        drop_off_url=address if address.startswith("https://") else "",
        slots=tuple(
            PickupSlot(start, end, is_free=_is_free(row))
            for row in each_object(data, "pickup_slots")
            if (start := likely_instant(row, "start_time"))
            and (end := likely_instant(row, "end_time"))
        ),
    )


def _is_free(row: JsonObject) -> bool:
    """The platform misspells the key; one day it may not."""
    said = flag(row, "avaliable")
    if said is None:
        said = flag(row, "available")
    return said is not False


def marked_from_json(data: JsonObject) -> Marked:
    """The package that was made; the answer of a write is never in the way."""
    return Marked(
        package_id=identifier(data, "package_id"),
        warning=_warning(data),
    )


def _warning(data: JsonObject) -> str:
    """One warning or several, as objects or as texts."""
    for name in ("warning", "warnings"):
        words = (
            text(entry, "message") if isinstance(entry, Mapping) else str(entry)
            for entry in sequence(data, name)
        )
        if warning := " ".join(filter(None, words)):
            return warning
    return ""
