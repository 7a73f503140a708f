"""Requests that somebody has dealt with, after their order went its own way: the
platform cancelled it, or a person behind the stage moved it on."""

from typing import Any

from apps.simulator.world.aftersales import deeds, reasons, stages
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.units import cancel_reason, cancelled_by

Json = dict[str, Any]
_SENT = (Event.PARTLY_SHIPPED, Event.SHIPPED)
_PAYING = stages.REFUNDED | {stages.SUCCESS}


def mended(order: Order, requests: list[Request]) -> list[Request]:
    """The requests that have to change, or to be made, so that they agree with it."""
    changed = _cancellations(order, requests)
    if order.status == "CANCELLED":
        changed += _closed(order, requests)
    if Event.REFUNDED in order.moments():
        changed += _refunds(order, requests)
    return changed


def _cancellations(order: Order, requests: list[Request]) -> list[Request]:
    asked = [r for r in requests if r.family == stages.CANCEL and r.is_open]
    asked = [r for r in asked if r.status == stages.CANCEL_PENDING]
    granted = {
        unit
        for request in requests
        if request.family == stages.CANCEL and request.status in stages.GRANTED
        for unit in request.base["units"]
    }
    gone = _gone(order)
    missing = [unit for unit in gone if unit not in granted]
    if missing and asked:
        done = Step(stages.CANCEL_COMPLETE, stages.SYSTEM, "REFUND")
        asked[0].tell(_moment(order, gone[missing[0]]), done)
        missing = [unit for unit in missing if unit not in asked[0].base["units"]]
        direct = (
            [_direct(order, requests, missing, gone[missing[0]])] if missing else []
        )
        return [asked[0], *direct]
    if missing:
        return [_direct(order, requests, missing, gone[missing[0]])]
    past = order.events[: order.done]
    if asked and not order.asks_to_cancel and any(event in past for event in _SENT):
        off = Step(stages.CANCEL_OFF, stages.SELLER, "REJECT_CANCEL")
        asked[0].tell(order.updated, off)
        return asked[:1]
    return []


def _gone(order: Order) -> dict[int, Json]:
    """Units that are cancelled, with how."""
    singly = {
        unit: note
        for unit in range(len(basket_of(order).units))
        if (note := order.cancelled_unit(unit))
    }
    if order.status != "CANCELLED":
        return singly
    all_at_once: Json = {"by": cancelled_by(order), "reason": cancel_reason(order)}
    all_at_once["at"] = order.moments()[Event.CANCELLED]
    every = range(len(basket_of(order).units))
    return {unit: singly.get(unit, all_at_once) for unit in every}


def _moment(order: Order, note: Json) -> int:
    return int(note.get("at") or order.updated)


def _direct(
    order: Order, requests: list[Request], units: list[int], note: Json
) -> Request:
    reason = reasons.named(note["reason"], note["by"])
    paid = {u: sum_ for u, sum_ in _paid_before(requests).items() if int(u) in units}
    more: Json = {"paid_before": paid} if paid else {}
    wish = deeds.Wish(tuple(units), note["by"], reason, more)
    done = Step(stages.CANCEL_COMPLETE, note["by"], "CANCEL")
    moment = _moment(order, note)
    return deeds.opened(
        order, requests, stages.CANCEL, stages.DIRECT, wish, done, moment
    )


def _paid_before(requests: list[Request]) -> dict[str, int]:
    """What returns have brought or are about to bring the buyer, by unit."""
    return {
        str(unit): refund.total
        for request in requests
        if request.family == stages.RETURN and request.status in _PAYING
        for unit, refund in refunds_now(request).items()
    }


def _closed(order: Order, requests: list[Request]) -> list[Request]:
    """Nothing is to be returned of an order that was cancelled on its way."""
    open_ones = [
        request
        for request in requests
        if request.family == stages.RETURN
        and request.is_open
        and request.status not in _PAYING
    ]
    for request in open_ones:
        off = Step(stages.OFF_AS[request.type], stages.SYSTEM, "TIMEOUT")
        request.tell(order.moments()[Event.CANCELLED], off)
    return open_ones


def _refunds(order: Order, requests: list[Request]) -> list[Request]:
    """All is paid back: what is open ends with that, the rest gets a request."""
    moment = order.moments()[Event.REFUNDED]
    changed, covered = [], set(_gone(order))
    for request in requests:
        if request.family != stages.RETURN or request.status in stages.CLOSED:
            continue
        covered |= set(request.base["units"])
        if request.is_open:
            status = stages.PAID_BACK_AS[request.type]
            request.tell(moment, Step(status, stages.SYSTEM, "REFUND"))
            changed.append(request)
    left = [u for u in range(len(basket_of(order).units)) if u not in covered]
    if left and not changed and not _is_told(requests):
        usable = reasons.usable(stages.BUYER, stages.REFUND, "IN_TRANSIT", "")
        wish = deeds.Wish(tuple(left), stages.SYSTEM, usable[0].name)
        step = Step(stages.COMPLETE, stages.SYSTEM, "REFUND")
        changed.append(
            deeds.opened(
                order, requests, stages.RETURN, stages.REFUND, wish, step, moment
            )
        )
    return changed


def _is_told(requests: list[Request]) -> bool:
    return any(request.status in stages.REFUNDED for request in requests)
