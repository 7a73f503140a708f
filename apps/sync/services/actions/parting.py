"""Orders split, put together and taken apart, and whether they are."""

from apps.integrations.contracts import Combinable, PackageStatus
from apps.integrations.errors import NotFound
from apps.orders.models import OrderAction
from apps.platforms.services import scopes
from apps.sync.services.actions.answers import Answer, done, from_failure, refused
from apps.sync.services.actions.line import Line
from apps.sync.services.actions.shipping import (
    NO_ORDER,
    find_order,
    package_id,
    units_of,
)


def split(action: OrderAction, line: Line) -> Answer:
    """Groups are named by their place. Raises PlatformError."""
    groups = enumerate(action.details["groups"], start=1)
    packages = line.to(scopes.PACKAGE_WRITE).split(
        action.order.remote_id, {str(place): units for place, units in groups}
    )
    return done(package_ids=sorted(packages.values()))


def judge_split(action: OrderAction, line: Line) -> Answer | None:
    """Whether its items travel as wanted; split in another way, it is not."""
    order = find_order(action, line)
    if order is None:
        return refused(NO_ORDER)
    together: dict[str, set[str]] = {}
    for unit in units_of(order):
        together.setdefault(unit.package_id, set()).add(unit.remote_id)
    if len(together) < 2:
        return None
    wanted = {frozenset(group) for group in action.details["groups"]}
    if {frozenset(units) for units in together.values()} == wanted:
        return done("It is split already.", package_ids=sorted(together))
    return refused("The order is split in another way already.")


def combine(action: OrderAction, line: Line) -> Answer:
    details = action.details
    offer = Combinable(details["offer_id"], tuple(details["order_ids"]))
    failures = line.to(scopes.PACKAGE_WRITE).combine([offer])
    return from_failure(failures[0]) if failures else done()


def judge_combined(action: OrderAction, line: Line) -> Answer | None:
    """Whether all of the orders travel in one package."""
    ids = action.details["order_ids"]
    orders = line.to(scopes.ORDERS).get_orders(ids)
    packages = {unit.package_id for order in orders for unit in units_of(order)}
    if len(orders) == len(set(ids)) and len(packages) == 1 and "" not in packages:
        return done("They travel together already.", package_id=min(packages))
    return None


def uncombine(action: OrderAction, line: Line) -> Answer:
    client = line.to(scopes.PACKAGE_WRITE)
    client.uncombine(package_id(action), action.details["order_ids"])
    return done()


def judge_apart(action: OrderAction, line: Line) -> Answer | None:
    """Whether the orders are out of the package, which ends with the last of them."""
    apart = done("They travel apart already.")
    try:
        package = line.to(scopes.FULFILMENT).get_package(package_id(action))
    except NotFound:
        return apart
    if package.status is PackageStatus.CANCELLED:
        return apart
    wanted = set(action.details["order_ids"])
    together = wanted & set(package.order_ids) if wanted else len(package.order_ids) > 1
    return None if together else apart
