"""Control: buyers who want to cancel or to send back, and what they do next."""

from collections.abc import Sequence

from apps.simulator.control.fields import ControlError, Fields, Json
from apps.simulator.control.orders import known_order, show_order
from apps.simulator.state import Simulator
from apps.simulator.tiktok.aftersales.returns import POSSIBLE
from apps.simulator.world.aftersales import deeds, reasons, stages
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.natural import is_paid
from apps.simulator.world.aftersales.rendering import (
    as_story,
    render_cancellation,
    render_return,
)
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.aftersales.sending_back import (
    SHIPMENT_TYPES,
    arrangement,
    parcel,
)
from apps.simulator.world.orders import Order

_RESULTS = ("IN_PROGRESS", "SUPPORT_BUYER", "SUPPORT_SELLER", "CLOSED")
_BUYER_CANCELS = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")


def list_requests(simulator: Simulator, fields: Fields) -> list[Json]:
    """Cancellations and returns, latest first: ?shop_id=, ?status=, ?limit=50."""
    shop_id = fields.take("shop_id", str, "")
    status = fields.take("status", str, "")
    limit = fields.take("limit", int, 50)
    fields.done()
    found = [
        request
        for one in simulator.world.shops
        if shop_id in ("", one)
        for family in (stages.CANCEL, stages.RETURN)
        for request in simulator.aftersales.rack(one, family).by_update
        if status in ("", request.status)
    ]
    found.sort(key=lambda request: request.updated, reverse=True)
    return [_summary(simulator, request) for request in found[:limit]]


def list_of_order(simulator: Simulator, fields: Fields, order_id: str) -> list[Json]:
    """An order's cancellations and returns, the oldest first, with what is to come."""
    fields.done()
    order = known_order(simulator, order_id)
    found = simulator.aftersales.of_order(order)
    return [_shown(simulator, request) for request in found]


def show_request(simulator: Simulator, fields: Fields, request_id: str) -> Json:
    """One of them: as the API shows it, and its story with what is to come."""
    fields.done()
    return _shown(simulator, _known(simulator, request_id))


def _summary(simulator: Simulator, request: Request) -> Json:
    return {
        "id": str(request.id),
        "order_id": str(request.order.id),
        "shop_id": request.order.shop.id,
        "type": request.type,
        "status": simulator.spell(request.status),
        "create_time": request.created,
        "update_time": request.updated,
    }


def _shown(simulator: Simulator, request: Request) -> Json:
    if request.family == stages.CANCEL:
        json = render_cancellation(request, simulator.spell, is_newer=True)
    else:
        others = simulator.aftersales.of_order(request.order)
        json = render_return(request, others, is_newer=True)
    story = as_story(request, simulator.spell)
    return _summary(simulator, request) | story | {"request": json}


def _known(simulator: Simulator, request_id: str) -> Request:
    request = simulator.aftersales.find(request_id)
    if request is None:
        raise ControlError("No such request. GET /control/aftersales.", http=404)
    return request


def request_cancel(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer asks to cancel; the seller has not answered: reason (a name), units
    (ids of line items, default all). Before an order is released, it is cancelled at
    once."""
    order = known_order(simulator, order_id)
    units = _units(simulator, fields, order)
    names = [
        reason.name
        for reason in reasons.usable(stages.BUYER, "CANCEL", order.status, "")
    ]
    reason = fields.choice("reason", tuple(reasons.REASONS), (names or [""])[0])
    fields.done()
    is_part = len(units) < len(basket_of(order).units)
    possible = _BUYER_CANCELS[1:] if is_part else _BUYER_CANCELS
    if order.status not in possible:
        raise ControlError(
            f"An order in {order.status} does not allow this, but one in "
            f"{', '.join(possible)}.",
            http=409,
        )
    wish = deeds.Wish(units, stages.BUYER, reason)
    requests = simulator.aftersales.of_order(order)
    request = deeds.ask_to_cancel(order, requests, wish, simulator.world.now)
    simulator.settle(order, request)
    return show_order(simulator, Fields({}), order_id)


def refuse_cancel(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer's wish to cancel is refused."""
    order = known_order(simulator, order_id)
    fields.done()
    found = [
        request
        for request in simulator.aftersales.of_order(order)
        if request.status == stages.CANCEL_PENDING
    ]
    if not found:
        raise ControlError("The buyer has not asked to cancel this order.", http=409)
    step = Step(stages.CANCEL_OFF, stages.SELLER, "REJECT_CANCEL")
    found[0].tell(simulator.world.now, step)
    simulator.settle(order, found[0])
    return show_order(simulator, Fields({}), order_id)


def request_return(simulator: Simulator, fields: Fields, order_id: str) -> Json:
    """The buyer wants money or goods: kind REFUND (default), RETURN_AND_REFUND,
    REPLACEMENT or EXCHANGE; reason (a name), units (ids of line items, default all);
    shipment_type PLATFORM or BUYER_ARRANGE; quick true for a quick refund."""
    order = known_order(simulator, order_id)
    kind = fields.choice("kind", tuple(stages.FIRST), stages.REFUND)
    units = _units(simulator, fields, order)
    usable = reasons.usable(stages.BUYER, kind, order.status, "")
    names = tuple(reason.name for reason in usable)
    if order.status not in POSSIBLE[kind]:
        possible = ", ".join(POSSIBLE[kind])
        raise ControlError(
            f"{kind} needs an order in {possible}, not {order.status}.", http=409
        )
    if not is_paid(order):
        raise ControlError("Nothing was paid for this order.", http=409)
    reason = fields.choice("reason", names, names[0])
    shipment = fields.choice("shipment_type", ("", *SHIPMENT_TYPES), "")
    more: Json = {"quick": True} if fields.flag("quick") else {}
    fields.done()
    if kind != stages.REFUND:
        more |= arrangement(order, shipment)
    wish = deeds.Wish(units, stages.BUYER, reason, more)
    requests = simulator.aftersales.of_order(order)
    request = deeds.ask_to_return(order, requests, kind, wish, simulator.world.now)
    return _settled(simulator, request)


def _units(simulator: Simulator, fields: Fields, order: Order) -> tuple[int, ...]:
    ids = fields.take("units", list, [])
    numbers = {order.line_id(n): n for n in range(len(basket_of(order).units))}
    if unknown := [str(one) for one in ids if one not in numbers]:
        raise ControlError(f"The order has no line item {unknown[0]}.", http=404)
    free = deeds.free_units(order, simulator.aftersales.of_order(order))
    wanted = sorted(numbers[one] for one in ids) if ids else free
    if not wanted or not set(wanted) <= set(free):
        raise ControlError("Another request is about these units.", http=409)
    return tuple(wanted)


def ship(simulator: Simulator, fields: Fields, request_id: str) -> Json:
    """The buyer sends the goods back: tracking_number, provider (both as they come)."""
    number = fields.take("tracking_number", str, "")
    provider = fields.take("provider", str, "")
    fields.done()
    request = _in(simulator, request_id, (stages.TO_SHIP,))
    sent = parcel(request.order, number, provider)
    deeds.ship_back(request, simulator.world.now, sent)
    return _settled(simulator, request)


def answer_offer(simulator: Simulator, fields: Fields, request_id: str) -> Json:
    """The buyer accepts a part that was offered (accept, default true) or does not."""
    accepts = fields.flag("accept", default=True)
    fields.done()
    request = _in(simulator, request_id, (stages.OFFERED,))
    deeds.answer_offer(request, simulator.world.now, accepts=accepts)
    return _settled(simulator, request)


def withdraw(simulator: Simulator, fields: Fields, request_id: str) -> Json:
    """The buyer takes a request back that is not granted yet."""
    fields.done()
    waiting = (
        *(stages.CANCEL_PENDING, stages.TO_SHIP, stages.OFFERED),
        *stages.WAITING,
        *stages.REFUSALS,
    )
    request = _in(simulator, request_id, waiting)
    deeds.withdraw(request, simulator.world.now)
    return _settled(simulator, request)


def arbitrate(simulator: Simulator, fields: Fields, request_id: str) -> Json:
    """After a refusal: result IN_PROGRESS (the buyer asks the platform), SUPPORT_BUYER,
    SUPPORT_SELLER or CLOSED."""
    result = fields.choice("result", _RESULTS, "IN_PROGRESS")
    fields.done()
    request = _in(simulator, request_id, tuple(stages.REFUSALS))
    if result == "IN_PROGRESS":
        deeds.dispute(request, simulator.world.now)
    else:
        deeds.arbitrate(request, simulator.world.now, result)
    return _settled(simulator, request)


def _in(simulator: Simulator, request_id: str, possible: Sequence[str]) -> Request:
    request = _known(simulator, request_id)
    if request.status not in possible:
        raise ControlError(
            f"A request in {request.status} does not allow this, but one in "
            f"{', '.join(sorted(possible))}.",
            http=409,
        )
    return request


def _settled(simulator: Simulator, request: Request) -> Json:
    simulator.settle(request.order, request)
    return show_request(simulator, Fields({}), str(request.id))
