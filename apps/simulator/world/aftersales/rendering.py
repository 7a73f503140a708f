"""Requests as the platform's JSON, as of now. What has no value is left out."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.simulator.world.aftersales import reasons, stages
from apps.simulator.world.aftersales.lines import refund_json, render_lines
from apps.simulator.world.aftersales.money import basket_of, whole
from apps.simulator.world.aftersales.news import Spell
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.aftersales.stages import Situation
from apps.simulator.world.basket import Basket
from apps.simulator.world.regions import Region, amount
from apps.simulator.world.warehouses import warehouses

Json = dict[str, Any]
_APPROVED = frozenset({
    stages.TO_SHIP, stages.SHIPPED, stages.PARCEL_REFUSED, stages.SUCCESS,
    stages.COMPLETE,
})  # fmt: skip
_RETURN_FEE_STEPS = 3


def render_cancellation(request: Request, spell: Spell, *, is_newer: bool) -> Json:
    """`is_newer`: as version 202602 has it, with the parts of bundles."""
    base, refunds = request.base, refunds_now(request)
    region = request.order.shop.region
    json: Json = {
        "cancel_id": str(request.id),
        "order_id": str(request.order.id),
        "cancel_type": request.type,
        "cancel_status": spell(request.status),
        "role": base["role"],
        "cancel_reason": base["reason"],
        "cancel_reason_text": base["reason_text"],
        "create_time": request.created,
        "update_time": request.updated,
        "refund_amount": refund_json(region, whole(refunds.values())),
        "cancel_line_items": render_lines(request, refunds, with_parts=is_newer),
    }
    if is_newer:
        json["should_replenish_stock"] = bool(base.get("replenishes"))
    return json | _next_action(request)


def render_return(
    request: Request, others: Iterable[Request], *, is_newer: bool
) -> Json:
    """`others`: the requests of the same order."""
    facts, refunds = request.facts, refunds_now(request)
    region = request.order.shop.region
    json: Json = {
        "return_id": str(request.id),
        "order_id": str(request.order.id),
        "return_type": request.type,
        "return_status": request.status,
        "role": facts["role"],
        "return_reason": facts["reason"],
        "return_reason_text": facts["reason_text"],
        "create_time": request.created,
        "update_time": request.updated,
        "can_buyer_keep_item": bool(facts.get("keeps")),
        "is_combined_return": False,
        "refund_amount": refund_json(region, whole(refunds.values())),
        "return_line_items": render_lines(request, refunds, with_parts=is_newer),
        "discount_amount": _discounts(request),
        "shipping_fee_amount": _shipping_fees(request, facts),
        "arbitration_status": facts.get("arbitration"),
        "pre_return_id": facts.get("previous"),
        "next_return_id": _next_id(request, others),
    }
    if is_newer:
        json["is_quick_refund"] = bool(facts.get("quick"))
    json |= _next_action(request) | _offer(request, facts) | _sent_back(request, facts)
    return {name: value for name, value in json.items() if value not in (None, "", [])}


def _printed(region: Region, values: Mapping[str, int]) -> Json:
    return {name: amount(region, value) for name, value in values.items()}


def deadline(request: Request) -> int | None:
    """Until when the seller is to answer; None when nothing is asked."""
    if (request.status, request.type) not in stages.ACTIONS:
        return None
    is_american = request.order.shop.region.code == "US"
    now = Situation(request.status, request.type, is_american=is_american)
    usual = request.updated + stages.answer_within(now)
    following = request.untold()
    if following and following[0][1].role == stages.SYSTEM:
        return max(usual, following[0][0])
    return usual


def _next_action(request: Request) -> Json:
    until = deadline(request)
    if until is None:
        return {}
    action = stages.ACTIONS[request.status, request.type]
    return {"seller_next_action_response": [{"action": action, "deadline": until}]}


def _next_id(request: Request, others: Iterable[Request]) -> str | None:
    following = (o for o in others if o.base.get("previous") == str(request.id))
    return next((str(other.id) for other in following), None)


def _discounts(request: Request) -> list[Json]:
    order, region = request.order, request.order.shop.region
    basket: Basket = basket_of(order)
    units = [basket.units[unit] for unit in request.base["units"]]
    values = {
        "product_seller_discount": sum(unit.seller_discount for unit in units),
        "product_platform_discount": sum(unit.platform_discount for unit in units),
        "shipping_fee_seller_discount": 0,
        "shipping_fee_platform_discount": 0,
    }
    if request.base["with_shipping"]:
        values |= {
            "shipping_fee_seller_discount": basket.shipping_seller_discount,
            "shipping_fee_platform_discount": basket.shipping_platform_discount,
        }
    if not any(values.values()):
        return []
    return [{"currency": region.currency} | _printed(region, values)]


def _shipping_fees(request: Request, facts: Json) -> list[Json]:
    """Who pays for the way back: the seller for a fault, else the buyer."""
    if facts.get("shipment_type") != "PLATFORM" or request.status not in _APPROVED:
        return []
    region = request.order.shop.region
    fee = _RETURN_FEE_STEPS * region.step
    by_seller = reasons.is_fault_of_seller(facts["reason"])
    values = {
        "seller_paid_return_shipping_fee": fee if by_seller else 0,
        "platform_paid_return_shipping_fee": 0,
        "buyer_paid_return_shipping_fee": 0 if by_seller else fee,
    }
    return [{"currency": region.currency} | _printed(region, values)]


def _offer(request: Request, facts: Json) -> Json:
    if "offer" not in facts:
        return {}
    region = request.order.shop.region
    return {
        "seller_proposed_return_type": "PARTIAL_REFUND",
        "partial_refund": {
            "currency": region.currency,
            "amount": amount(region, facts["offer"]),
        },
        "buyer_rejected_partial_refund": bool(facts.get("offer_refused")),
    }


def _sent_back(request: Request, facts: Json) -> Json:
    if request.type == stages.REFUND:
        return {}
    by_platform = facts.get("shipment_type") == "PLATFORM"
    json: Json = {
        "shipment_type": facts.get("shipment_type"),
        "handover_method": facts.get("handover_method"),
        "return_method": "PLATFORM_SHIPPED" if by_platform else "BUYER_SHIPPED",
    }
    if request.status in _APPROVED and not facts.get("keeps"):
        json["return_warehouse_address"] = {"full_address": _return_address(request)}
        if by_platform:
            json["return_shipping_document_type"] = "SHIPPING_LABEL"
    if parcel := facts.get("shipped"):
        json["return_tracking_number"] = parcel["number"]
        json["return_provider_name"] = parcel["provider"]
        json["return_provider_id"] = parcel["provider_id"]
    return json


def _return_address(request: Request) -> str:
    warehouse = warehouses(request.order.shop)[-1]
    place, region = warehouse.place, request.order.shop.region
    line = f"{warehouse.name}, {place.city}, {place.postal_code} {place.state}"
    return f"{line}, {region.country}"


def as_story(request: Request, spell: Spell) -> Json:
    """What has happened and what will, if nobody acts."""
    return {
        "family": request.family,
        "story": [
            [spell(step.status), moment, step.role, step.event]
            for moment, step in zip(request.times, request.steps, strict=True)
        ],
        "done": request.done,
    }
