"""Whether packages have labels, can be split, put together, taken apart, delivered."""

from dataclasses import replace
from itertools import chain

from apps.integrations.contracts import Fulfilment
from apps.orders.errors import ActionRefused
from apps.orders.models import Order, OrderAction, Package
from apps.orders.services.actions.facts import TO_SHIP, Facts
from apps.orders.services.actions.shipping_rules import not_to_ship
from apps.orders.services.actions.wishes import OF_PACKAGE, Wish, splits_first

Kind = OrderAction.Kind
# Source: Partner Center, "Update Package Delivery Status".
DELIVERY_FAILURES = {
    "INVALID_ADDRESS": "The address is wrong",
    "UNABLE_RECEIVE": "Nobody could take it",
    "UNABLE_CONTACT_BUYER": "The buyer could not be reached",
    "BUYER_REFUSED": "The buyer refused it",
    "DELAY_DELIVERY": "It is late",
    "PACKAGE_LOST": "It is lost",
    "PACKAGE_DAMAGE": "It is damaged",
    "FORCE_MAJEURE": "Force majeure",
    "OTHER": "Another reason",
}
# Source: Partner Center, "Get Package Shipping Document".
_PAPERS = frozenset(
    {
        "SHIPPING_LABEL",
        "PACKING_SLIP",
        "SHIPPING_LABEL_AND_PACKING_SLIP",
        "SHIPPING_LABEL_PICTURE",
        "HAZMAT_LABEL",
        "INVOICE_LABEL",
    }
)
# A label shows name and address, which would be kept again.
NO_BUYER = (
    "The buyer's data was erased, and papers show it: print them in Seller Center."
)


def with_package(wish: Wish, facts: Facts) -> Wish:
    """The package as it is now; the only one there is, where none is named. Raises
    ActionRefused where one of several must be chosen, or it is not of this order."""
    if wish.package is not None:
        known = {each.pk: each for each in facts.packages}
        if wish.package.pk not in known:
            raise ActionRefused("The order has no such package.")
        return replace(wish, package=known[wish.package.pk])
    if wish.kind not in OF_PACKAGE:
        return wish
    found = [each for each in facts.packages if each.remote_id]
    if wish.kind == Kind.SHIP and len(found) > 1:
        found = facts.shippable or found[:1]
    if len(found) > 1:
        raise ActionRefused(f"It travels in {len(found)} packages: choose one.")
    return replace(wish, package=found[0]) if found else wish


def no_label(wish: Wish, facts: Facts) -> str:
    order, package, details = wish.order, wish.package, wish.details
    if details["kind"] not in _PAPERS or details["size"] not in ("A6", "A5"):
        return "There is no such paper."
    if details["format"] not in ("PDF", "ZPL"):
        return "There is no such paper."
    if order.fulfilment == Fulfilment.PLATFORM:
        return "TikTok's own warehouse ships this order."
    if order.shipping_type == Order.ShippingType.SELLER:
        return "Your own carrier brings this order: TikTok has no label for it."
    if order.status == Order.Status.CANCELLED:
        return "The order is cancelled."
    if package is None or not package.remote_id:
        return "It has no package yet: arrange shipping first."
    if package.status == Package.Status.CANCELLED:
        return "The package is cancelled."
    if facts.waits(package):
        return "Arrange shipping first: then there is a label."
    return NO_BUYER if order.buyer_erased_at else ""


def no_splitting(wish: Wish, facts: Facts) -> str:
    if why_not := not_to_ship(wish.order, facts):
        return why_not
    if not splits_first(wish.order):
        return "In this region an order is split by shipping some of its items."
    if wish.order.status != Order.Status.TO_SHIP:
        return "Something of it is shipped already."
    groups = wish.details["groups"]
    named = list(chain.from_iterable(groups))
    if len(groups) < 2 or not all(groups):
        return "Say which items go into which package, two at least."
    if unknown := [unit for unit in named if unit not in facts.units]:
        return f"The order has no item {unknown[0]}."
    if len(named) != len(set(named)):
        return "An item goes into one package."
    if left := [unit for unit in facts.unshipped if unit not in named]:
        return f"Item {left[0]} goes into no package."
    return ""


def no_combining(wish: Wish, facts: Facts) -> str:
    if why_not := not_to_ship(wish.order, facts):
        return why_not
    ids = wish.details["order_ids"]
    if not wish.details["offer_id"] or len(set(ids)) < 2:
        return "Choose what TikTok offers to send together."
    if wish.order.remote_id not in ids:
        return "The offer is not about this order."
    return ""


def no_taking_apart(wish: Wish, facts: Facts) -> str:
    package = wish.package
    if package is None or package.split_or_combine != "combined":
        return "Its package is not a combined one."
    if not facts.waits(package):
        return "The package is shipped already."
    if wish.order.status not in TO_SHIP:
        return not_to_ship(wish.order, facts)
    return ""


def no_delivery(wish: Wish, facts: Facts) -> str:
    package, because = wish.package, wish.details["failed_because"]
    if because and because not in DELIVERY_FAILURES:
        return "TikTok does not know this reason."
    if wish.order.shipping_type == Order.ShippingType.PLATFORM:
        return "TikTok's carrier tells of the delivery itself."
    if package is None or not package.remote_id:
        return "TikTok has told of no package yet: pull the order again."
    if package.status == Package.Status.COMPLETED:
        return "It is delivered already."
    if package.status == Package.Status.CANCELLED:
        return "The package is cancelled."
    if facts.waits(package):
        return "It is not shipped yet."
    return ""
