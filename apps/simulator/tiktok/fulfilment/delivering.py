"""Delivery status 202309: what the seller's own fleet says of its packages.

Source: Partner Center, "Update Package Delivery Status 202309".
"""

from apps.simulator.shipping import change, reach
from apps.simulator.tiktok.call import Call
from apps.simulator.tiktok.envelope import Json, Refusal
from apps.simulator.tiktok.fulfilment.codes import error_row, refuse
from apps.simulator.tiktok.fulfilment.finding import package_of
from apps.simulator.tiktok.fulfilment.reading import INVALID, rows
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.packages import (
    CANCELLED,
    COMPLETED,
    HITCHES,
    TO_FULFILL,
    Package,
)

SUCCESS, FAILED, PROOF = "DELIVERY_SUCCESS", "DELIVERY_FAILED", "UPDATE_POD"


def deliver(call: Call) -> Json:
    """POST /fulfillment/202309/packages/deliver: one that cannot does not hold up the
    others, it is named in `errors`."""
    errors = []
    for row in rows(call.body, "packages"):
        package_id = str(row.get("id", ""))
        try:
            _deliver(call, package_of(call, package_id), row)
        except Refusal as refusal:
            errors.append(error_row(refusal, package_id))
    return {"errors": errors} if errors else {}


def _deliver(call: Call, package: Package, sent: Json) -> None:
    kind = sent.get("delivery_type")
    if kind not in (SUCCESS, FAILED, PROOF):
        raise refuse(INVALID, "'delivery_type' is missing or unknown.")
    if package.order.shipping_type != "SELLER":
        raise refuse(21011003)
    if package.status == CANCELLED:
        raise refuse(21011042)
    if package.status == TO_FULFILL:
        raise refuse(21011043)
    if kind == PROOF:
        _keep_proof(call, package, sent)
    elif package.status == COMPLETED:
        raise refuse(21011030)
    elif kind == FAILED:
        _fail(call, package, sent.get("fail_delivery_reason"))
    else:
        _arrive(call, package)


def _keep_proof(call: Call, package: Package, sent: Json) -> None:
    if not sent.get("file_url"):
        raise refuse(INVALID, "'file_url' is required.")
    change(call.simulator, package, {"proof": str(sent["file_url"])})


def _fail(call: Call, package: Package, reason: object) -> None:
    if reason not in HITCHES:
        raise refuse(INVALID, "'fail_delivery_reason' is missing or unknown.")
    _collect(call, package)
    change(call.simulator, package, {"hitch": reason})


def _arrive(call: Call, package: Package) -> None:
    _collect(call, package)
    reach(call.simulator, package.live, Event.DELIVERED)


def _collect(call: Call, package: Package) -> None:
    """The fleet has it, or could not say so."""
    parts = [part for part in package.live if part.status == "PROCESSING"]
    reach(call.simulator, parts, Event.COLLECTED)
