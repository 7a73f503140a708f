"""What happens to some delivered orders without changing them: parts come back, sellers
refuse, buyers think better of it. It ends before the order is completed."""

from collections.abc import Callable
from typing import Any

from apps.simulator.world.aftersales import reasons, stages
from apps.simulator.world.aftersales.money import basket_of, refunds_of, whole
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.aftersales.sending_back import arrangement, parcel
from apps.simulator.world.lifecycle import Event, schedule
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import next_roll

Json = dict[str, Any]
Chapters = list[tuple[float, Step]]  # share of the time from delivery to completion
_IN_A_THOUSAND = 45
BUYER, SELLER, SYSTEM = stages.BUYER, stages.SELLER, stages.SYSTEM
_ASKED = (0.12, Step(stages.PENDING, BUYER, "REQUEST"))
_AGREED = (0.2, Step(stages.TO_SHIP, SELLER, "APPROVE_RETURN"))
_AGREEMENT = {"reject_reason": "seller_reject_apply_product_is_as_described"}
_REFUSED = (0.22, Step(stages.REJECTED, SELLER, "REJECT_REFUND", _AGREEMENT))
_WITHDRAWN = Step(stages.OFF, BUYER, "CANCEL")


def side_story(order: Order) -> Request | None:
    chance = next_roll(order.seed ^ 0x5DEECE66D) >> 33
    if chance % 1000 >= _IN_A_THOUSAND or "lines" in (order.notes or {}):
        return None
    kind = order.kind
    times = order.times
    if order.events is not kind.events:
        times = schedule(kind, order.created, order.seed)
    place = kind.events.index(Event.DELIVERED)
    until = place + 1
    told = order.events[:until], order.times[:until]
    if told != (kind.events[:until], times[:until]):
        return None
    type_, chapters = _STORIES[chance // 1000 % len(_STORIES)](order)
    begin, end = times[place], times[-1]
    story = [(begin + int(share * (end - begin)), step) for share, step in chapters]
    request = Request(order, stages.RETURN, 0, type_, story)
    request.grow = _base
    return request


def _base(request: Request) -> Json:
    order = request.order
    usable = reasons.usable(BUYER, request.type, "DELIVERED", "")
    reason = usable[order.seed % len(usable)]
    is_back = request.type == stages.BACK
    return {
        "units": _units(order),
        "role": BUYER,
        "reason": reason.name,
        "reason_text": reason.text,
        "with_shipping": len(basket_of(order).units) == 1,
        "is_paid": True,
        "lively": True,
    } | (arrangement(order) if is_back else {})


def _units(order: Order) -> list[int]:
    return [order.seed % len(basket_of(order).units)]


def _one_of_several(order: Order) -> tuple[str, Chapters]:
    """The only unit of an order would take the order with it."""
    if len(basket_of(order).units) < 2:
        return _refused(order)
    sent = Step(stages.SHIPPED, BUYER, "SHIP", {"shipped": parcel(order)})
    return stages.BACK, [
        _ASKED,
        _AGREED,
        (0.4, sent),
        (0.8, Step(stages.SUCCESS, SELLER, "RECEIVE")),
        (0.81, Step(stages.COMPLETE, SYSTEM, "REFUND")),
    ]


def _refused(order: Order) -> tuple[str, Chapters]:
    return stages.REFUND, [_ASKED, _REFUSED, (0.9, _WITHDRAWN)]


def _withdrawn(order: Order) -> tuple[str, Chapters]:
    return stages.BACK, [_ASKED, (0.2, _WITHDRAWN)]


def _partly_paid_back(order: Order) -> tuple[str, Chapters]:
    refunds = refunds_of(order, _units(order), with_shipping=False)
    step = order.shop.region.step
    amount = max(whole(refunds.values()).total // 3 // step * step, step)
    amount = min(amount, whole(refunds.values()).total)
    return stages.REFUND, [
        _ASKED,
        (0.2, Step(stages.OFFERED, SELLER, "OFFER_PARTIAL_REFUND", {"offer": amount})),
        (0.3, Step(stages.SUCCESS, BUYER, "ACCEPT_PARTIAL_REFUND", {"amount": amount})),
        (0.31, Step(stages.COMPLETE, SYSTEM, "REFUND")),
    ]


def _never_sent(order: Order) -> tuple[str, Chapters]:
    off = Step(stages.OFF, SYSTEM, "TIMEOUT")
    return stages.BACK, [_ASKED, _AGREED, (0.95, off)]


def _disputed(order: Order) -> tuple[str, Chapters]:
    running, decided = {"arbitration": "IN_PROGRESS"}, {"arbitration": "SUPPORT_SELLER"}
    return stages.REFUND, [
        _ASKED,
        _REFUSED,
        (0.3, Step(stages.REJECTED, BUYER, "ARBITRATE", running)),
        (0.7, Step(stages.OFF, "OPERATOR", "ARBITRATION_SUPPORTS_SELLER", decided)),
    ]


def _refunded_instead(order: Order) -> tuple[str, Chapters]:
    """A replacement that the seller pays back instead."""
    if len(basket_of(order).units) < 2:
        return _disputed(order)
    return stages.REPLACEMENT, [
        (0.12, Step(stages.REPLACEMENT_PENDING, BUYER, "REQUEST")),
        (0.22, Step(stages.REPLACEMENT_REFUNDED, SELLER, "ISSUE_REPLACEMENT_REFUND")),
    ]


_STORIES: tuple[Callable[[Order], tuple[str, Chapters]], ...] = (
    _one_of_several, _one_of_several, _refused, _withdrawn, _partly_paid_back,
    _never_sent, _disputed, _refunded_instead,
)  # fmt: skip
