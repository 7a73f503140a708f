"""Packages and orders sent on their way, and whether they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.integrations.contracts import (
    Measures,
    OrderStatus,
    OwnShipment,
    PackageStatus,
    PickupSlot,
    PlatformClient,
    RemoteOrder,
    RemoteUnit,
    Shipment,
)
from apps.integrations.errors import NotFound
from apps.orders.models import OrderAction
from apps.orders.services.actions.facts import shipped_words
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, from_failure, refused
from apps.sync.services.actions.line import Line

CANCELLED = "The order is cancelled."
NO_ORDER = "TikTok has no such order in this shop."
_PARTLY = "Some of it was shipped before. {} Ship the rest by its items."


def ship(action: OrderAction, line: Line) -> Answer:
    """Raises PlatformError."""
    line.to(scopes.FULFILMENT).ship_package(_shipment(action))
    return done()


def ship_many(actions: Sequence[OrderAction], line: Line) -> Mapping[int, Answer]:
    """In one call: {key: answer}. Raises PlatformError where the call failed whole."""
    shipments = [_shipment(action) for action in actions]
    failures = line.to(scopes.FULFILMENT).ship_packages(shipments)
    by_package = {each.remote_id: from_failure(each) for each in failures}
    return {each.pk: by_package.get(package_id(each)) or done() for each in actions}


def judge_package(action: OrderAction, line: Line) -> Answer | None:
    """Whether the package is shipped, and with the number wanted."""
    try:
        package = line.to(scopes.FULFILMENT).get_package(package_id(action))
    except NotFound as error:
        return refused(error.message, error.code)
    if package.status is PackageStatus.CANCELLED:
        return refused("The package is cancelled.")
    if package.status in (PackageStatus.TO_FULFILL, PackageStatus.NOT_UNDERSTOOD):
        return None
    return _as_wanted(action, package.carrier, package.tracking_number)


def mark_shipped(action: OrderAction, line: Line) -> Answer:
    details = action.details
    marked = line.to(scopes.FULFILMENT).mark_shipped(
        action.order.remote_id, details["unit_ids"], own_shipment(details)
    )
    return done(marked.warning, package_id=marked.package_id)


def judge_units(action: OrderAction, line: Line) -> Answer | None:
    """Whether the items are shipped, and with the number wanted."""
    order = find_order(action, line)
    if order is None:
        return refused(NO_ORDER)
    units = _wanted_units(order, action.details["unit_ids"])
    statuses = {unit.status for unit in units} or {order.status}
    if statuses == {OrderStatus.CANCELLED}:
        return refused(CANCELLED)
    waiting = statuses & _WAITING
    if waiting and not statuses - _WAITING - {OrderStatus.CANCELLED}:
        return None
    shipped = [unit for unit in units if unit.status not in _NOT_SHIPPED]
    carrier, number = _carried(order, shipped, line.to(scopes.FULFILMENT))
    if waiting:
        return refused(_PARTLY.format(shipped_words(carrier, number)))
    return _as_wanted(action, carrier, number)


def buy_label(action: OrderAction, line: Line) -> Answer:
    details = action.details
    bought = line.to(scopes.FULFILMENT).buy_label(
        action.order.remote_id,
        details["unit_ids"],
        details["service_id"],
        _measures(details["measures"]),
    )
    return done(package_id=bought)


def judge_label(action: OrderAction, line: Line) -> Answer | None:
    """Whether the items have a package, which in the US is made by buying a label."""
    order = find_order(action, line)
    if order is None:
        return refused(NO_ORDER)
    if order.status is OrderStatus.CANCELLED:
        return refused(CANCELLED)
    units = _wanted_units(order, action.details["unit_ids"])
    packages = {unit.package_id for unit in units}
    if not units or "" in packages:
        return None
    return done("A label was bought before.", package_id=min(packages))


def find_order(action: OrderAction, line: Line) -> RemoteOrder | None:
    """The order as the platform has it now."""
    found = line.to(scopes.ORDERS).get_orders([action.order.remote_id])
    return found[0] if found else None


def units_of(order: RemoteOrder) -> list[RemoteUnit]:
    return [unit for line in order.lines for unit in line.units]


def own_shipment(details: Mapping[str, Any]) -> OwnShipment:
    return OwnShipment(details["tracking_number"], details["provider_id"])


def package_id(action: OrderAction) -> str:
    """The target, also where the package's row is gone."""
    return action.package.remote_id if action.package else action.target


_WAITING = {OrderStatus.TO_SHIP, OrderStatus.ON_HOLD, OrderStatus.UNPAID}
_NOT_SHIPPED = {*_WAITING, OrderStatus.CANCELLED}


def _as_wanted(action: OrderAction, carrier: str, number: str) -> Answer:
    """Shipped; with another number it is not what was asked for."""
    wanted = action.details["tracking_number"]
    words = shipped_words(carrier, number)
    if wanted and number and wanted.casefold() != number.casefold():
        return refused(words)
    return done(words)


def _wanted_units(order: RemoteOrder, unit_ids: Sequence[str]) -> list[RemoteUnit]:
    return [u for u in units_of(order) if not unit_ids or u.remote_id in unit_ids]


def _carried(
    order: RemoteOrder, shipped: Sequence[RemoteUnit], client: PlatformClient
) -> tuple[str, str]:
    """Carrier and number of the first of these items that has a package."""
    for unit in shipped:
        if unit.package_id:
            package = client.get_package(unit.package_id)
            return package.carrier, package.tracking_number
    return order.carrier, order.tracking_number


def _shipment(action: OrderAction) -> Shipment:
    details = action.details
    own = own_shipment(details) if details["tracking_number"] else None
    return Shipment(
        package_id(action), details["handover_method"], _slot(details["slot"]), own
    )


def _slot(slot: Sequence[str] | None) -> PickupSlot | None:
    if not slot:
        return None
    start, end = (datetime.fromisoformat(each) for each in slot)
    return PickupSlot(start, end)


def _measures(given: Mapping[str, Any] | None) -> Measures | None:
    if not given:
        return None
    length, width, height, weight = (
        Decimal(str(given[name])) for name in ("length", "width", "height", "weight")
    )
    return Measures(
        length=length,
        width=width,
        height=height,
        unit=given["unit"],
        weight=weight,
        weight_unit=given["weight_unit"],
    )
