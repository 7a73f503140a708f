"""The order or request that a call is about."""

from apps.simulator.tiktok.aftersales.codes import refuse
from apps.simulator.tiktok.call import Call
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.orders import Order


def order_of(call: Call, order_id: object) -> Order:
    """Raises 25007006 for an order that is not, 25020005 for another shop's."""
    text = order_id if isinstance(order_id, str) else ""
    if order := call.simulator.world.order(call.shop.id, text):
        return order
    raise refuse(25020005 if call.simulator.world.find_order(text) else 25007006)


def request_of(call: Call, request_id: str, family: str = "") -> Request:
    """Raises as `order_of`."""
    request = call.simulator.aftersales.find(request_id)
    if request is None or family not in ("", request.family):
        raise refuse(25007006)
    if request.order.shop.id != call.shop.id:
        raise refuse(25020005)
    return request
