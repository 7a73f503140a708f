"""Control: look at orders, move them on, cancel them."""

from collections.abc import Sequence

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.shipping import USER, leave_combined
from apps.simulator.state import Simulator
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.lifecycle import STATUSES, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order
from apps.simulator.world.routes import POSSIBLE, events_to


def list_orders(simulator: Simulator, fields: Fields) -> list[Json]:
    """Orders, newest change first: ?shop_id=, ?status=, ?limit=50; ?pieces=1 tells
    of each SKU how many pieces were ordered, wait to be collected, and are gone."""
    shop_id = fields.take("shop_id", str, "")
    status = fields.take("status", str, "")
    limit = fields.take("limit", int, 50)
    shown = with_pieces if fields.take("pieces", int, 0) else summary
    fields.done()
    indexes = simulator.world.indexes.values()
    found = [
        order
        for index in indexes
        if shop_id in ("", index.shop.id)
        for order in index.by_update
        if status in ("", order.status)
    ]
    found.sort(key=lambda order: order.updated, reverse=True)
    return [shown(order) for order in found[:limit]]


def with_pieces(order: Order) -> Json:
    """`pieces`: {SKU: [ordered, waiting, gone]}; what was cancelled before it was
    collected neither waits nor is gone. What is complete was handed over."""
    pieces: dict[str, list[int]] = {}
    is_over = order.status in ("COMPLETED", "CANCELLED")
    for number, unit in enumerate(basket_of(order).units):
        counts = pieces.setdefault(unit.sku.id, [0, 0, 0])
        counts[0] += 1
        if order.cancelled_unit(number):
            continue
        parcel = order.parcel_of(number)
        is_gone = parcel is not None and bool(order.collected(parcel))
        if is_gone or order.status == "COMPLETED":
            counts[2] += 1
        elif not is_over:
            counts[1] += 1
    return summary(order) | {
        "pieces": pieces,
        "is_fulfilled_by_platform": order.is_fulfilled_by_platform,
    }


def summary(order: Order) -> Json:
    return {
        "id": str(order.id),
        "shop_id": order.shop.id,
        "kind": order.kind.name,
        "status": order.status,
        "create_time": order.created,
        "update_time": order.updated,
    }


def show_order(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """One order: as the API shows it, and its story with what is still to come."""
    fields.done()
    order = known_order(simulator, order_id)
    story = zip(order.events, order.times, strict=True)
    return summary(order) | {
        "story": [[event.value, moment] for event, moment in story],
        "done": order.done,
        "order": render_order(order, with_payment_details=True),
    }


def known_order(simulator: Simulator, order_id: str) -> Order:
    order = simulator.world.find_order(order_id)
    if order is None:
        raise ControlError("No such order, or not placed yet.", http=404)
    return order


def move_order(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """Move an order to `status`, one legal step; `force` goes anywhere."""
    order = known_order(simulator, order_id)
    status = fields.choice("status", STATUSES, "")
    force = fields.flag("force")
    fields.done()
    possible = POSSIBLE[order.status]
    if status not in possible and not force:
        raise ControlError(
            f"An order in {order.status} cannot become {status}. Possible: "
            f"{', '.join(possible) or 'nothing'}. Send force true to do it anyway.",
            http=409,
        )
    happened = order.events[: order.done]
    return _tell(simulator, order, events_to(status, order.status, happened), {})


def cancel_order(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """Cancel an order: by BUYER, SELLER (default) or SYSTEM, with a reason; force."""
    order = known_order(simulator, order_id)
    by = fields.choice("by", ("BUYER", "SELLER", "SYSTEM"), "SELLER")
    reason = fields.take("reason", str, "Out of stock")
    force = fields.flag("force")
    fields.done()
    if "CANCELLED" not in POSSIBLE[order.status] and not force:
        raise ControlError(f"An order in {order.status} cannot be cancelled.", http=409)
    notes = {"cancelled_by": by, "cancel_reason": reason}
    return _tell(simulator, order, [Event.CANCELLED], notes)


def change_address(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer corrects the address of an order that has not been shipped; if it was
    combined with others, it leaves them. What was to come still comes."""
    order = known_order(simulator, order_id)
    fields.done()
    if order.status != "AWAITING_SHIPMENT":
        raise ControlError(
            f"Only an order in AWAITING_SHIPMENT allows this, not {order.status}.",
            http=409,
        )
    simulator.tell(order, Event.ADDRESS_CHANGED, then=order.to_come())
    leave_combined(simulator, order, why="ADDRESS_UPDATE_SPLIT", role=USER)
    return show_order(simulator, fields, order_id)


def _tell(
    simulator: Simulator, order: Order, events: Sequence[Event], notes: Json
) -> Json:
    """From then on the order stands still until it is told to go on."""
    for event in events:
        simulator.tell(order, event, notes | {"stands": True})
    return show_order(simulator, Fields({}), str(order.id))
