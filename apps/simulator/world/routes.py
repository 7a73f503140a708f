"""Which status may follow which, and the events that lead there.

Source: Partner Center, "Order API overview": order statuses.
"""

from apps.simulator.world.lifecycle import Event, Kind

POSSIBLE: dict[str, tuple[str, ...]] = {
    "UNPAID": ("ON_HOLD", "AWAITING_SHIPMENT", "CANCELLED"),
    "ON_HOLD": ("AWAITING_SHIPMENT", "CANCELLED"),
    "AWAITING_SHIPMENT": ("PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "CANCELLED"),
    "PARTIALLY_SHIPPING": ("AWAITING_COLLECTION", "CANCELLED"),
    "AWAITING_COLLECTION": ("IN_TRANSIT", "COMPLETED", "CANCELLED"),
    "IN_TRANSIT": ("DELIVERED", "COMPLETED", "CANCELLED"),
    "DELIVERED": ("COMPLETED",),
    "COMPLETED": (),
    "CANCELLED": (),
}
_ROAD = {
    "UNPAID": Event.PLACED,
    "ON_HOLD": Event.PAID,
    "AWAITING_SHIPMENT": Event.RELEASED,
    "AWAITING_COLLECTION": Event.SHIPPED,
    "IN_TRANSIT": Event.COLLECTED,
    "DELIVERED": Event.DELIVERED,
    "COMPLETED": Event.COMPLETED,
}


def events_to(status: str, now: str, happened: tuple[Event, ...]) -> list[Event]:
    """What has to happen to an order in `now` until it is in `status`."""
    if status == "CANCELLED":
        return [Event.CANCELLED]
    if status == "PARTIALLY_SHIPPING":
        before = events_to("AWAITING_SHIPMENT", now, happened)
        missing = [event for event in before if event not in happened]
        return [*missing, Event.PARTLY_SHIPPED]
    if status == "COMPLETED" and now in ("AWAITING_COLLECTION", "IN_TRANSIT"):
        return [Event.REFUNDED]  # the only way there without a delivery
    last = _ROAD[status]
    road = list(_ROAD.values())
    missing = [e for e in road[: road.index(last)] if e not in happened]
    if Event.ACCEPTED in happened:
        missing = [e for e in missing if e not in (Event.PLACED, Event.PAID)]
    return [*missing, last]


def first_events(kind: Kind, status: str) -> list[Event]:
    """The story of a new order up to `status`; the kind says how it begins."""
    start = kind.events[0]
    if start == Event.ACCEPTED and status in ("UNPAID", "ON_HOLD"):
        return [Event.ACCEPTED]
    return [start, *(e for e in events_to(status, "", (start,)) if e != start)]
