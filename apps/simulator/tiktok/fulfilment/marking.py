"""Mark as shipped: an order, or some of it, is on its way with the seller's carrier.

In the US, Great Britain and the EU. Source: Partner Center, "Mark Package As Shipped
202309"; 202610 takes lists instead.
"""

from apps.simulator.shipping import ship_package, ship_units
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.tiktok.fulfilment.finding import (
    check_ready,
    order_of,
    package_of,
    units_meant,
)
from apps.simulator.tiktok.fulfilment.reading import (
    INVALID,
    check_unused,
    line_ids,
    own_carrier,
    rows,
)
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import live_units

NEWER = "202610"


def mark_shipped(call: Call) -> Json:
    """POST /fulfillment/{202309,202610}/orders/{order_id}/packages."""
    order = order_of(call, call.ids["order_id"])
    if call.shop.region.ships_by_package:
        raise refuse(21008106)
    check_ready(call, order, wrong_status=21042057)
    if order.shipping_type != "SELLER":
        raise refuse(21011013)
    details = own_carrier(call, shipping_info(call), marking=True)
    check_unused(call, details["tracking_number"])
    units = units_meant(order, line_ids(call, "order_line_item_ids", "order_line_list"))
    package_id = _send(call, order, units, details)
    json: Json = {
        "order_id": str(order.id),
        "order_line_item_ids": [order.line_id(unit) for unit in units],
        "package_id": package_id,
    }
    if details["tracking_number"].isdigit():
        json["warning"] = {"message": "match more than one provider"}
    return json


def shipping_info(call: Call) -> Json:
    """Number and carrier; the newer version takes a list, whose first one counts."""
    if call.version < NEWER:
        return call.body
    return rows(call.body, "shipping_info_list", code=INVALID)[0]


def _send(call: Call, order: Order, units: list[int], details: Json) -> str:
    """A combined package goes as a whole."""
    noted = order.parcels()[0]
    if not noted.get("is_combined"):
        return ship_units(call.simulator, order, units, details)
    if units != live_units(order, 0):
        raise refuse(21011046)
    package = package_of(call, noted["id"])
    ship_package(call.simulator, package, details)
    return package.id
