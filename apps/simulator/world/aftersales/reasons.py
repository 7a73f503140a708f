"""Why somebody cancels, returns or refuses: names, words, and who may use which when.

Source: Partner Center, "Cancel Order", "Get Reject Reasons" and their samples. Only
some names are documented; the others follow their pattern. Clients are to fetch them.
"""

from dataclasses import dataclass

from apps.simulator.world.aftersales import stages

BUYER, SELLER, SYSTEM = stages.BUYER, stages.SELLER, stages.SYSTEM
_UNPAID = ("UNPAID",)
_TO_SHIP = ("ON_HOLD", "AWAITING_SHIPMENT")
_PAID = (*_TO_SHIP, "PARTIALLY_SHIPPING", "AWAITING_COLLECTION")
_ON_THE_WAY = ("AWAITING_COLLECTION", "IN_TRANSIT")
_THERE = ("DELIVERED",)
SOUTH_EAST_ASIA = frozenset({"ID", "MY", "PH", "SG", "TH", "VN"})


@dataclass(frozen=True, slots=True)
class Reason:
    """`requests`: CANCEL or types of returns; `closed_in`: where it is offline."""

    name: str
    text: str
    role: str
    requests: tuple[str, ...]
    statuses: tuple[str, ...] = ()  # of the order; empty: any
    closed_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RejectReason:
    """`statuses`: of the request that is refused."""

    name: str
    text: str
    family: str
    statuses: tuple[str, ...]


def _cancel(name: str, text: str, role: str, statuses: tuple[str, ...] = ()) -> Reason:
    return Reason(name, text, role, ("CANCEL",), statuses)


_CANCELLING = (
    _cancel("seller_cancel_unpaid_reason_out_of_stock", "Out of stock", SELLER,
            _UNPAID),
    _cancel("seller_cancel_unpaid_reason_wrong_price", "Pricing error", SELLER,
            _UNPAID),
    _cancel("seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
            "Buyer did not pay on time", SELLER, _UNPAID),
    _cancel("seller_cancel_unpaid_reason_buyer_requested_cancellation",
            "Buyer requested cancellation", SELLER, _UNPAID),
    _cancel("seller_cancel_reason_out_of_stock", "Out of stock", SELLER, _PAID),
    _cancel("seller_cancel_reason_wrong_price", "Pricing error", SELLER, _PAID),
    Reason("seller_cancel_paid_reason_address_not_deliver",
           "Unable to deliver to buyer address", SELLER, ("CANCEL",), _PAID,
           SOUTH_EAST_ASIA),
    _cancel("seller_cancel_paid_reason_buyer_requested_cancellation",
            "Buyer requested cancellation", SELLER, _PAID),
    _cancel("ecom_order_unpaid_canceled_reason_change_payment_method",
            "Need to change payment method", BUYER, _UNPAID),
    _cancel("ecom_order_to_ship_canceled_reason_created_by_mistakes",
            "Order created by mistake", BUYER, (*_UNPAID, *_TO_SHIP)),
    _cancel("ecom_order_to_ship_canceled_reason_better_price",
            "Better price available", BUYER, (*_UNPAID, *_TO_SHIP)),
    _cancel("ecom_order_to_ship_canceled_reason_no_longer_needed",
            "No longer needed", BUYER, (*_UNPAID, *_TO_SHIP)),
    _cancel("ecom_order_to_ship_canceled_reason_change_color_or_size",
            "Need to change color or size", BUYER, (*_UNPAID, *_TO_SHIP)),
    _cancel("system_cancel_unpaid_time_out", "Customer overdue to pay", SYSTEM),
    _cancel("system_cancel_order_reason_shipping_timeout", "Order cancelled by system",
            SYSTEM),
    _cancel("package_lost", "Package lost", SYSTEM),
    _cancel("package_damaged", "Package damaged", SYSTEM),
    _cancel("returned_to_shipper_refused", "Package delivery failed", SYSTEM),
    _cancel("threepl_breach", "Carrier breach", SYSTEM),
)  # fmt: skip
_EARLY, _LATE = "ecom_order_shipped_refund_reason_", "ecom_order_delivered_refund_"
_BOTH = (stages.REFUND, stages.BACK)
_ANY = (*_BOTH, stages.REPLACEMENT, stages.EXCHANGE)
_RETURNING = (
    Reason(f"{_EARLY}package_not_received", "Package has not arrived", BUYER,
           (stages.REFUND,), _ON_THE_WAY),
    Reason(f"{_EARLY}no_longer_needed", "No longer needed", BUYER, (stages.REFUND,),
           _ON_THE_WAY),
    Reason(f"{_LATE}and_return_reason_wrong_product", "Wrong product was sent", BUYER,
           _ANY, _THERE),
    Reason(f"{_LATE}and_return_reason_defective", "Product doesn't work", BUYER, _ANY,
           _THERE),
    Reason(f"{_LATE}and_return_reason_damaged", "Product arrived damaged", BUYER, _ANY,
           _THERE),
    Reason(f"{_LATE}and_return_reason_not_as_described", "Not as described", BUYER,
           _ANY, _THERE),
    Reason(f"{_LATE}and_return_reason_no_longer_needed", "No longer needed", BUYER,
           (stages.BACK, stages.EXCHANGE), _THERE),
    Reason(f"{_LATE}reason_missing_product", "Missing items", BUYER, (stages.REFUND,),
           _THERE),
    Reason(f"{_EARLY}package_lost_seller", "Package lost", SELLER, (stages.REFUND,),
           _ON_THE_WAY),
    Reason(f"{_EARLY}agreement_seller", "Agreement with the buyer", SELLER,
           (stages.REFUND,), _ON_THE_WAY),
    Reason(f"{_LATE}and_return_reason_wrong_product_seller", "Wrong product was sent",
           SELLER, _BOTH, _THERE),
    Reason(f"{_LATE}and_return_reason_damaged_seller", "Product arrived damaged",
           SELLER, _BOTH, _THERE),
    Reason(f"{_LATE}reason_missing_product_seller", "Missing items", SELLER,
           (stages.REFUND,), _THERE),
    Reason(f"{_LATE}and_return_reason_agreement_seller", "Agreement with the buyer",
           SELLER, _BOTH, _THERE),
)  # fmt: skip
REASONS = {reason.name: reason for reason in (*_CANCELLING, *_RETURNING)}
OUT_OF_STOCK = (
    "seller_cancel_unpaid_reason_out_of_stock",
    "seller_cancel_reason_out_of_stock",
)
_FAULT_OF_SELLER = ("wrong_product", "defective", "damaged", "not_as_described")

_REJECT = "seller_reject_apply_"
_ASKED = (stages.PENDING,)
REJECT_REASONS = {
    reason.name: reason
    for reason in (
        RejectReason("seller_reject_cancel_package_has_been_packed",
                     "The package is packed", stages.CANCEL, (stages.CANCEL_PENDING,)),
        RejectReason("seller_reject_cancel_package_has_been_shipped",
                     "The package is already on its way", stages.CANCEL,
                     (stages.CANCEL_PENDING,)),
        RejectReason("seller_reject_cancel_agreement_with_the_buyer",
                     "You have agreed with the buyer to go on", stages.CANCEL,
                     (stages.CANCEL_PENDING,)),
        RejectReason(f"{_REJECT}you_have_reached_an_agreement_with_the_buyer",
                     "You have reached an agreement with the buyer", stages.RETURN,
                     (*_ASKED, stages.REPLACEMENT_PENDING, stages.SHIPPED)),
        RejectReason(f"{_REJECT}package_has_not_exceeded_estimated_delivery_time",
                     "The package has not exceeded the estimated delivery time",
                     stages.RETURN, _ASKED),
        RejectReason(f"{_REJECT}product_is_as_described",
                     "The product is as described", stages.RETURN,
                     (*_ASKED, stages.REPLACEMENT_PENDING)),
        RejectReason("seller_reject_receive_product_not_returned",
                     "The parcel does not hold the product", stages.RETURN,
                     (stages.SHIPPED,)),
        RejectReason("seller_reject_receive_product_used_or_damaged",
                     "The product came back used or damaged", stages.RETURN,
                     (stages.SHIPPED,)),
    )
}  # fmt: skip


def usable(role: str, request: str, status: str, region: str) -> list[Reason]:
    """The reasons somebody may give for a request, for an order in that status."""
    return [
        reason
        for reason in REASONS.values()
        if reason.role == role
        and request in reason.requests
        and (not reason.statuses or status in reason.statuses)
        and region not in reason.closed_in
    ]


def named(text: str, role: str) -> str:
    """The name behind an order's words for why it was cancelled; else the words."""
    if text in REASONS:
        return text
    found = (r for r in _CANCELLING if r.text == text and r.role == role)
    reason = next(found, None)
    return reason.name if reason else text


def words(name: str) -> str:
    """For people; what is no known name stands for itself."""
    known = REASONS.get(name) or REJECT_REASONS.get(name)
    return known.text if known else name


def is_fault_of_seller(name: str) -> bool:
    return any(fault in name for fault in _FAULT_OF_SELLER)
