"""Split orders 202309, in Southeast Asia, before they are shipped.

Elsewhere some of an order is sent by naming its lines while shipping. Source: Partner
Center, "Get Order Split Attributes 202309" and "Split Orders 202309".
"""

from apps.simulator import shipping
from apps.simulator.tiktok.call import Call, invalid
from apps.simulator.tiktok.envelope import Json
from apps.simulator.tiktok.fulfilment.codes import refuse
from apps.simulator.tiktok.fulfilment.finding import order_of, units_of
from apps.simulator.tiktok.fulfilment.reading import rows, texts
from apps.simulator.world.orders import Order
from apps.simulator.world.packages import live_units

MOST_IDS = 50
INVALID = 21011005
_MOST_UNITS = 20  # in one package


def split_attributes(call: Call) -> Json:
    """GET /fulfillment/202309/orders/split_attributes: orders that are not the shop's
    are left out."""
    ids = [text for text in call.query.get("order_ids", "").split(",") if text]
    if not ids:
        raise invalid("order_ids", "is required.")
    if len(ids) > MOST_IDS:
        raise invalid("order_ids", f"must not name more than {MOST_IDS} orders.")
    world = call.simulator.world
    orders = [world.order(call.shop.id, order_id) for order_id in dict.fromkeys(ids)]
    return {"split_attributes": [_attributes(order) for order in orders if order]}


def _attributes(order: Order) -> Json:
    reason = _objection(order)
    json: Json = {"order_id": str(order.id), "can_split": not reason}
    if reason:
        return json | {"reason": reason, "must_split": False}
    if len(live_units(order, 0)) <= _MOST_UNITS:
        return json | {"must_split": False}
    why = {"type": "QUANTITY", "max_count": str(_MOST_UNITS)}
    return json | {"must_split": True, "must_split_reasons": [why]}


def _objection(order: Order) -> str:
    """Why an order cannot be split; empty if it can."""
    if order.status == "CANCELLED":
        return "Order has been canceled"
    if not order.shop.region.ships_by_package:
        return "Orders of this region are split while shipping"
    if order.is_fulfilled_by_platform:
        return "Order is fulfilled by platform"
    if order.status in ("UNPAID", "ON_HOLD"):
        return "Order is not ready to be shipped"
    if order.status != "AWAITING_SHIPMENT":
        return "Order has been shipped"
    if order.asks_to_cancel:
        return "Order has a pending after-sale request"
    if order.parcels()[0].get("is_combined"):
        return "Order has been combined"
    if len(order.parcels()) > 1:
        return "Order has been split"
    if len(live_units(order, 0)) < 2:
        return "Order has only one item"
    return ""


def split(call: Call) -> Json:
    """POST /fulfillment/202309/orders/{order_id}/split: every unit in one group."""
    order = order_of(call, call.ids["order_id"])
    if reason := _objection(order):
        raise refuse(21011035, reason)
    groups = rows(call.body, "splittable_groups", code=INVALID)
    names = [group.get("id") for group in groups]
    units = [
        units_of(order, texts(group, "order_line_item_ids", code=INVALID))
        for group in groups
    ]
    are_named = all(isinstance(name, str) and name for name in names)
    if not are_named or len(set(names)) < max(2, len(names)):
        raise refuse(INVALID, "Each of at least two groups needs an 'id' of its own.")
    everything = sorted(unit for group in units for unit in group)
    if not all(units) or everything != live_units(order, 0):
        raise refuse(INVALID, "Every line must be in exactly one group.")
    ids = shipping.split(call.simulator, order, units)
    return {
        "packages": [
            {"splittable_group_id": name, "id": package_id}
            for name, package_id in zip(names, ids, strict=True)
        ]
    }
