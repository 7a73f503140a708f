"""Calls that get packages on their way."""

from collections.abc import Callable, Sequence
from typing import Any

from apps.integrations.contracts import (
    ActionFailure,
    Handover,
    Marked,
    OwnShipment,
    Shipment,
)
from apps.integrations.tiktok.calls import Operation
from apps.integrations.tiktok.fulfilment.batches import in_batches
from apps.integrations.tiktok.fulfilment.shipping import (
    delivery_body,
    handover_from_json,
    marked_from_json,
    own_body,
    shipment_body,
)
from apps.integrations.tiktok.reading import JsonObject

HANDOVER = Operation(
    "GET", "/fulfillment/202309/packages/{package_id}/handover_time_slots", is_safe=True
)
SHIP = Operation("POST", "/fulfillment/202309/packages/{package_id}/ship")
SHIP_MANY = Operation("POST", "/fulfillment/202309/packages/ship")
MARK_SHIPPED = Operation("POST", "/fulfillment/202309/orders/{order_id}/packages")
ORDER_TRACKING = Operation(
    "POST", "/fulfillment/202309/orders/{order_id}/shipping_info/update"
)
PACKAGE_TRACKING = Operation(
    "POST", "/fulfillment/202309/packages/{package_id}/shipping_info/update"
)
DELIVER = Operation("POST", "/fulfillment/202309/packages/deliver")


class ShippingCalls:
    """The part of a client that ships; raises PlatformError, repeats no write."""

    _call: Callable[..., JsonObject]

    def handover(self, package_id: str) -> Handover:
        """How, and when, the carrier takes a package. Source: "Get Package Handover
        Time Slots"."""
        return handover_from_json(self._call(HANDOVER.of(package_id)))

    def ship_package(self, shipment: Shipment) -> None:
        """Arrange the shipping of one package. Source: "Ship Package"."""
        body = shipment_body(shipment)
        self._call(SHIP.of(shipment.package_id), body=body)

    def ship_packages(self, shipments: Sequence[Shipment]) -> list[ActionFailure]:
        """Arrange the shipping of several; those not named went well.

        50 a call; see `in_batches` for one that fails as a whole. Source: "Batch Ship
        Packages".
        """
        bodies = {
            each.package_id: {"id": each.package_id, **shipment_body(each)}
            for each in shipments
        }
        return in_batches(
            bodies, lambda batch: self._call(SHIP_MANY, body={"packages": batch})
        )

    def mark_shipped(
        self, order_id: str, unit_ids: Sequence[str], own: OwnShipment
    ) -> Marked:
        """Say that units (none named: all) are on their way with an own carrier.

        Source: "Mark Package As Shipped" (202309).
        """
        body: dict[str, Any] = own_body(own)
        if unit_ids:
            body["order_line_item_ids"] = list(unit_ids)
        return marked_from_json(self._call(MARK_SHIPPED.of(order_id), body=body))

    def update_order_tracking(self, order_id: str, own: OwnShipment) -> None:
        """Correct carrier and number of an unsplit order that the seller shipped, for
        72 hours. Source: "Update Shipping Info"."""
        self._call(ORDER_TRACKING.of(order_id), body=own_body(own))

    def update_package_tracking(self, package_id: str, own: OwnShipment) -> None:
        """As update_order_tracking, of one package. Source: "Update Package Shipping
        Info" (202309)."""
        self._call(PACKAGE_TRACKING.of(package_id), body=own_body(own))

    def deliver(
        self, package_ids: Sequence[str], *, failed_because: str = ""
    ) -> list[ActionFailure]:
        """Say that the own fleet delivered packages, or why it could not.

        50 a call, as ship_packages. Source: "Update Package Delivery Status".
        """
        bodies = {
            package_id: delivery_body(package_id, failed_because)
            for package_id in package_ids
        }
        return in_batches(
            bodies, lambda batch: self._call(DELIVER, body={"packages": batch})
        )
