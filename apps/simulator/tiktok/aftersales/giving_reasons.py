"""Whether a seller may give this reason, now and here."""

from apps.simulator.tiktok.aftersales.codes import refuse
from apps.simulator.tiktok.aftersales.finding import request_of
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json
from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.reasons import REASONS, REJECT_REASONS
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.orders import Order


def check_reason(name: str, order: Order, request_type: str) -> None:
    """For a request of the seller's: CANCEL or a type of return."""
    reason = REASONS.get(name)
    if reason is None:
        raise refuse(25001014)
    if reason.role != stages.SELLER:
        raise refuse(25001015)
    if order.shop.region.code in reason.closed_in:
        raise refuse(25001020)
    fits = request_type in reason.requests and order.status in reason.statuses
    if not fits:
        raise refuse(25001021)


def check_reject_reason(name: str, request: Request) -> None:
    reason = REJECT_REASONS.get(name)
    if reason is None:
        raise refuse(25001014)
    if reason.family != request.family:
        raise refuse(25001057)
    if request.status not in reason.statuses:
        raise refuse(25001016)


def list_reject_reasons(call: Call) -> Json:
    """GET /return_refund/202309/reject_reasons: those that would be taken now."""
    request = request_of(call, call.query.get("return_or_cancel_id", ""))
    reasons = [
        {"name": reason.name, "text": reason.text}
        for reason in REJECT_REASONS.values()
        if reason.family == request.family and request.status in reason.statuses
    ]
    return {"reasons": reasons} if reasons else {}
