"""The order that a replacement or an exchange leads to."""

from collections import Counter
from typing import Any

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.checkout import Checkout
from apps.simulator.world.futures import unless_shipped
from apps.simulator.world.lifecycle import BY_NAME, Event
from apps.simulator.world.orders import Order

Json = dict[str, Any]


def placing(request: Request) -> Json:
    """`order_placed`: the same goods for nothing, to the same buyer, ready to ship."""
    order, moment = request.order, request.updated
    units = basket_of(order).units
    lines = Counter(units[unit].sku.id for unit in request.base["units"])
    past = [(Event.ACCEPTED, moment), (Event.RELEASED, moment)]
    then, notes = unless_shipped(past, moment, 0)
    notes = notes | {
        "lines": [[sku_id, count] for sku_id, count in lines.items()],
        "stands_in_for": str(order.id),
        "oversells": True,  # the seller has agreed, or kept silent
    }
    kind = "exchange" if request.type == stages.EXCHANGE else "replacement"
    return {
        "event": "order_placed",
        "shop_id": order.shop.id,
        "kind": kind,
        "created": moment,
        "seed": order.seed,
        "past": [[event.value, at] for event, at in past],
        "then": [[event.value, at] for event, at in then],
        "notes": notes,
        "follows_story": False,
    }


def shortage(checkout: Checkout, request: Request) -> bool:
    """Whether there is too little of what would have to be sent."""
    event = placing(request)
    wanted = Order(
        request.order.shop, 0, event["created"], BY_NAME[event["kind"]], event["seed"]
    )
    wanted.notes = event["notes"]
    return bool(checkout.shortages(wanted))
