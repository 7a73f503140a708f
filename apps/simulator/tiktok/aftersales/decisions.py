"""What a seller can answer to a return, and what it becomes by that.

Source: Partner Center, "Approve Return" 202309, "Reject Return" 202309 and 202606.
"""

from collections.abc import Callable

from apps.simulator.tiktok.aftersales.amounts import amount_of
from apps.simulator.tiktok.aftersales.codes import bad, refuse
from apps.simulator.tiktok.aftersales.evidence import EVIDENCE, evidence
from apps.simulator.tiktok.aftersales.finding import request_of
from apps.simulator.tiktok.aftersales.giving_reasons import check_reject_reason
from apps.simulator.tiktok.aftersales.once import once
from apps.simulator.tiktok.aftersales.units import check
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.money import whole
from apps.simulator.world.aftersales.paying_back import refunds_now
from apps.simulator.world.aftersales.replacing import shortage
from apps.simulator.world.aftersales.requests import Request, Step

_APPROVE = {
    "decision!": str,
    "buyer_keep_item": bool,
    "partial_refund": {"currency!": str, "amount!": str},
}
_REJECT = {
    "decision!": str,
    "reject_reason!": str,
    **EVIDENCE,
    "partial_refund_amount": {"partial_refund_total!": str, "currency!": str},
}
_OPEN_FOR_REFUND = (stages.PENDING, stages.TO_SHIP, stages.SHIPPED)
# The types of request a decision is for, and the statuses it can be taken in.
_FITS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "APPROVE_REFUND": ((stages.REFUND,), (stages.PENDING,)),
    "APPROVE_RETURN": ((stages.BACK,), (stages.PENDING,)),
    "APPROVE_RECEIVED_PACKAGE": ((stages.BACK,), (stages.SHIPPED,)),
    "APPROVE_REPLACEMENT": ((stages.REPLACEMENT,), (stages.REPLACEMENT_PENDING,)),
    "ISSUE_REPLACEMENT_REFUND": ((stages.REPLACEMENT,), (stages.REPLACEMENT_PENDING,)),
    "OFFER_PARTIAL_REFUND": ((stages.REFUND, stages.BACK), (stages.PENDING,)),
    "DIRECT_REFUND": ((stages.BACK,), _OPEN_FOR_REFUND),
    "REJECT_REFUND": ((stages.REFUND,), (stages.PENDING,)),
    "REJECT_RETURN": ((stages.BACK,), (stages.PENDING,)),
    "REJECT_RECEIVED_PACKAGE": ((stages.BACK,), (stages.SHIPPED,)),
    "REJECT_REPLACEMENT": ((stages.REPLACEMENT,), (stages.REPLACEMENT_PENDING,)),
    "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG": ((stages.BACK,), (stages.SHIPPED,)),
}  # fmt: skip
_AFTER = {
    "APPROVE_REFUND": stages.SUCCESS,
    "APPROVE_RETURN": stages.TO_SHIP,
    "APPROVE_RECEIVED_PACKAGE": stages.SUCCESS,
    "APPROVE_REPLACEMENT": stages.REPLACEMENT_COMPLETE,
    "ISSUE_REPLACEMENT_REFUND": stages.REPLACEMENT_REFUNDED,
    "OFFER_PARTIAL_REFUND": stages.OFFERED,
    "DIRECT_REFUND": stages.SUCCESS,
    "REJECT_REFUND": stages.REJECTED,
    "REJECT_RETURN": stages.REJECTED,
    "REJECT_RECEIVED_PACKAGE": stages.PARCEL_REFUSED,
    "REJECT_REPLACEMENT": stages.REPLACEMENT_REJECTED,
    "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG": stages.OFFERED,
}
_LATE_OFFER = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
_REJECTIONS = tuple(n for n in _FITS if n.startswith("REJECT") or n == _LATE_OFFER)
_APPROVALS = tuple(name for name in _FITS if name not in _REJECTIONS)
_OF_THE_PARCEL = ("APPROVE_RECEIVED_PACKAGE", "REJECT_RECEIVED_PACKAGE", _LATE_OFFER)
_GOOD_ENDS = (
    stages.SUCCESS, stages.COMPLETE, stages.REPLACEMENT_COMPLETE,
    stages.REPLACEMENT_REFUNDED, stages.EXCHANGE_COMPLETE, stages.EXCHANGE_REFUNDED,
)  # fmt: skip


def approve(call: Call) -> Json:
    """POST /return_refund/202309/returns/{return_id}/approve"""
    return once(call, _approve)


def _approve(call: Call) -> Json:
    check(call.body, _APPROVE)
    request, decision = _asked(call, _APPROVALS, _why_not_approved)
    facts: Json = {}
    event, status = decision, _AFTER[decision]
    if call.body.get("buyer_keep_item"):
        facts["keeps"] = True
        status = stages.SUCCESS if decision == "APPROVE_RETURN" else status
    if decision == "DIRECT_REFUND":
        facts["keeps"] = "shipped" not in request.facts
    if decision == "APPROVE_RECEIVED_PACKAGE":
        event = "RECEIVE"
    if decision == "OFFER_PARTIAL_REFUND":
        offer = call.body.get("partial_refund") or {}
        facts["offer"] = _offer(call, request, offer.get("amount"), offer)
    if decision == "APPROVE_REPLACEMENT" and shortage(call.simulator.checkout, request):
        raise refuse(25001044, "There is too little stock to send another one.")
    return _answer(call, request, Step(status, stages.SELLER, event, facts))


def reject(call: Call) -> Json:
    """POST /return_refund/{202309,202606}/returns/{return_id}/reject"""
    return once(call, _reject)


def _reject(call: Call) -> Json:
    check(call.body, _REJECT)
    request, decision = _asked(call, _REJECTIONS, _why_not_rejected)
    check_reject_reason(call.body["reject_reason"], request)
    facts = {"reject_reason": call.body["reject_reason"], **evidence(call)}
    if decision == _LATE_OFFER:
        offer = call.body.get("partial_refund_amount") or {}
        offer = offer if call.version >= "202606" else {}
        total = offer.get("partial_refund_total")
        facts["offer"] = _offer(call, request, total, offer)
    return _answer(
        call, request, Step(_AFTER[decision], stages.SELLER, decision, facts)
    )


def _asked(
    call: Call, known: tuple[str, ...], why_not: Callable[[Request, str], int]
) -> tuple[Request, str]:
    decision = call.body["decision"]
    if decision not in known:
        raise bad("decision", f"must be one of {', '.join(known)}.")
    request = request_of(call, call.ids["return_id"], stages.RETURN)
    if request.facts.get("arbitration") == "IN_PROGRESS":
        raise refuse(25011010)
    if request.type not in _FITS[decision][0]:
        raise refuse(25020004)
    is_fbt = request.order.is_fulfilled_by_platform
    if decision in _OF_THE_PARCEL and is_fbt:
        raise refuse(25011026)
    if obstacle := why_not(request, decision):
        raise refuse(obstacle)
    return request, decision


def _why_not_approved(request: Request, decision: str) -> int:
    """The code of what stands in the way; 0 for nothing."""
    if request.status in stages.CLOSED:
        return 25020009
    if request.status in _GOOD_ENDS:
        return 25011012
    if request.status == stages.OFFERED:
        return 25007007
    is_offer = decision == "OFFER_PARTIAL_REFUND"
    if is_offer and "offer" in request.facts:
        return 25007007
    if request.status in _FITS[decision][1]:
        return 0
    if is_offer:
        return 25011032
    return 25011013 if decision in _OF_THE_PARCEL else 25001003


def _why_not_rejected(request: Request, decision: str) -> int:
    is_of_parcel = decision in _OF_THE_PARCEL
    if request.status in _GOOD_ENDS:
        return 25020011 if is_of_parcel and "shipped" in request.facts else 25020010
    if is_of_parcel and request.facts.get("quick"):
        return 25011025
    if request.status in _FITS[decision][1]:
        return 0
    if is_of_parcel:
        return 25020012
    approved = (stages.TO_SHIP, stages.SHIPPED)
    return 25020010 if request.status in approved else 25001003


def _offer(call: Call, request: Request, amount: object, offer: Json) -> int:
    most = whole(refunds_now(request).values()).total
    return amount_of(call, "partial_refund", amount, offer.get("currency"), most)


def _answer(call: Call, request: Request, step: Step) -> Json:
    request.tell(call.simulator.world.now, step)
    call.simulator.settle(request.order, request)
    return {}
