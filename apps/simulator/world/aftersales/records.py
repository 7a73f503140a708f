"""What the platform writes down of a return: who did what, when and why."""

from typing import Any

from apps.simulator.world.aftersales import reasons
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.media import picture_url

Json = dict[str, Any]
_DESCRIPTIONS = {
    "REQUEST": "Buyer submitted a request",
    "INITIATE": "Seller initiated a refund",
    "AUTO_APPROVE": "The request was approved automatically: nobody answered in time",
    "APPROVE_REFUND": "Seller approved the refund",
    "APPROVE_RETURN": "Seller approved the return",
    "APPROVE_REPLACEMENT": "Seller approved the replacement",
    "DIRECT_REFUND": "Seller refunded without a return",
    "ISSUE_REPLACEMENT_REFUND": "Seller refunded instead of a replacement",
    "OFFER_PARTIAL_REFUND": "Seller offered a partial refund",
    "ACCEPT_PARTIAL_REFUND": "Buyer accepted the partial refund",
    "REJECT_PARTIAL_REFUND": "The partial refund was not accepted",
    "REJECT_REFUND": "Seller rejected the refund",
    "REJECT_RETURN": "Seller rejected the return",
    "REJECT_REPLACEMENT": "Seller rejected the replacement",
    "REJECT_RECEIVED_PACKAGE": "Seller rejected the returned package",
    "SHIP": "Buyer shipped the package",
    "RECEIVE": "Seller accepted the returned package",
    "AUTO_RECEIVE": "The returned package was accepted automatically",
    "REFUND": "The refund was paid",
    "CANCEL": "Buyer cancelled the request",
    "TIMEOUT": "The request was closed: nothing was done in time",
    "ARBITRATE": "Buyer asked the platform to decide",
    "ARBITRATION_SUPPORTS_BUYER": "The platform decided for the buyer",
    "ARBITRATION_SUPPORTS_SELLER": "The platform decided for the seller",
    "ARBITRATION_CLOSED": "The dispute was closed",
}


def render_records(request: Request) -> list[Json]:
    """The oldest first."""
    happened = zip(request.times, request.steps[: request.done], strict=False)
    return [_record(request, moment, step) for moment, step in happened]


def _record(request: Request, moment: int, step: Step) -> Json:
    facts = step.facts
    reason = facts.get("reject_reason", "")
    if step is request.steps[0]:
        reason = request.base["reason"]
    json: Json = {
        "event": step.event,
        "role": step.role,
        "description": _DESCRIPTIONS.get(step.event, step.event),
        "create_time": moment,
        "reason_text": reasons.words(reason) if reason else "",
        "note": facts.get("comment", ""),
        "images": [
            {"url": picture_url(one["image_id"]), "width": one.get("width", 0),
             "height": one.get("height", 0)}
            for one in facts.get("images", ())
        ],
    }  # fmt: skip
    return {name: value for name, value in json.items() if value not in ("", [])}
