"""The requests that follow from an order's own story, as the seed or a person behind
the stage tells it. A pure function of the story: it does not matter when it is asked.
"""

from collections.abc import Iterator
from typing import Any

from apps.simulator.world.aftersales import reasons, stages
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.aftersales.sending_back import arrangement, parcel
from apps.simulator.world.aftersales.side_stories import side_story
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import roll
from apps.simulator.world.units import cancel_reason, cancelled_by

Json = dict[str, Any]
_CANCELS = frozenset({
    Event.CANCEL_ASKED, Event.CANCELLED, Event.UNITS_CANCELLED, Event.REST_CANCELLED,
})  # fmt: skip
_PARTS = (Event.UNITS_CANCELLED, Event.REST_CANCELLED)
_SENT = (Event.PARTLY_SHIPPED, Event.SHIPPED)
_ASK_CANCEL = Step(stages.CANCEL_PENDING, stages.BUYER, "REQUEST_CANCEL")
_REFUSE_CANCEL = Step(stages.CANCEL_OFF, stages.SELLER, "REJECT_CANCEL")
_DONE = Step(stages.CANCEL_COMPLETE, stages.SYSTEM, "REFUND")
_ASK = Step(stages.PENDING, stages.BUYER, "REQUEST")
_AGREE_REFUND = Step(stages.SUCCESS, stages.SELLER, "APPROVE_REFUND")
_AGREE_RETURN = Step(stages.TO_SHIP, stages.SELLER, "APPROVE_RETURN")
_RECEIVE = Step(stages.SUCCESS, stages.SELLER, "RECEIVE")
_REFUND = Step(stages.COMPLETE, stages.SYSTEM, "REFUND")
_CLOSE = Step(stages.OFF, stages.SYSTEM, "TIMEOUT")


def requests_of(order: Order) -> Iterator[Request]:
    """Those of its whole story, also of what is still to come."""
    if not _CANCELS.isdisjoint(order.events):
        yield from _cancellations(order)
    if Event.RETURN_ASKED in order.events or Event.REFUNDED in order.events:
        yield _return(order)
    elif order.kind.name == "normal" and (story := side_story(order)):
        yield story


def _cancellations(order: Order) -> Iterator[Request]:
    number, asked = 0, 0
    is_natural = order.events is order.kind.events
    for place, (event, moment) in enumerate(
        zip(order.events, order.times, strict=True), start=1
    ):
        if event == Event.CANCEL_ASKED:
            asked = moment
            continue
        if event in (Event.CANCELLED, *_PARTS):
            story = _granted(order, event, asked, moment, is_natural=is_natural)
        elif asked and event in (Event.CANCEL_REFUSED, *_SENT):
            story = [(asked, _ASK_CANCEL), (moment, _REFUSE_CANCEL)]
        else:
            continue
        yield _cancellation(order, number, story, place, was_asked=bool(asked))
        number, asked = number + 1, 0
    if asked:
        yield _cancellation(order, number, [(asked, _ASK_CANCEL)], 0, was_asked=True)


def _granted(
    order: Order, event: Event, asked: int, moment: int, *, is_natural: bool
) -> list[tuple[int, Step]]:
    """What a person behind the stage cancels is paid back at once."""
    story = [(asked, _ASK_CANCEL)] if asked else []
    if is_natural and event == Event.CANCELLED and Event.PAID in order.events:
        by_itself = asked and moment - asked > stages.ANSWER_WITHIN
        role = stages.SYSTEM if by_itself else stages.SELLER
        if not asked:
            role = order.kind.cancelled_by
        story.append((moment, Step(stages.CANCEL_SUCCESS, role, "CANCEL")))
        moment += stages.REFUND_TAKES
    return [*story, (moment, _DONE)]


def _cancellation(
    order: Order, number: int, story: list[tuple[int, Step]], place: int, *,
    was_asked: bool,
) -> Request:  # fmt: skip
    type_ = stages.ASKED if was_asked else stages.DIRECT
    request = Request(order, stages.CANCEL, number, type_, story)
    request.place, request.grow = place, _cancellation_base
    return request


def _cancellation_base(request: Request) -> Json:
    order, place = request.order, request.place
    event = order.events[place - 1] if place else None
    past = order.events[: place or order.done]
    every = range(len(basket_of(order).units))
    singly = {unit: order.cancelled_unit(unit) for unit in every}
    if event in _PARTS:
        mine = {u: c for u, c in singly.items() if c and c["step"] == place}
        units = list(mine)
        first: Json = next(iter(mine.values()), {}) or {}
        by, text = first.get("by", stages.SYSTEM), first.get("reason", "")
    else:
        units = [unit for unit, cancelled in singly.items() if not cancelled]
        by, text = cancelled_by(order), cancel_reason(order)
    if request.type == stages.ASKED:
        by = stages.BUYER
        text = text if event in (Event.CANCELLED, *_PARTS) else "No longer needed"
    name = reasons.named(text, by)
    return {
        "units": units,
        "role": by,
        "reason": name,
        "reason_text": reasons.words(name),
        "with_shipping": event not in _PARTS,
        "is_paid": Event.PAID in past,  # cash on delivery is not, before it is there
        "replenishes": Event.SHIPPED not in past,
        "lively": True,
    }


def is_paid(order: Order) -> bool:
    """Cash on delivery is paid at the door."""
    return Event.PAID in order.moments() or (
        order.kind.is_cod and Event.DELIVERED in order.moments()
    )


def _return(order: Order) -> Request:
    at = dict(zip(order.events, order.times, strict=True))
    asked, paid = at.get(Event.RETURN_ASKED), at.get(Event.REFUNDED)
    delivered = at.get(Event.DELIVERED)
    was_there = delivered is not None and delivered <= (asked or paid or 0)
    type_ = stages.BACK if was_there else stages.REFUND
    if asked is None:
        story = [(paid or 0, _REFUND)]
    elif paid is None:
        story = [(asked, _ASK), *_ended(order, asked)]
    else:
        story = [(asked, _ASK), *_between(order, type_, asked, paid), (paid, _REFUND)]
    request = Request(order, stages.RETURN, 0, type_, story)
    request.grow = _return_base
    return request


def _ended(order: Order, asked: int) -> list[tuple[int, Step]]:
    """Told to end otherwise, the order takes the request with it."""
    last, moment = order.events[-1], order.times[-1]
    ends = last in (Event.COMPLETED, Event.CANCELLED) and moment >= asked
    return [(moment, _CLOSE)] if ends else []


def _between(order: Order, type_: str, asked: int, paid: int) -> list[tuple[int, Step]]:
    span = paid - asked
    if order.events is not order.kind.events:
        return []
    if type_ == stages.REFUND:
        return [(asked + span * 3 // 4, _AGREE_REFUND)]
    sent = Step(stages.SHIPPED, stages.BUYER, "SHIP", {"shipped": parcel(order)})
    return [
        (asked + span * 3 // 20, _AGREE_RETURN),
        (asked + span * 2 // 5, sent),
        (paid - stages.REFUND_TAKES, _RECEIVE),
    ]


def _return_base(request: Request) -> Json:
    order = request.order
    is_back = request.type == stages.BACK
    role = request.steps[0].role
    by = role if role == stages.BUYER else stages.SYSTEM
    status = "DELIVERED" if is_back else "IN_TRANSIT"
    usable = reasons.usable(stages.BUYER, request.type, status, "")
    reason = usable[roll("return reason", order.id) % len(usable)]
    every = range(len(basket_of(order).units))
    return {
        "units": [unit for unit in every if not order.cancelled_unit(unit)],
        "role": by,
        "reason": reason.name,
        "reason_text": reason.text,
        "with_shipping": True,
        "is_paid": True,
        "lively": True,
    } | (arrangement(order) if is_back else {})
