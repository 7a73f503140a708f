"""Tracking: correct a seller's number, read where an order's packages have been, and
ask whose number one is.

Source: Partner Center, "Update Shipping Info 202309", "Update Package Shipping Info
202309" (202610 takes a list), "Get Tracking 202309", "Get Logistics Tracking 202604"
and "TTS Tracking Validation 202508".
"""

from apps.simulator.shipping import change
from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.tiktok.fulfilment.finding import order_of, package_of
from apps.simulator.tiktok.fulfilment.marking import shipping_info
from apps.simulator.tiktok.fulfilment.reading import check_unused, own_carrier
from apps.simulator.world.carriers import platform_number
from apps.simulator.world.finding import packages_of
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import CANCELLED, COMPLETED, TO_FULFILL, Package
from apps.simulator.world.scans import scans_of

_WITHIN_SECONDS, _MOST_UPDATES = 72 * 3_600, 3
_TOO_LATE_FOR_ORDER, _TOO_LATE = 21011049, 21011050


def update_order(call: Call) -> Json:
    """POST /fulfillment/202309/orders/{order_id}/shipping_info/update: of an order that
    is one package."""
    order = order_of(call, call.ids["order_id"])
    if order.status == CANCELLED:
        raise refuse(21011042)
    packages = [
        package
        for package in packages_of(call.simulator.world, order)
        if package.status != CANCELLED
    ]
    if not packages:
        raise refuse(21011043)
    if len(packages) > 1 or packages[0].is_combined:
        raise refuse(21011004)
    _update(call, packages[0], call.body, too_late=_TOO_LATE_FOR_ORDER)
    return {}


def update_package(call: Call) -> Json:
    """POST /fulfillment/{202309,202610}/packages/{package_id}/shipping_info/update."""
    package = package_of(call, call.ids["package_id"])
    _update(call, package, shipping_info(call), too_late=_TOO_LATE)
    return {}


def _update(call: Call, package: Package, sent: Json, *, too_late: int) -> None:
    if package.status == CANCELLED:
        raise refuse(21011042)
    if package.order.shipping_type != "SELLER":
        raise refuse(21011049)
    if package.status == TO_FULFILL:
        raise refuse(21011043)
    if package.status == COMPLETED:
        is_over = package.order.status == COMPLETED
        raise refuse(25001010 if is_over else 21011030)
    if package.order.asks_to_cancel:
        raise refuse(21011007)
    if call.simulator.world.now - package.shipped_at > _WITHIN_SECONDS:
        raise refuse(too_late)
    updates = package.first.noted.get("updates", 0)
    if updates >= _MOST_UPDATES:
        raise refuse(21011052)
    details = own_carrier(call, sent)
    check_unused(call, details["tracking_number"], package.id)
    change(call.simulator, package, details | {"updates": updates + 1})


def order_tracking(call: Call) -> Json:
    """GET /fulfillment/202309/orders/{order_id}/tracking: the newest scan first, times
    in milliseconds."""
    order = order_of(call, call.ids["order_id"])
    scans = [
        scan
        for package in packages_of(call.simulator.world, order)
        for scan in scans_of(package)
    ]
    scans.sort(key=lambda scan: (scan.at, scan.code), reverse=True)
    rows = [
        {
            "description": scan.text,
            "update_time_millis": scan.at * 1_000,
            "action_code": scan.code,
        }
        for scan in scans
    ]
    return {"tracking": rows}


def logistics_tracking(call: Call) -> Json:
    """GET /logistics/202604/orders/{order_id}/tracking: by package."""
    order = order_of(call, call.ids["order_id"])
    packages = packages_of(call.simulator.world, order)
    details = [_details(package) for package in packages if package.carrier]
    return {"order_id": str(order.id), "logistics_details": details}


def _details(package: Package) -> Json:
    assert package.carrier is not None
    number, _, carrier = package.carrier
    return {
        "newest_tracking_no": number,
        "carrier_name": carrier,
        "track_list": [
            {
                "description": scan.text,
                "tracking_no": number,
                "update_time_millis": scan.at * 1_000,
                "action_code": scan.code,
                "action_code_name": scan.name,
            }
            for scan in scans_of(package)
        ],
    }


def validate_number(call: Call) -> Json:
    """GET /fulfillment/202508/tts_tracking_validation: whether a number is one of the
    platform's own, and whether the platform fetched that package."""
    number = call.query.get("tracking_number", "")
    if not number:
        raise invalid("tracking_number", "is required.")
    method = next(
        (
            noted.get("handover_method", "PICKUP")
            for order in call.simulator.world.indexes[call.shop.id].by_create
            if _has_platforms_number(order)
            for noted in order.parcels()
            if platform_number(order, noted["id"]) == number
        ),
        "",
    )
    return {
        "is_tiktok_shipping": bool(method),
        "is_tiktok_collection": method == "PICKUP",
    }


def _has_platforms_number(order: Order) -> bool:
    return order.has_packages and order.shipping_type == "TIKTOK"
