"""What can be asked for, and what would be paid back.

Source: Partner Center, "Get Aftersale Eligibility" and "Calculate Refund", 202309 and
202602. The key of the line items is spelled as there: `order_line_items_ids`.
"""

import json
from collections.abc import Sequence

from apps.simulator.tiktok.aftersales.cancellations import why_not_cancelled
from apps.simulator.tiktok.aftersales.codes import TEXTS, bad, refuse
from apps.simulator.tiktok.aftersales.finding import order_of
from apps.simulator.tiktok.aftersales.returns import why_not_returned
from apps.simulator.tiktok.aftersales.units import NAMED, check, named_units
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.aftersales import deeds, stages
from apps.simulator.world.aftersales.lines import refund_json
from apps.simulator.world.aftersales.money import Refund, basket_of, refunds_of, whole
from apps.simulator.world.aftersales.natural import is_paid
from apps.simulator.world.aftersales.reasons import REASONS, usable
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.orders import Order

_TYPES = ("CANCEL", stages.REFUND, stages.BACK)
_CALCULATE = {
    "order_id!": str,
    "request_type!": str,
    "reason_name!": str,
    "shipment_type": str,
    "handover_method": str,
    **NAMED,
}
_BUYER_CANCELS = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")


def eligibility(call: Call) -> Json:
    """GET /return_refund/{202309,202602}/orders/{order_id}/aftersale_eligibility"""
    order = order_of(call, call.ids["order_id"])
    role = call.query.get("initiate_aftersale_user") or stages.SELLER
    if role not in (stages.SELLER, stages.BUYER):
        raise bad("initiate_aftersale_user", "must be SELLER or BUYER.")
    requests = call.simulator.aftersales.of_order(order)
    units_of: dict[str, list[int]] = {}
    for number, unit in enumerate(basket_of(order).units):
        units_of.setdefault(unit.sku.id, []).append(number)
    rows = [
        {
            "sku_id": sku_id,
            "line_item_eligibility": [
                row
                for type_ in _wanted_types(call)
                for row in _rows(call, order, requests, role, type_, units)
            ],
        }
        for sku_id, units in units_of.items()
    ]
    return {"sku_eligibility": rows}


def _wanted_types(call: Call) -> list[str]:
    text = call.query.get("request_types", "") if call.version >= "202602" else ""
    if not text:
        return list(_TYPES)
    try:
        names = json.loads(text) if text.startswith("[") else text.split(",")
    except ValueError as error:
        raise bad("request_types", "must be a list.") from error
    if not all(name in _TYPES for name in names):
        raise bad("request_types", f"must be of {', '.join(_TYPES)}.")
    return list(names)


def _rows(
    call: Call,
    order: Order,
    requests: Sequence[Request],
    role: str,
    type_: str,
    units: list[int],
) -> list[Json]:
    """One for the units for which the answer is the same."""
    by_code: dict[int, list[int]] = {}
    general = _why_not(order, requests, role, type_)
    busy = deeds.taken(requests)
    for unit in units:
        code = general
        if order.cancelled_unit(unit):
            code = 25001051
        elif unit in busy:
            code = 25001011 if busy[unit].is_open else 25001010
        by_code.setdefault(code, []).append(unit)
    return [
        _row(call, order, role, type_, code, some) for code, some in by_code.items()
    ]


def _why_not(order: Order, requests: Sequence[Request], role: str, type_: str) -> int:
    if type_ != "CANCEL":
        return why_not_returned(order, requests, type_)
    obstacle = why_not_cancelled(order, requests)
    is_late = role == stages.BUYER and order.status not in _BUYER_CANCELS
    return obstacle or (25001003 if is_late else 0)


def _row(
    call: Call, order: Order, role: str, type_: str, code: int, units: list[int]
) -> Json:
    ids = [order.line_id(unit) for unit in units]
    row: Json = {
        "request_type": type_,
        "order_line_items_ids": ids,
        "eligible": not code,
    }
    if code:
        row |= {"ineligible_code": code, "ineligible_reason": TEXTS[code]}
    if call.version >= "202602":
        row["order_line_list"] = [{"order_line_item_id": line_id} for line_id in ids]
        region = order.shop.region.code
        names = [r.name for r in usable(role, type_, order.status, region)]
        if names and not code:
            row["available_reason_names"] = names
    return row


def calculate(call: Call) -> Json:
    """POST /return_refund/{202309,202602}/refunds/calculate"""
    body = call.body
    check(body, _CALCULATE)
    if body["request_type"] not in _TYPES:
        raise bad("request_type", f"must be one of {', '.join(_TYPES)}.")
    order = order_of(call, body["order_id"])
    reason = REASONS.get(body["reason_name"])
    if reason is None or body["request_type"] not in reason.requests:
        raise bad("reason_name", "is no reason for that.")
    requests = call.simulator.aftersales.of_order(order)
    units = named_units(call, order, deeds.free_units(order, requests))
    if set(units) & set(deeds.taken(requests)):
        raise refuse(25001001, "These items are in another request.")
    with_shipping = deeds.takes_shipping(order, requests, units)
    refund = whole(refunds_of(order, units, with_shipping=with_shipping).values())
    refund = refund if is_paid(order) else Refund()
    return {"order_refund_amount": refund_json(order.shop.region, refund)}
