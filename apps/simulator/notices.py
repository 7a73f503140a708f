"""What the platform tells about a change: webhook types with their data.

Source: Partner Center, "Webhooks": 1 order status, 3 address, 4 packages,
6 de-authorization, 7 upcoming expiry, 11 cancellation, 12 return.
"""

from typing import Any

from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.units import cancelled_by

Data = dict[str, Any]
Notice = tuple[int, Data]  # (type, data)
_CANCELLATION = {
    Event.CANCEL_ASKED: "CANCELLATION_REQUEST_PENDING",
    Event.CANCEL_REFUSED: "CANCELLATION_REQUEST_CANCELLED",
    Event.CANCELLED: "CANCELLATION_REQUEST_COMPLETE",
}
_RETURN = {
    Event.RETURN_ASKED: "RETURN_OR_REFUND_REQUEST_PENDING",
    Event.REFUNDED: "RETURN_OR_REFUND_REQUEST_COMPLETE",
}


def notices_of(change: Change) -> list[Notice]:
    order, event, moment = change
    notices: list[Notice] = []
    if status := _new_status(order, event, moment):
        notices.append((1, order_status(order, status, moment)))
    if event == Event.ADDRESS_CHANGED:
        notices.append((3, {"order_id": str(order.id), "update_time": moment}))
    if event == Event.PARTLY_SHIPPED:
        notices.append((4, _split(order, moment)))
    if event in _CANCELLATION:
        notices.append((11, _cancellation(order, event, moment)))
    if event in _RETURN:
        notices.append((12, _return(order, event, moment)))
    return notices


def order_status(order: Order, status: str, moment: int) -> Data:
    """The webhook spells a cancelled order CANCEL; the API says CANCELLED."""
    return {
        "order_id": str(order.id),
        "order_status": "CANCEL" if status == "CANCELLED" else status,
        "is_on_hold_order": status == "ON_HOLD",
        "update_time": moment,
    }


def _new_status(order: Order, event: Event, moment: int) -> str:
    """Empty if the event left the status alone, or led to one never announced."""
    story = list(zip(order.events, order.times, strict=True))
    if (event, moment) not in story:
        return ""  # the clock was turned back and the order told otherwise since
    place = story.index((event, moment))
    before = order.statuses[place - 1] if place else ""
    after = order.statuses[place]
    return after if after not in (before, "PARTIALLY_SHIPPING") else ""


def _split(order: Order, moment: int) -> Data:
    packages = [order.package_id(n) for n in (0, 1)]
    return {
        "sc_type": "SPLIT",
        "role_type": "ROLE_SELLER",
        "package_list": [
            {"package_id": package, "order_id_list": [str(order.id)]}
            for package in packages
        ],
        "update_time": moment,
    }


def _cancellation(order: Order, event: Event, moment: int) -> Data:
    asked = Event.CANCEL_ASKED in order.events
    return {
        "order_id": str(order.id),
        "cancellations_role": "BUYER" if asked else cancelled_by(order),
        "cancel_status": _CANCELLATION[event],
        "cancel_id": order.cancel_id(),
        "create_time": order.moments().get(Event.CANCEL_ASKED, moment),
    }


def _return(order: Order, event: Event, moment: int) -> Data:
    delivered = Event.DELIVERED in order.moments()
    return {
        "order_id": str(order.id),
        "return_role": "BUYER",
        "return_type": "RETURN_AND_REFUND" if delivered else "REFUND",
        "return_status": _RETURN[event],
        "return_id": order.cancel_id().replace("403", "404", 1),
        "create_time": order.moments().get(Event.RETURN_ASKED, moment),
        "update_time": moment,
    }


def deauthorised(shop_id: str) -> Notice:
    text = f"Shop_id {shop_id} is deauthorized from your APP by merchant."
    return 6, {"message": text}


def expires_soon(ends_at: int) -> Notice:
    """`expiration_time` is text, as on the platform."""
    text = "The authorization of this shop will expire soon."
    return 7, {"message": text, "expiration_time": str(ends_at)}
