"""What buyers, sellers and the platform do to requests. Whether they may is for the
caller to see; what follows for the order is the desk's to work out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.world.aftersales import reasons, stages
from apps.simulator.world.aftersales.money import basket_of, refunds_of, whole
from apps.simulator.world.aftersales.natural import is_paid
from apps.simulator.world.aftersales.requests import Request, Step, going_on
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order

Json = dict[str, Any]
_EFFECTIVE = stages.GRANTED | stages.REFUNDED


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: units by number, and why; `more` is what is special."""

    units: tuple[int, ...]
    role: str
    reason: str  # a name
    more: Json = field(default_factory=dict)


def taken(requests: Iterable[Request]) -> dict[int, Request]:
    """Units that a request is about which runs or has come to something."""
    return {
        unit: request
        for request in requests
        if request.status not in stages.CLOSED
        for unit in request.base["units"]
    }


def free_units(order: Order, requests: Iterable[Request]) -> list[int]:
    """Units nobody has asked anything for."""
    busy = taken(requests)
    every = range(len(basket_of(order).units))
    return [u for u in every if u not in busy and not order.cancelled_unit(u)]


def takes_shipping(
    order: Order, requests: Sequence[Request], units: Sequence[int]
) -> bool:
    """What was paid for shipping goes back with the last units, once."""
    live = [r for r in requests if r.status not in stages.CLOSED]
    if any(request.base["with_shipping"] for request in live):
        return False
    gone = set(taken(live)) | set(units)
    return len(gone) == len(basket_of(order).units)


def refundable(order: Order, requests: Sequence[Request], units: Sequence[int]) -> int:
    """What can be paid back for units, in the smallest unit of the currency."""
    with_shipping = takes_shipping(order, requests, units)
    return whole(refunds_of(order, units, with_shipping=with_shipping).values()).total


def opened(
    order: Order,
    requests: Sequence[Request],
    family: str,
    type_: str,
    wish: Wish,
    step: Step,
    moment: int,
) -> Request:
    """A new request that begins with `step`."""
    numbers = [r.number for r in requests if r.family == family]
    base = {
        "units": list(wish.units),
        "role": wish.role,
        "reason": wish.reason,
        "reason_text": reasons.words(wish.reason),
        "with_shipping": takes_shipping(order, requests, wish.units),
        "is_paid": is_paid(order),
    }
    if family == stages.CANCEL:
        base["replenishes"] = Event.SHIPPED not in order.moments()
    base |= wish.more
    first = moment, step
    story = [first, *going_on(order, type_, first, base | dict(step.facts))]
    number = max(numbers, default=-1) + 1
    return Request(order, family, number, type_, story, base)


def ask_to_cancel(
    order: Order, requests: Sequence[Request], wish: Wish, now: int
) -> Request:
    """A buyer's wish; before the order is released it needs nobody's consent."""
    if order.status in ("UNPAID", "ON_HOLD"):
        return cancel(order, requests, wish, now)
    step = Step(stages.CANCEL_PENDING, stages.BUYER, "REQUEST_CANCEL")
    return opened(order, requests, stages.CANCEL, stages.ASKED, wish, step, now)


def cancel(order: Order, requests: Sequence[Request], wish: Wish, now: int) -> Request:
    step = Step(stages.CANCEL_SUCCESS, wish.role, "CANCEL")
    return opened(order, requests, stages.CANCEL, stages.DIRECT, wish, step, now)


def ask_to_return(
    order: Order, requests: Sequence[Request], type_: str, wish: Wish, now: int
) -> Request:
    """A buyer's wish to be paid back, with or without sending anything back; it knows
    of the last one that came to nothing."""
    step = Step(stages.FIRST[type_], stages.BUYER, "REQUEST")
    return _after_others(order, requests, type_, wish, step, now)


def give_back(
    order: Order, requests: Sequence[Request], type_: str, wish: Wish, now: int
) -> Request:
    """The seller's own: nobody has to agree."""
    step = Step(stages.APPROVED_AS[type_], stages.SELLER, "INITIATE")
    return _after_others(order, requests, type_, wish, step, now)


def _after_others(
    order: Order,
    requests: Sequence[Request],
    type_: str,
    wish: Wish,
    step: Step,
    now: int,
) -> Request:
    request = opened(order, requests, stages.RETURN, type_, wish, step, now)
    before = previous(request, requests)
    if before:
        request.base["previous"] = str(before.id)
    return request


def previous(request: Request, requests: Iterable[Request]) -> Request | None:
    """The last request for the same units that came to nothing."""
    units = set(request.base["units"])
    found = [
        other
        for other in requests
        if other.family == request.family
        and other.number < request.number
        and other.status in stages.CLOSED
        and units & set(other.base["units"])
    ]
    return found[-1] if found else None


def ship_back(request: Request, now: int, parcel: Json) -> None:
    step = Step(stages.SHIPPED, stages.BUYER, "SHIP", {"shipped": parcel})
    request.tell(now, step)


def answer_offer(request: Request, now: int, *, accepts: bool) -> None:
    facts = request.facts
    if accepts:
        news = {"amount": facts["offer"]}
        step = Step(stages.SUCCESS, stages.BUYER, "ACCEPT_PARTIAL_REFUND", news)
    else:
        status = stages.SHIPPED if "shipped" in facts else stages.PENDING
        news = {"offer_refused": True}
        step = Step(status, stages.BUYER, "REJECT_PARTIAL_REFUND", news)
    request.tell(now, step)


def withdraw(request: Request, now: int) -> None:
    request.tell(now, Step(stages.OFF_AS[request.type], stages.BUYER, "CANCEL"))


def dispute(request: Request, now: int) -> None:
    facts = {"arbitration": "IN_PROGRESS"}
    request.tell(now, Step(request.status, stages.BUYER, "ARBITRATE", facts))


def arbitrate(request: Request, now: int, result: str) -> None:
    """SUPPORT_BUYER gives the buyer what was asked for, all else closes the request."""
    facts = {"arbitration": result}
    if result == "SUPPORT_BUYER":
        is_received = request.status == stages.PARCEL_REFUSED
        status = stages.SUCCESS if is_received else stages.APPROVED_AS[request.type]
        event = "ARBITRATION_SUPPORTS_BUYER"
    else:
        status, event = stages.OFF_AS[request.type], "ARBITRATION_CLOSED"
        if result == "SUPPORT_SELLER":
            event = "ARBITRATION_SUPPORTS_SELLER"
    request.tell(now, Step(status, "OPERATOR", event, facts))
