"""Labels bought from the platform, in the US: what is on sale, and the purchase, which
makes the package.

Source: Partner Center, "Get Eligible Shipping Service 202309" and "Create Packages
202309"; 202512 takes lines as objects and a `ship_type`.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from apps.simulator.shipping import ship_units
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.tiktok.fulfilment.finding import (
    check_ready,
    order_of,
    units_meant,
)
from apps.simulator.tiktok.fulfilment.reading import INVALID, line_ids, sizes
from apps.simulator.world.carriers import carrier_id
from apps.simulator.world.orders import Order
from apps.simulator.world.package_rendering import weight_of
from apps.simulator.world.rolls import digits

NEWER = "202512"
_SHIP_TYPES = ("1", "2", "3")
_GRAMS = {"GRAM": Decimal(1), "POUND": Decimal("453.592")}
_CENTIMETRES = {"CM": Decimal(1), "INCH": Decimal("2.54")}
_HEAVIEST_GRAMS, _LONGEST_CENTIMETRES = 31_500, 274


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    carrier: str
    base_cents: int
    cents_per_kilogram: int
    days: tuple[int, int]

    def id(self, order: Order) -> str:
        return digits("2882", 18, "shipping service", order.id, self.name)


SERVICES = (
    Service("USPS Ground Advantage", "USPS", 412, 185, (3, 5)),
    Service("USPS Priority Mail", "USPS", 745, 240, (2, 3)),
    Service("UPS Ground", "UPS", 689, 210, (2, 5)),
)


def shipping_services(call: Call) -> Json:
    """POST /fulfillment/202309/orders/{order_id}/shipping_services/query."""
    order = order_of(call, call.ids["order_id"])
    if not call.shop.region.packages_after_shipping or order.shipping_type == "SELLER":
        raise refuse(21011037)
    check_ready(call, order, wrong_status=21011037)
    units = units_meant(order, line_ids(call, "order_line_item_ids", "order_line_list"))
    box = weight_of(len(units)) | sizes(call.body)
    _check_size(box)
    return box | {
        "order_id": str(order.id),
        "order_line_id": [order.line_id(unit) for unit in units],
        "shipping_services": [
            _rendered(order, service, box) | {"is_default": service is SERVICES[0]}
            for service in SERVICES
        ],
    }


def create_package(call: Call) -> Json:
    """POST /fulfillment/{202309,202512}/packages."""
    is_newer = call.version >= NEWER
    if is_newer and str(call.body.get("ship_type")) not in _SHIP_TYPES:
        raise refuse(INVALID, f"'ship_type' must be one of {', '.join(_SHIP_TYPES)}.")
    order = order_of(call, call.body.get("order_id"))
    if not call.shop.region.packages_after_shipping:
        raise refuse(21004010)
    if order.shipping_type == "SELLER" and not order.is_fulfilled_by_platform:
        raise refuse(21011012)
    check_ready(call, order, wrong_status=21011003)
    units = units_meant(order, line_ids(call, "order_line_item_ids", "order_line_item"))
    box = weight_of(len(units)) | sizes(call.body)
    _check_size(box)
    service = _service(order, call.body.get("shipping_service_id"))
    details = box | {
        "provider_id": carrier_id(service.carrier),
        "provider_name": service.carrier,
        "handover_method": "DROP_OFF",
    }
    package_id = ship_units(call.simulator, order, units, details)
    json: Json = {
        "package_id": package_id,
        "create_time": call.simulator.world.now,
        "shipping_service_info": _rendered(order, service, box),
    }
    if not is_newer:
        json["order_id"] = str(order.id)
        json["order_line_item_ids"] = [order.line_id(unit) for unit in units]
    return json | box


def _service(order: Order, service_id: object) -> Service:
    """The one of that id; of none: the first."""
    if not service_id:
        return SERVICES[0]
    for service in SERVICES:
        if service.id(order) == service_id:
            return service
    raise refuse(21004008)


def _check_size(box: Json) -> None:
    if _grams(box) > _HEAVIEST_GRAMS:
        raise refuse(21011037)
    sides = box["dimension"]
    longest = max(Decimal(sides[name]) for name in ("length", "width", "height"))
    if longest * _CENTIMETRES[sides["unit"]] > _LONGEST_CENTIMETRES:
        raise refuse(11021014)


def _grams(box: Json) -> Decimal:
    return Decimal(box["weight"]["value"]) * _GRAMS[box["weight"]["unit"]]


def _rendered(order: Order, service: Service, box: Json) -> Json:
    cents = service.base_cents + service.cents_per_kilogram * _grams(box) / 1_000
    price = (cents / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {
        "id": service.id(order),
        "name": service.name,
        "price": str(price),
        "currency": order.shop.region.currency,
        "earliest_delivery_days": service.days[0],
        "latest_delivery_days": service.days[1],
        "shipping_provider_id": carrier_id(service.carrier),
        "shipping_provider_name": service.carrier,
    }
