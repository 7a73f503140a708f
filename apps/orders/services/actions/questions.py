"""What the platform is asked while somebody waits: reasons, refunds, ways to ship.

Answers are kept for some minutes. A failure is told in words, never raised: a page
shows them beside what it knows. Reasons are never ours: they depend on region and
state, and the platform changes them.
"""

from collections.abc import Sequence
from dataclasses import astuple

from apps.core.storing import content_hash
from apps.integrations.contracts import (
    Eligibility,
    Handover,
    Measures,
    RefundAmounts,
    RequestReason,
    ReturnKind,
    ShippingService,
    SplitAdvice,
)
from apps.orders.models import Cancellation, Order, Package, Return
from apps.orders.services.actions.words import reason_words
from apps.orders.services.asking_platform import Told, told
from apps.platforms.services import scopes

_REQUESTS = {
    ReturnKind.REFUND: "REFUND",
    ReturnKind.RETURN_AND_REFUND: "RETURN_AND_REFUND",
}


def can_be_asked(order: Order) -> Told[list[Eligibility]]:
    """What a seller can ask for of the order's items: to cancel, to refund, to take
    back; with the reasons the platform takes."""
    nothing: list[Eligibility] = []
    return told(
        order.shop,
        scopes.RETURNS,
        lambda client: client.eligibility(order.remote_id),
        nothing,
        key=f"eligible.{order.pk}.{order.status}.{order.remote_updated_at}",
    )


def reasons_for_cancel(order: Order) -> Told[list[RequestReason]]:
    """For cancelling as the seller; empty where it cannot be cancelled (`problem` says
    why). Words are made of a reason's name: the platform gives none here."""
    return _reasons(can_be_asked(order), "CANCEL")


def reasons_for_return(order: Order, kind: str) -> Told[list[RequestReason]]:
    """As reasons_for_cancel, for a refund or return (ReturnKind) started by the
    seller."""
    return _reasons(can_be_asked(order), _REQUESTS[ReturnKind(kind)])


def reject_reasons(request: Cancellation | Return) -> Told[list[RequestReason]]:
    """What a buyer's wish can be refused for."""
    nothing: list[RequestReason] = []
    return told(
        request.shop,
        scopes.RETURNS,
        lambda client: client.reject_reasons(request.remote_id),
        nothing,
        key=f"reject.{request.remote_id}.{request.status}",
    )


def refund_preview(
    order: Order, request: str, reason: str, unit_ids: Sequence[str] = ()
) -> Told[RefundAmounts | None]:
    """What would go back to the buyer; `request` is "CANCEL", "REFUND" or
    "RETURN_AND_REFUND"."""
    nothing: RefundAmounts | None = None
    asked = content_hash([request, reason, sorted(unit_ids)])[:16]
    return told(
        order.shop,
        scopes.RETURNS,
        lambda client: client.refund_preview(
            order.remote_id, request, reason, unit_ids=unit_ids
        ),
        nothing,
        key=f"refund.{order.pk}.{order.remote_updated_at}.{asked}",
    )


def handover(package: Package) -> Told[Handover | None]:
    """How and when the platform's carrier takes a package. Asked anew each time: slots
    fill up."""
    nothing: Handover | None = None
    return told(
        package.shop,
        scopes.PACKAGE_WRITE,
        lambda client: client.handover(package.remote_id),
        nothing,
    )


def shipping_services(
    order: Order, unit_ids: Sequence[str] = (), measures: Measures | None = None
) -> Told[list[ShippingService]]:
    """The labels on sale for an order's items (US)."""
    nothing: list[ShippingService] = []
    box = [str(each) for each in astuple(measures)] if measures else []
    asked = content_hash([sorted(unit_ids), box])[:16]
    return told(
        order.shop,
        scopes.FULFILMENT,
        lambda client: client.shipping_services(order.remote_id, unit_ids, measures),
        nothing,
        key=f"services.{order.pk}.{asked}",
    )


def split_advice(order: Order) -> Told[SplitAdvice | None]:
    """Whether the order can, or must, be sent in several packages."""
    nothing: SplitAdvice | None = None
    return told(
        order.shop,
        scopes.PACKAGE_WRITE,
        lambda client: next(iter(client.split_advice([order.remote_id])), None),
        nothing,
        key=f"split.{order.pk}.{order.status}",
    )


def _reasons(
    eligible: Told[list[Eligibility]], request: str
) -> Told[list[RequestReason]]:
    """The reasons taken for any item; where none can be, the platform's words."""
    if eligible.problem:
        return Told([], eligible.problem)
    rows = [each for each in eligible.value if each.request == request]
    names = dict.fromkeys(
        name for each in rows if each.is_eligible for name in each.reasons
    )
    if any(each.is_eligible for each in rows):
        return Told([RequestReason(name, reason_words(name)) for name in names])
    why_not = next((each.why_not for each in rows if each.why_not), "")
    return Told([], why_not or "TikTok does not take this for the order now.")
