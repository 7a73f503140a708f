"""What the platform tells about a change: webhook types with their data.

Source: Partner Center, "Webhooks": 1 order status, 3 address, 4 packages,
6 de-authorization, 7 upcoming expiry. Cancellations (11) and returns (12) tell of
themselves, see `world.aftersales.news`.
"""

from collections.abc import Iterator
from typing import Any

from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.units import cancelled_by

Data = dict[str, Any]
Notice = tuple[int, Data]  # (type, data)
_ROLES = {"BUYER": "ROLE_USER", "SELLER": "ROLE_SELLER"}


def notices_of(change: Change) -> list[Notice]:
    order, event, moment = change
    notices: list[Notice] = []
    if status := _new_status(order, event, moment):
        notices.append((1, order_status(order, status, moment)))
    if event == Event.ADDRESS_CHANGED:
        notices.append((3, {"order_id": str(order.id), "update_time": moment}))
    notices += _repacked(order, event, moment)
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


def package_update(
    what: str, role: str, packages: dict[str, list[str]], moment: int
) -> Notice:
    """`packages`: the ids of their orders by id, as they are afterwards."""
    return 4, {
        "sc_type": what,
        "role_type": role,
        "package_list": [
            {"package_id": package_id, "order_id_list": order_ids}
            for package_id, order_ids in packages.items()
        ],
        "update_time": moment,
    }


def _repacked(order: Order, event: Event, moment: int) -> Iterator[Notice]:
    """What an order's own story does to its packages; deeds announce themselves."""
    parcels, order_id = order.parcels(), str(order.id)
    if event == Event.PARTLY_SHIPPED and "units" not in parcels[0]:
        rows = {parcel["id"]: [order_id] for parcel in parcels}
        yield package_update("SPLIT", "ROLE_SELLER", rows, moment)
    leaves_others = event == Event.CANCELLED and parcels[0].get("is_combined")
    if leaves_others or event in (Event.UNITS_CANCELLED, Event.REST_CANCELLED):
        rows = {parcel["id"]: [order_id] for parcel in parcels}
        role = _ROLES.get(cancelled_by(order), "ROLE_SYSTEM")
        if order.has_packages:
            yield package_update("PARTLY_CANCEL_SPLIT", role, rows, moment)


def deauthorised(shop_id: str) -> Notice:
    text = f"Shop_id {shop_id} is deauthorized from your APP by merchant."
    return 6, {"message": text}


def expires_soon(ends_at: int) -> Notice:
    """`expiration_time` is text, as on the platform."""
    text = "The authorization of this shop will expire soon."
    return 7, {"message": text, "expiration_time": str(ends_at)}
