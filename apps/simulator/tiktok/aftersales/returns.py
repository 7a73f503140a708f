"""Refunds and returns that a seller starts, and the records of any.

Source: Partner Center, "Create Return" 202309 and 202602, "Get Return Records" 202309.
"""

from collections.abc import Sequence

from apps.simulator.tiktok.aftersales.amounts import amount_of
from apps.simulator.tiktok.aftersales.codes import bad, refuse
from apps.simulator.tiktok.aftersales.finding import order_of, request_of
from apps.simulator.tiktok.aftersales.giving_reasons import check_reason
from apps.simulator.tiktok.aftersales.once import once
from apps.simulator.tiktok.aftersales.units import NAMED, check, named_units
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.aftersales import deeds, stages
from apps.simulator.world.aftersales.natural import is_paid
from apps.simulator.world.aftersales.records import render_records
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.aftersales.sending_back import (
    HANDOVER_METHODS,
    SHIPMENT_TYPES,
    arrangement,
)
from apps.simulator.world.orders import Order

_CREATE = {
    "order_id!": str,
    "return_reason!": str,
    "return_type!": str,
    "refund_total": str,
    "currency": str,
    "shipment_type": str,
    "handover_method": str,
    **NAMED,
}
# In which statuses of an order what can be asked for.
POSSIBLE = {
    stages.REFUND: ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED"),
    stages.BACK: ("DELIVERED",),
    stages.REPLACEMENT: ("DELIVERED",),
    stages.EXCHANGE: ("DELIVERED",),
}
_OVER = ("COMPLETED", "CANCELLED")


def create(call: Call) -> Json:
    """POST /return_refund/{202309,202602}/returns"""
    return once(call, _create)


def _create(call: Call) -> Json:
    body = call.body
    check(body, _CREATE)
    type_ = body["return_type"]
    if type_ not in (stages.REFUND, stages.BACK):
        raise bad("return_type", "must be REFUND or RETURN_AND_REFUND.")
    order = order_of(call, body["order_id"])
    requests = call.simulator.aftersales.of_order(order)
    if obstacle := why_not_returned(order, requests, type_):
        raise refuse(obstacle)
    units = named_units(call, order, deeds.free_units(order, requests))
    check_units(order, requests, units)
    check_reason(body["return_reason"], order, type_)
    more = _arrangement(call, order, type_) | _part(call, order, requests, units)
    wish = deeds.Wish(tuple(units), stages.SELLER, body["return_reason"], more)
    now = call.simulator.world.now
    request = deeds.give_back(order, requests, type_, wish, now)
    call.simulator.settle(order, request)
    return {
        "return_id": str(request.id),
        "return_status": stages.APPROVED_AS[type_],
    }


def why_not_returned(order: Order, requests: Sequence[Request], type_: str) -> int:
    """The code of what stands in the way; 0 for nothing."""
    if order.status in _OVER:
        return 25001051
    if order.status not in POSSIBLE[type_] or not is_paid(order):
        return 25001003
    if not deeds.free_units(order, requests):
        return 25001011 if any(request.is_open for request in requests) else 25001010
    return 0


def check_units(order: Order, requests: Sequence[Request], units: list[int]) -> None:
    busy = deeds.taken(requests)
    for unit in units:
        if order.cancelled_unit(unit):
            raise refuse(25001010)
        if unit in busy:
            raise refuse(25001011 if busy[unit].is_open else 25001010)


def _arrangement(call: Call, order: Order, type_: str) -> Json:
    shipment = call.body.get("shipment_type") or ""
    handover = call.body.get("handover_method") or ""
    if shipment not in ("", *SHIPMENT_TYPES):
        raise bad("shipment_type", f"must be one of {', '.join(SHIPMENT_TYPES)}.")
    if handover not in ("", *HANDOVER_METHODS):
        raise bad("handover_method", f"must be one of {', '.join(HANDOVER_METHODS)}.")
    if type_ == stages.REFUND:
        return {}
    return arrangement(order, shipment or "PLATFORM", handover)


def _part(
    call: Call, order: Order, requests: Sequence[Request], units: list[int]
) -> Json:
    """`amount`, where not all is to be paid back."""
    if (total := call.body.get("refund_total")) is None:
        return {}
    most = deeds.refundable(order, requests, units)
    amount = amount_of(call, "refund_total", total, call.body.get("currency"), most)
    return {"amount": amount} if amount < most else {}


def records(call: Call) -> Json:
    """GET /return_refund/202309/returns/{return_id}/records"""
    request = request_of(call, call.ids["return_id"], stages.RETURN)
    return {"records": render_records(request)}
