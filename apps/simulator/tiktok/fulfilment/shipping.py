"""Ship package APIs 202309: one or many packages, and when they can be fetched.

Source: Partner Center, "Ship Package 202309", "Batch Ship Packages 202309" and "Get
Package Handover Time Slots 202309".
"""

from apps.simulator.shipping import ship_package
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.fulfilment.codes import error_row, refuse
from apps.simulator.tiktok.fulfilment.finding import check_ready, package_of
from apps.simulator.tiktok.fulfilment.reading import (
    INVALID,
    check_unused,
    own_carrier,
    rows,
)
from apps.simulator.world.packages import (
    CANCELLED,
    COMPLETED,
    TO_FULFILL,
    Package,
)
from apps.simulator.world.slots import pickup_slots

PICKUP, DROP_OFF = "PICKUP", "DROP_OFF"


def ship(call: Call) -> Json:
    """POST /fulfillment/202309/packages/{package_id}/ship."""
    _ship(call, call.ids["package_id"], call.body)
    return {}


def batch_ship(call: Call) -> Json:
    """POST /fulfillment/202309/packages/ship: one that cannot does not hold up the
    others, it is named in `errors`."""
    errors = []
    for row in rows(call.body, "packages"):
        package_id = str(row.get("id", ""))
        try:
            _ship(call, package_id, row)
        except Refusal as refusal:
            errors.append(error_row(refusal, package_id))
    return {"errors": errors} if errors else {}


def _ship(call: Call, package_id: str, sent: Json) -> None:
    package = package_of(call, package_id)
    _check_status(package)
    own = call.shop.region.ships_by_package and package.order.shipping_type == "SELLER"
    for part in package.live:
        check_ready(call, part.order, wrong_status=21011003)
    if own:
        details = own_carrier(call, sent.get("self_shipment"))
        check_unused(call, details["tracking_number"])
    elif package.order.shipping_type == "SELLER":
        raise refuse(21011003)  # there the order is marked as shipped
    elif sent.get("self_shipment"):
        raise refuse(INVALID, "TikTok ships this package.")
    else:
        details = _handover(call, sent)
    ship_package(call.simulator, package, details)


def _check_status(package: Package) -> None:
    if package.status == CANCELLED:
        raise refuse(21011041)
    if package.status == COMPLETED:
        raise refuse(21011027)
    if package.status != TO_FULFILL:
        raise refuse(21011040)


def _handover(call: Call, sent: Json) -> Json:
    """How it is given to the platform's carrier; not said: as that one likes best."""
    can = call.simulator.world.depot.handovers[call.shop.id]
    usual = PICKUP if can.can_pickup else DROP_OFF
    method = sent.get("handover_method") or usual
    if method not in (PICKUP, DROP_OFF):
        raise refuse(INVALID, "'handover_method' must be PICKUP or DROP_OFF.")
    if not (can.can_pickup if method == PICKUP else can.can_drop_off):
        raise refuse(11021009)
    if method == DROP_OFF:
        return {"handover_method": method}
    return {"handover_method": method, "pickup_slot": _slot(call, sent)}


def _slot(call: Call, sent: Json) -> list[int]:
    slots = pickup_slots(call.shop, call.simulator.clock.seconds())
    free = [[start, end] for start, end, is_free in slots if is_free]
    wanted = sent.get("pickup_slot")
    if wanted is None and not sent.get("handover_method"):
        return free[0]
    if wanted is None:
        raise refuse(21011054)
    if not isinstance(wanted, dict):
        raise refuse(INVALID, "'pickup_slot' must be an object.")
    slot = [wanted.get("start_time"), wanted.get("end_time")]
    if slot not in free:
        raise refuse(21011053)
    return slot


def handover_slots(call: Call) -> Json:
    """GET /fulfillment/202309/packages/{package_id}/handover_time_slots."""
    package = package_of(call, call.ids["package_id"], unknown=INVALID)
    if package.order.shipping_type == "SELLER" or package.status != TO_FULFILL:
        raise refuse(11021009)
    can = call.simulator.world.depot.handovers[call.shop.id]
    slots = pickup_slots(call.shop, call.simulator.clock.seconds())
    json: Json = {
        "can_pickup": can.can_pickup,
        "can_drop_off": can.can_drop_off,
        "can_van_collection": False,
        "pickup_slots": [
            {"start_time": start, "end_time": end, "avaliable": is_free}  # sic
            for start, end, is_free in slots
            if can.can_pickup
        ],
    }
    if can.can_drop_off:
        region = call.shop.region.code.lower()
        json["drop_off_point_url"] = f"https://drop-off.example.com/{region}"
    return json
