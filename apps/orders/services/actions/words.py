"""What was asked for, in words for staff: of the timeline, the trail, and failures."""

from collections.abc import Mapping
from typing import Any

from apps.orders.models import OrderAction

Kind = OrderAction.Kind
# What the audit trail calls them.
VERBS: dict[str, str] = {
    Kind.PULL: "asked for an order again",
    Kind.LABEL: "asked for a label",
    Kind.SHIP: "asked to ship",
    Kind.MARK_SHIPPED: "asked to mark as shipped",
    Kind.UPDATE_TRACKING: "asked to correct tracking",
    Kind.BUY_LABEL: "asked to buy a label",
    Kind.SPLIT: "asked to split an order",
    Kind.COMBINE: "asked to combine orders",
    Kind.UNCOMBINE: "asked to take a package apart",
    Kind.DELIVER: "asked to report a delivery",
    Kind.CANCEL: "asked to cancel an order",
    Kind.APPROVE_CANCELLATION: "agreed to cancel",
    Kind.REJECT_CANCELLATION: "refused to cancel",
    Kind.CREATE_RETURN: "asked to refund",
    Kind.APPROVE_RETURN: "agreed to a return",
    Kind.REJECT_RETURN: "refused a return",
}
_HANDOVERS = {"PICKUP": "picked up", "DROP_OFF": "dropped off"}
# Of details, what the trail keeps: never a comment, which may speak of the buyer.
_KEPT = (
    "tracking_number",
    "provider",
    "handover_method",
    "reason",
    "decision",
    "amount",
    "unit_ids",
    "order_ids",
    "service_id",
    "failed_because",
)


def described(action: OrderAction) -> str:
    """Such as "Mark as shipped: J&T Express JX001"."""
    name = str(Kind(action.kind).label)
    about = _about(action.details)
    return f"{name}: {about}" if about else name


def for_trail(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: details[name] for name in _KEPT if details.get(name)}


def reason_words(name: str) -> str:
    """A reason's name as a phrase, where the platform gives no words of its own:
    "seller_cancel_paid_reason_out_of_stock" is "Out of stock"."""
    words = name.split("reason_", 1)[-1]
    for prefix in ("seller_cancel_paid_", "seller_cancel_unpaid_", "seller_cancel_"):
        words = words.removeprefix(prefix)
    return words.replace("_", " ").strip().capitalize()


def _about(details: Mapping[str, Any]) -> str:
    if number := details.get("tracking_number"):
        return f"{details.get('provider', '')} {number}".strip()
    if method := _HANDOVERS.get(details.get("handover_method", "")):
        return method
    if decision := details.get("decision"):
        return str(decision).replace("_", " ").lower()
    if reason := details.get("reason"):
        return reason_words(str(reason))
    if groups := details.get("groups"):
        return f"{len(groups)} packages"
    return str(details.get("failed_because", "")).replace("_", " ").lower()
