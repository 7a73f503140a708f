"""Which deeds an order's page offers: those that nothing known here stands against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from apps.orders.models import (
    Cancellation,
    Order,
    OrderAction,
    OrderLine,
    Package,
)
from apps.orders.services.actions import Facts, Wish, objection
from apps.orders.services.actions.facts import Unit
from apps.orders.services.actions.shipping_rules import not_to_ship
from apps.orders.services.actions.wishes import ships_packages

Kind = OrderAction.Kind
# Stands for what a person is still to choose: whether it will do is judged then.
_LATER = "?"
_NUMBER = {"tracking_number": _LATER, "provider_id": _LATER}
_TITLES = {
    "tracking": "Upload tracking…",
    "buy-label": "Buy a label…",
    "split": "Split into packages…",
    "combine": "Send with another order…",
    "cancel": "Cancel…",
    "refund": "Refund…",
}
_IN_HEAD = ("buy-label", "tracking")
_IN_MENU = ("split", "combine", "refund", "cancel")
_NO_SLIP = (Order.Status.CANCELLED, Order.Status.UNPAID)
_BELOW_PACKAGES = ("buy-label", "split", "combine")


def facts_told(
    order: Order,
    lines: Iterable[OrderLine],
    packages: Sequence[Package],
    cancellations: Iterable[Cancellation],
    actions: Iterable[OrderAction],
) -> Facts:
    """What `objection` looks at, of rows that were read already."""
    return Facts(
        order.shop,
        list(packages),
        {
            unit: Unit(status, package)
            for line in lines
            for unit, status, package in line.units
        },
        [row for row in cancellations if row.needs_answer and _is_pending(row)],
        [action for action in actions if action.state in OrderAction.OPEN],
    )


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    address: str
    is_primary: bool = False
    name: str = ""


def deeds_context(
    order: Order, facts: Facts, *, may_act: bool, kept: str
) -> dict[str, Any]:
    """For templates/orders/order.html: `buttons` of the head, `more_deeds` of its menu,
    `package_buttons` of all that is in no package, `package_deeds` by package. `kept`
    is the list's query, which goes with each."""
    if not may_act:
        return {"package_deeds": {}}
    own = {
        name: f"{reverse('admin:orders_order_do', args=[order.pk, name])}{kept}"
        for name in _of_order(order, facts)
    }
    by_package = {
        package.pk: list(_of_package(order, facts, package, kept))
        for package in facts.packages
    }
    shown = [(name, _TITLES[name]) for name in _IN_HEAD if name in own]
    ship = [deeds[0] for deeds in by_package.values() if deeds and deeds[0].is_primary]
    if len(ship) > 1:
        ship = [Button("Ship…", "#packages", is_primary=True)]
    return {
        "pull_address": own["pull"],
        "buttons": [
            *ship,
            *(
                Button(title, own[name], is_primary=not ship and place == 0)
                for place, (name, title) in enumerate(shown)
            ),
        ],
        "more_deeds": [
            Button("Set priority…", _bulk(order, "priority")),
            *(Button(_TITLES[name], own[name]) for name in _IN_MENU if name in own),
        ],
        "slip_address": "" if order.status in _NO_SLIP else _bulk(order, "slips"),
        "package_buttons": [
            Button(_TITLES[name], own[name]) for name in _BELOW_PACKAGES if name in own
        ],
        "package_deeds": by_package,
        "why_not_shipped": _why_not(order, facts),
    }


def _bulk(order: Order, deed: str) -> str:
    """What is done to many orders, to this one."""
    query = urlencode({"deed": deed, "pk": str(order.pk)})
    return f"{reverse('admin:orders_order_bulk')}?{query}"


def _why_not(order: Order, facts: Facts) -> str:
    """Told where somebody might wonder: not of what has left long ago."""
    is_early = order.status in (
        Order.Status.ON_HOLD,
        Order.Status.TO_SHIP,
        Order.Status.PARTLY_SHIPPED,
    )
    return not_to_ship(order, facts) if is_early else ""


def _of_order(order: Order, facts: Facts) -> Iterable[str]:
    def can(
        kind: Kind, details: Mapping[str, Any], package: Package | None = None
    ) -> bool:
        return not objection(Wish(order, kind, details, package), facts)

    waiting = facts.unshipped
    yield "pull"
    if _takes_number(order, facts):
        yield "tracking"
    if can(Kind.BUY_LABEL, {"service_id": _LATER}):
        yield "buy-label"
    if len(waiting) > 1 and can(Kind.SPLIT, {"groups": [waiting[:1], waiting[1:]]}):
        yield "split"
    if can(Kind.COMBINE, {"offer_id": _LATER, "order_ids": [order.remote_id, _LATER]}):
        yield "combine"
    reason = {"reason": _LATER}
    if can(Kind.CANCEL, reason) or (
        waiting and can(Kind.CANCEL, reason | {"unit_ids": waiting})
    ):
        yield "cancel"
    if can(Kind.CREATE_RETURN, reason):
        yield "refund"


def _takes_number(order: Order, facts: Facts) -> bool:
    """Whether an own carrier's number can be told, or corrected."""
    wishes = [Wish(order, Kind.UPDATE_TRACKING, _NUMBER)]
    if ships_packages(order):
        wishes += [Wish(order, Kind.SHIP, _NUMBER, each) for each in facts.shippable]
    else:
        wishes.append(Wish(order, Kind.MARK_SHIPPED, _NUMBER))
    return any(not objection(wish, facts) for wish in wishes)


def _of_package(
    order: Order, facts: Facts, package: Package, kept: str
) -> Iterable[Button]:
    for name, title in _deeds_of_package(order, facts, package):
        keys = [order.pk, package.pk, name]
        address = f"{reverse('admin:orders_order_package_do', args=keys)}{kept}"
        yield Button(title, address, is_primary=name == "ship", name=name)


def _deeds_of_package(
    order: Order, facts: Facts, package: Package
) -> Iterable[tuple[str, str]]:
    def can(kind: Kind, details: Mapping[str, Any]) -> bool:
        return not objection(Wish(order, kind, details, package), facts)

    if not package.remote_id:
        return
    if can(Kind.SHIP, {}):
        yield "ship", "Ship…"
    if ships_packages(order) and can(Kind.SHIP, _NUMBER):
        yield "tracking", "Upload tracking…"
    if can(Kind.UPDATE_TRACKING, _NUMBER):
        yield "tracking", "Correct tracking…"
    if can(Kind.LABEL, {}):
        yield "label", "Fetch a label…"
    if can(Kind.UNCOMBINE, {}):
        yield "uncombine", "Take apart…"
    if can(Kind.DELIVER, {}):
        yield "deliver", "Report delivery…"


def _is_pending(row: Cancellation) -> bool:
    return row.status == Cancellation.Status.PENDING
