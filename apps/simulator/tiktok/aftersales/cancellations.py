"""Cancelling an order as its seller, and answering buyers who want to.

Source: Partner Center, "Cancel Order" 202309 and 202602, "Approve Cancellation" and
"Reject Cancellation" 202309.
"""

from collections.abc import Sequence

from apps.simulator.tiktok.aftersales.codes import refuse
from apps.simulator.tiktok.aftersales.evidence import EVIDENCE, evidence
from apps.simulator.tiktok.aftersales.finding import order_of, request_of
from apps.simulator.tiktok.aftersales.giving_reasons import (
    check_reason,
    check_reject_reason,
)
from apps.simulator.tiktok.aftersales.once import once
from apps.simulator.tiktok.aftersales.units import NAMED, check, named_units
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.aftersales import deeds, stages
from apps.simulator.world.aftersales.reasons import OUT_OF_STOCK
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.orders import Order

_CANCEL = {"order_id!": str, "cancel_reason!": str, **NAMED}
_REJECT = {"reject_reason!": str, **EVIDENCE}
_UNSHIPPED = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
_HALF_SHIPPED = ("PARTIALLY_SHIPPING", "AWAITING_COLLECTION")  # in the US
_OVER = ("COMPLETED", "CANCELLED")
_SINGLY_IN = ("US", "GB")


def cancel_order(call: Call) -> Json:
    """POST /return_refund/{202309,202602}/cancellations: the whole order, or items of
    it that are out of stock."""
    check(call.body, _CANCEL)
    order = order_of(call, call.body["order_id"])
    requests = call.simulator.aftersales.of_order(order)
    if obstacle := why_not_cancelled(order, requests):
        raise refuse(obstacle)
    free = deeds.free_units(order, requests)
    units = named_units(call, order, free)
    _check_units(order, requests, units)
    reason = call.body["cancel_reason"]
    check_reason(reason, order, "CANCEL")
    is_part = set(units) != set(free)
    if is_part and not may_cancel_singly(order, reason):
        raise refuse(25005010)
    wish = deeds.Wish(tuple(units), stages.SELLER, reason)
    request = deeds.cancel(order, requests, wish, call.simulator.world.now)
    call.simulator.settle(order, request)
    made = call.simulator.aftersales.find(str(request.id))
    status = made.status if made else stages.CANCEL_SUCCESS
    return {"cancel_id": str(request.id), "cancel_status": status}


def may_cancel_singly(order: Order, reason: str) -> bool:
    """Of what is paid for: an unpaid order is paid as a whole or not at all."""
    is_allowed = order.shop.region.code in _SINGLY_IN and reason in OUT_OF_STOCK
    return is_allowed and order.status != "UNPAID"


def why_not_cancelled(order: Order, requests: Sequence[Request]) -> int:
    """The code of what stands in the way; 0 for nothing."""
    if order.status in _OVER:
        return 25001051
    if any(r.is_open and r.status not in stages.GRANTED for r in requests):
        return 25001011
    is_american = order.shop.region.code == "US"
    possible = (*_UNSHIPPED, *(_HALF_SHIPPED if is_american else ()))
    return 0 if order.status in possible else 25001045


def _check_units(order: Order, requests: Sequence[Request], units: list[int]) -> None:
    busy = deeds.taken(requests)
    for unit in units:
        if order.cancelled_unit(unit):
            raise refuse(25001051)
        if unit in busy:
            raise refuse(25001011)


def approve(call: Call) -> Json:
    """POST /return_refund/202309/cancellations/{cancel_id}/approve"""
    return once(call, _approve)


def _approve(call: Call) -> Json:
    request = _asked(call)
    if request.status == stages.CANCEL_OFF:
        raise refuse(25020009)
    if request.status != stages.CANCEL_PENDING:
        raise refuse(25011012)
    return _answer(call, request, stages.CANCEL_SUCCESS, "APPROVE_CANCEL", {})


def reject(call: Call) -> Json:
    """POST /return_refund/202309/cancellations/{cancel_id}/reject"""
    return once(call, _reject)


def _reject(call: Call) -> Json:
    check(call.body, _REJECT)
    request = _asked(call)
    if request.status == stages.CANCEL_OFF:
        raise refuse(25011011)
    if request.status != stages.CANCEL_PENDING:
        raise refuse(25020010)
    check_reject_reason(call.body["reject_reason"], request)
    facts = {"reject_reason": call.body["reject_reason"], **evidence(call)}
    return _answer(call, request, stages.CANCEL_OFF, "REJECT_CANCEL", facts)


def _asked(call: Call) -> Request:
    """A buyer's wish; what a seller has cancelled, nobody has to answer."""
    request = request_of(call, call.ids["cancel_id"], stages.CANCEL)
    if request.type != stages.ASKED:
        raise refuse(25020004)
    return request


def _answer(call: Call, request: Request, status: str, event: str, facts: Json) -> Json:
    step = Step(status, stages.SELLER, event, facts)
    request.tell(call.simulator.world.now, step)
    call.simulator.settle(request.order, request)
    return {}
