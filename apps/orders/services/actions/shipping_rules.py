"""Whether an order can be shipped, and its number corrected, as far as we know."""

from datetime import timedelta

from django.utils import timezone

from apps.integrations.contracts import Fulfilment
from apps.orders.models import Order, OrderAction, Package
from apps.orders.services.actions.facts import SHIPPED, TO_SHIP, Facts, shipped_words
from apps.orders.services.actions.wishes import (
    Wish,
    is_us,
    ships_packages,
    splits_first,
)

Kind = OrderAction.Kind
Status = Order.Status
# Done to some items of an order.
BY_UNITS = (Kind.MARK_SHIPPED, Kind.BUY_LABEL)
# Source: Partner Center, "Update Shipping Info": 72 hours after shipping.
CORRECTED_WITHIN = timedelta(hours=72)
HANDOVERS = ("", "PICKUP", "DROP_OFF")
OTHER_CARRIER = "Carrier does not fit this shop's region."


def no_shipping(wish: Wish, facts: Facts) -> str:
    """Of one package: its carrier is to come, or has been given a number."""
    order, package = wish.order, wish.package
    if why_not := not_to_ship(order, facts, package):
        return why_not
    if not wish.details["tracking_number"]:
        if order.shipping_type == Order.ShippingType.SELLER:
            return "Your own carrier brings this order: give its tracking number."
        if is_us(order):
            return "In the US TikTok's carrier is booked by buying a label."
    if package is None:
        return "TikTok has told of no package yet: pull the order again."
    if wish.details["tracking_number"]:
        return _no_own_carrier(wish, facts, by_package=True)
    if wish.details["handover_method"] not in HANDOVERS:
        return "Packages are picked up or dropped off."
    return ""


def no_marking(wish: Wish, facts: Facts) -> str:
    """Of an order, or some of its items, sent with an own carrier."""
    if why_not := not_to_ship(wish.order, facts) or _no_units(wish, facts):
        return why_not
    if not wish.details["tracking_number"]:
        return "Give the carrier's tracking number."
    return _no_own_carrier(wish, facts, by_package=False)


def no_buying(wish: Wish, facts: Facts) -> str:
    """Of a label for an order, or some of its items."""
    order = wish.order
    if why_not := not_to_ship(order, facts) or _no_units(wish, facts):
        return why_not
    if order.shipping_type == Order.ShippingType.SELLER:
        return "Your own carrier brings this order: TikTok sells no label for it."
    if not is_us(order):
        return "Labels are bought in the US only: arrange shipping instead."
    return "" if wish.details["service_id"] else "Choose a shipping service."


def no_correction(wish: Wish, facts: Facts) -> str:
    """Of the carrier and number of what was shipped."""
    order, package = wish.order, wish.package
    if order.shipping_type == Order.ShippingType.PLATFORM:
        return "TikTok's carrier brings this order: its number is TikTok's."
    if order.status == Status.CANCELLED:
        return "The order is cancelled."
    if order.status in (Status.DELIVERED, Status.COMPLETED):
        return "It has arrived: its number can no longer be changed."
    is_out = order.status in SHIPPED or order.status == Status.PARTLY_SHIPPED
    if not is_out or (package is not None and facts.waits(package)):
        return "It is not shipped yet."
    parts = [each for each in facts.packages if each.remote_id]
    if package is None and len(parts) > 1:
        return f"It travels in {len(parts)} packages: choose one."
    number, provider = wish.details["tracking_number"], wish.details["provider_id"]
    if not number:
        return "Give the carrier's tracking number."
    known = package or (parts[0] if parts else None)
    if _has(known, order, number, provider):
        return "It has this number already."
    since = order.shipped_at
    if since is not None and timezone.now() - since > CORRECTED_WITHIN:
        return "TikTok takes corrections for 72 hours after shipping."
    return _other_carrier(order, provider, facts)


def not_to_ship(order: Order, facts: Facts, package: Package | None = None) -> str:
    """Why nothing of an order, or not this package, can be shipped now."""
    if order.fulfilment == Fulfilment.PLATFORM:
        return "TikTok's own warehouse ships this order."
    if order.status == Status.UNPAID:
        return "It is not paid yet."
    if order.status == Status.ON_HOLD:
        return "On hold: the buyer may still call it off, and TikTok takes no shipment."
    if order.status == Status.CANCELLED:
        return "The order is cancelled."
    if facts.asked or order.is_cancel_requested:
        return "The buyer asks to cancel: answer that first."
    if order.status not in (*TO_SHIP, *SHIPPED):
        return "Its status is not understood: pull the order again."
    if package is not None and not facts.waits(package):
        if package.status == Package.Status.CANCELLED:
            return "The package is cancelled."
        return shipped_words(*_carried_in(package, order, facts))
    if order.status in SHIPPED:
        return shipped_words(*_carried(order, facts))
    if not order.shipping_type:
        return "Nobody has told whose carrier brings it: pull the order again."
    return ""


def _carried(order: Order, facts: Facts) -> tuple[str, str]:
    """Its carrier and number; of several packages, the first that has one."""
    numbered = [each for each in facts.packages if each.tracking_number]
    if numbered:
        carrier = numbered[0].carrier or order.carrier
        return carrier, numbered[0].tracking_number
    return order.carrier, order.tracking_number


def _carried_in(package: Package, order: Order, facts: Facts) -> tuple[str, str]:
    """A package's own; what the order tells is of its only one."""
    if len(facts.packages) > 1:
        return package.carrier, package.tracking_number
    number = package.tracking_number or order.tracking_number
    return package.carrier or order.carrier, number


def _no_units(wish: Wish, facts: Facts) -> str:
    wanted = wish.details["unit_ids"]
    for unit_id in wanted:
        unit = facts.units.get(unit_id)
        if unit is None:
            return f"The order has no item {unit_id}."
        if unit.status == Status.CANCELLED:
            return f"Item {unit_id} is cancelled."
        if unit.status != Status.TO_SHIP:
            package = next(
                (p for p in facts.packages if p.remote_id == unit.package_id), None
            )
            known = (package.carrier, package.tracking_number) if package else ("", "")
            return f"Item {unit_id}: {shipped_words(*known)}"
    is_part = wanted and set(wanted) != set(facts.unshipped)
    if is_part and splits_first(wish.order) and not _is_whole_package(wanted, facts):
        return "Split the order first: its packages are shipped one by one."
    return ""


def _is_whole_package(unit_ids: list[str], facts: Facts) -> bool:
    return any(set(unit_ids) == set(facts.units_of(p)) for p in facts.packages)


def _no_own_carrier(wish: Wish, facts: Facts, *, by_package: bool) -> str:
    order = wish.order
    if order.shipping_type == Order.ShippingType.PLATFORM:
        if is_us(order):
            return "TikTok's carrier brings this order: buy a label for it."
        return "TikTok's carrier brings this order: it takes no number of yours."
    if by_package != ships_packages(order):
        return "In this shop's region numbers are given in another way."
    return _other_carrier(order, wish.details["provider_id"], facts)


def _other_carrier(order: Order, provider_id: str, facts: Facts) -> str:
    """A carrier the order's delivery option does not take, where that is known, or that
    the shop has in none."""
    if not provider_id:
        return "Choose a carrier."
    if not facts.carriers:
        return ""  # nothing was asked yet: the platform knows
    taken = facts.carriers.get(order.delivery_option_id)
    every = [taken] if taken else facts.carriers.values()
    return "" if any(provider_id in each for each in every) else OTHER_CARRIER


def _has(package: Package | None, order: Order, number: str, provider_id: str) -> bool:
    known = package if package and package.tracking_number else order
    if known.tracking_number != number:
        return False
    return not known.carrier_id or known.carrier_id == provider_id
