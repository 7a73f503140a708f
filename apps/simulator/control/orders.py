"""Control: place an order, move it on, cancel it."""

import secrets
from collections.abc import Sequence

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.platform import known_shop
from apps.simulator.state import Simulator
from apps.simulator.world.lifecycle import BY_NAME, STATUSES, Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rendering import render_order
from apps.simulator.world.routes import POSSIBLE, events_to, first_events
from apps.simulator.world.sellers import Shop


def list_orders(simulator: Simulator, fields: Fields) -> list[Json]:
    """Orders, newest change first: ?shop_id=, ?status=, ?limit=50."""
    shop_id = fields.take("shop_id", str, "")
    status = fields.take("status", str, "")
    limit = fields.take("limit", int, 50)
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
    return [summary(order) for order in found[:limit]]


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


def place_order(simulator: Simulator, fields: Fields) -> Json:
    """Place an order now: shop_id; sku_id + quantity or lines [[sku_id, quantity]];
    status (default AWAITING_SHIPMENT); kind (default normal); buyer_message;
    follows_story true lets it live on by itself instead of staying put."""
    shop = known_shop(simulator, fields.need("shop_id", str))
    lines = _lines(shop, fields)
    status = fields.choice("status", STATUSES, "AWAITING_SHIPMENT")
    kind_name = fields.choice("kind", tuple(BY_NAME), "normal")
    message = fields.take("buyer_message", str, "")
    follows_story = fields.flag("follows_story")
    fields.done()
    now = simulator.world.now
    events = first_events(BY_NAME[kind_name], status)
    order: Order = simulator.record(
        {
            "event": "order_placed",
            "shop_id": shop.id,
            "kind": kind_name,
            "created": now,
            "seed": secrets.randbits(64),
            "past": [[event.value, now] for event in events],
            "notes": {"lines": lines, "buyer_message": message},
            "follows_story": follows_story,
        }
    )
    simulator.tick()
    return show_order(simulator, Fields({}), str(order.id))


def _lines(shop: Shop, fields: Fields) -> list[list[object]]:
    lines = fields.take("lines", list, [])
    sku_id = fields.take("sku_id", str, next(iter(shop.catalogue.skus)))
    quantity = fields.take("quantity", int, 1)
    lines = lines or [[sku_id, quantity]]
    for line in lines:
        match line:
            case [str() as sku_id, int() as quantity] if 1 <= quantity <= 100:
                if sku_id not in shop.catalogue.skus:
                    raise ControlError(f"This shop has no SKU {sku_id}.", http=404)
            case _:
                raise ControlError("'lines' must be [[sku_id, quantity 1..100], …].")
    return lines


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


def request_cancel(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer asks to cancel; the seller has not answered."""
    return _ask(simulator, fields, order_id, Event.CANCEL_ASKED)


def refuse_cancel(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer's wish to cancel is refused."""
    order = known_order(simulator, order_id)
    if not order.asks_to_cancel:
        raise ControlError("The buyer has not asked to cancel this order.", http=409)
    return _ask(simulator, fields, order_id, Event.CANCEL_REFUSED)


def change_address(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer corrects the address of an order that has not been shipped."""
    return _ask(simulator, fields, order_id, Event.ADDRESS_CHANGED)


def _ask(simulator: Simulator, fields: Fields, order_id: str, event: Event) -> Json:
    order = known_order(simulator, order_id)
    fields.done()
    if order.status != "AWAITING_SHIPMENT":
        raise ControlError(
            f"Only an order in AWAITING_SHIPMENT allows this, not {order.status}.",
            http=409,
        )
    return _tell(simulator, order, [event], {})


def _tell(
    simulator: Simulator, order: Order, events: Sequence[Event], notes: Json
) -> Json:
    for event in events:
        simulator.record(
            {
                "event": "order_told",
                "order_id": order.id,
                "what": event.value,
                "at": simulator.world.now,
                "notes": notes,
            }
        )
        simulator.tick()
    return show_order(simulator, Fields({}), str(order.id))
