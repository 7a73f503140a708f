"""Carrier and number corrected, and whether they are."""

from apps.integrations.contracts import PackageStatus
from apps.integrations.errors import NotFound
from apps.orders.models import OrderAction
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, refused
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import (
    CANCELLED,
    NO_ORDER,
    find_order,
    own_shipment,
)

_CORRECTED = "It has this number already."


def correct(action: OrderAction, line: Line) -> Answer:
    """Of the package named, else of the order, which is in one. Raises
    PlatformError."""
    own = own_shipment(action.details)
    if action.package is not None:
        line.to(scopes.FULFILMENT).update_package_tracking(
            action.package.remote_id, own
        )
    else:
        # This one alone wants another permission.
        line.to(scopes.LOGISTICS).update_order_tracking(action.order.remote_id, own)
    return done()


def judge_number(action: OrderAction, line: Line) -> Answer | None:
    """Whether the number is the one wanted."""
    wanted = action.details["tracking_number"]
    if action.package is not None:
        try:
            package = line.to(scopes.FULFILMENT).get_package(action.package.remote_id)
        except NotFound as error:
            return refused(error.message, error.code)
        if package.status is PackageStatus.CANCELLED:
            return refused("The package is cancelled.")
        return done(_CORRECTED) if package.tracking_number == wanted else None
    order = find_order(action, line)
    if order is None:
        return refused(NO_ORDER)
    if order.status == "cancelled":
        return refused(CANCELLED)
    return done(_CORRECTED) if order.tracking_number == wanted else None
