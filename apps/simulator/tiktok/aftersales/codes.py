"""What the return and refund APIs refuse, and why; one number each.

Source: Partner Center, the error tables of the Return and Refund endpoints.
"""

from apps.simulator.tiktok.envelope import Refusal

INVALID = 25001001
TEXTS = {
    11050001: "invalid param",
    INVALID: "An invalid request parameter was passed.",
    25001003: "Invalid order status",
    25001010: "A return request has already been completed, or the order has already "
    "been cancelled.",
    25001011: "A return request is already in process, or the order has already been "
    "cancelled.",
    25001014: "Unknown return reason",
    25001015: "The provided return reason cannot be used by the seller.",
    25001016: "reverse reason not match action type",
    25001020: "The provided return reason is currently offline.",
    25001021: "Reason not match order status",
    25001044: "The return request cannot be approved.",
    25001045: "The order has already been shipped and we are unable to cancel shipment "
    "with the courier.",
    25001051: "Not allowed to return or cancel since order is completed or cancelled.",
    25001057: "reverse reason not match reason type",
    25005005: "Refund total amount is larger than the refundable amount.",
    25005010: "Unable to cancel individual line items within this request.",
    25005011: "The requested line item(s) for return or refund exceeds the allowable "
    "limit.",
    25007006: "Order not found",
    25007007: "ReverseOrderExistNegotiate",
    25011010: "request has been transferred to platform operator",
    25011011: "reverse status cannot reject application",
    25011012: "reverse status cannot approve application",
    25011013: "reverse status cannot approve receive",
    25011025: "quick refund forbid reject receive",
    25011026: "forbid process receive for FBT order",
    25011032: "ReverseInvalidStatusPartialRefund",
    25020004: "decision not match reverse type",
    25020005: "No permission to process this order.",
    25020009: "reverse already cancelled",
    25020010: "Aftersales has been approved and cannot be rejected.",
    25020011: "return already received",
    25020012: "status can't reject receive",
}


def refuse(code: int, detail: str = "") -> Refusal:
    return Refusal(code, f"{TEXTS[code]} {detail}".strip())


def bad(name: str, what: str) -> Refusal:
    """A parameter that is not as the endpoint's page has it."""
    return refuse(INVALID, f"'{name}' {what}")
