"""Which deed brings a carrier's number to the platform."""

from collections.abc import Sequence
from typing import Any

from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, Package, ShippingProvider
from apps.orders.services.actions.facts import SHIPPED, Facts, facts_of
from apps.orders.services.actions.objections import chosen, judged
from apps.orders.services.actions.wishes import Wish, completed, ships_packages

Kind = OrderAction.Kind


def wish_tracking(
    order: Order,
    number: str,
    provider: ShippingProvider,
    *,
    package: Package | None = None,
    unit_ids: Sequence[str] = (),
    row: int | None = None,
    facts: Facts | None = None,
) -> Wish:
    """Ship with an own carrier, mark as shipped, or correct: as region, shipping type
    and state of the order have it. Of an order in several packages, `package` says
    which; `unit_ids` are the items to be marked where regions split by shipping.

    Raises ActionRefused with the reason.
    """
    facts = facts or facts_of([order])[order.pk]
    details: dict[str, Any] = {
        "tracking_number": number.strip(),
        "provider_id": provider.remote_id,
        "provider": provider.name,
    }
    if _is_shipped(order, package, unit_ids, facts):
        wish = Wish(order, Kind.UPDATE_TRACKING, details, package, row=row)
    elif ships_packages(order):
        wish = Wish(order, Kind.SHIP, details, package, row=row)
    else:
        details["unit_ids"] = list(unit_ids) or _units(package, facts)
        wish = Wish(order, Kind.MARK_SHIPPED, details, row=row)
    wish = chosen(completed(wish), facts)
    if why_not := judged(wish, facts):
        raise ActionRefused(why_not)
    return wish


def shippable_packages(order: Order, facts: Facts | None = None) -> list[Package]:
    """Its packages, known by the platform's ID, that still wait to be shipped."""
    return (facts or facts_of([order])[order.pk]).shippable


def _is_shipped(
    order: Order, package: Package | None, unit_ids: Sequence[str], facts: Facts
) -> bool:
    if order.shipping_type == Order.ShippingType.PLATFORM:
        return False  # for the words why not
    if package is not None:
        return not facts.waits(package)
    return order.status in SHIPPED and not unit_ids


def _units(package: Package | None, facts: Facts) -> list[str]:
    """The items a number is for: a package's, or all that wait (named, where some are
    gone already)."""
    if package is not None:
        return sorted(facts.units_of(package))
    waiting = facts.unshipped
    return waiting if len(waiting) < len(facts.units) else []
