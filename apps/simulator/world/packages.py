"""Packages: what travels together, of one order or of several, as of now.

They are worked out from the orders. In most regions one exists from payment on, in the
US from shipping on. Split, combined or taken apart again, packages get new ids; those
of before stay to be seen, empty and cancelled.
"""

import random
from dataclasses import dataclass

from apps.simulator.world.basket import fill_basket
from apps.simulator.world.carriers import carried_by
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Json, Order
from apps.simulator.world.rolls import roll

STATUSES = ("TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED")
TO_FULFILL, PROCESSING, FULFILLING, COMPLETED, CANCELLED = STATUSES
HITCHES = (
    "INVALID_ADDRESS", "UNABLE_RECEIVE", "UNABLE_CONTACT_BUYER", "BUYER_REFUSED",
    "DELAY_DELIVERY", "PACKAGE_LOST", "PACKAGE_DAMAGE", "FORCE_MAJEURE", "OTHER",
)  # fmt: skip
_HITCH_OF = {"lost": "PACKAGE_LOST", "refused at the door": "BUYER_REFUSED"}
_ONE_HITCH_IN = 40


@dataclass(frozen=True, slots=True)
class Part:
    """An order's share of a package: the number of its parcel, None in a package that
    is no more."""

    order: Order
    parcel: int | None

    @property
    def noted(self) -> Json:
        return {} if self.parcel is None else self.order.parcel(self.parcel)

    @property
    def units(self) -> list[int]:
        """Not those that were cancelled singly."""
        return [] if self.parcel is None else live_units(self.order, self.parcel)

    @property
    def status(self) -> str:
        order, parcel = self.order, self.parcel
        if parcel is None or order.status == CANCELLED or self._is_empty:
            return CANCELLED
        if order.status == COMPLETED or order.delivered(parcel):
            return COMPLETED
        if order.collected(parcel):
            return FULFILLING
        return PROCESSING if order.shipped(parcel) else TO_FULFILL

    @property
    def _is_empty(self) -> bool:
        notes = self.order.notes or {}
        may_be = "cancelled_units" in notes or self.order.step_of(Event.REST_CANCELLED)
        return bool(may_be) and not self.units


@dataclass(frozen=True, slots=True)
class Package:
    """`parts` is never empty; the first order speaks for the others."""

    id: str
    parts: tuple[Part, ...]

    @property
    def live(self) -> tuple[Part, ...]:
        """Without orders that were cancelled, unless all of them were."""
        return tuple(p for p in self.parts if p.status != CANCELLED) or self.parts

    @property
    def first(self) -> Part:
        return self.live[0]

    @property
    def order(self) -> Order:
        return self.first.order

    @property
    def status(self) -> str:
        return self.first.status

    @property
    def is_combined(self) -> bool:
        return bool(self.first.noted.get("is_combined"))

    @property
    def tag(self) -> str:
        if self.is_combined:
            return "COMBINE"
        is_split = self.first.parcel is not None and len(live_parcels(self.order)) > 1
        return "SPLIT" if is_split else "DEFAULT"

    @property
    def created(self) -> int:
        return max(_created(part) for part in self.parts)

    @property
    def updated(self) -> int:
        return max(_updated(self.id, part) for part in self.parts)

    @property
    def shipped_at(self) -> int:
        order, parcel = self.order, self.first.parcel
        return 0 if parcel is None else order.moment(order.shipped(parcel))

    @property
    def carrier(self) -> tuple[str, str, str] | None:
        """Tracking number, carrier's id and name, once it is shipped."""
        if self.first.parcel is None or not self.shipped_at:
            return None
        return carried_by(self.order, self.first.parcel)

    @property
    def hitch(self) -> str:
        """What is wrong with it on its way; empty if all is well."""
        if self.status != FULFILLING:
            return ""
        order = self.order
        if "hitch" in self.first.noted:
            return str(self.first.noted["hitch"])
        if reason := _HITCH_OF.get(order.kind.name):
            return reason
        dice = roll("hitch", self.id)
        return "" if dice % _ONE_HITCH_IN else HITCHES[dice // 64 % len(HITCHES)]


def _created(part: Part) -> int:
    order, at = part.order, part.order.moments()
    if step := part.noted.get("created"):
        return order.moment(min(step, order.done))
    if order.shop.region.packages_after_shipping and part.parcel is not None:
        return order.moment(order.shipped(part.parcel))
    return at.get(Event.PAID) or at.get(Event.ACCEPTED, 0)


_TOUCHING = (
    Event.RELEASED, Event.ADDRESS_CHANGED, Event.UNITS_CANCELLED, Event.REST_CANCELLED,
    Event.CANCELLED,
)  # fmt: skip


def _updated(package_id: str, part: Part) -> int:
    """The last event that concerns a package."""
    order, at, parcel = part.order, part.order.moments(), part.parcel
    if parcel is None:
        step = (order.notes or {})["retired"][package_id]
        return max(_created(part), order.moment(min(step, order.done)))
    steps = [order.shipped(parcel), order.collected(parcel), order.delivered(parcel)]
    changed = part.noted.get("changed", 0)
    steps.append(min(changed, order.done))
    moments = [order.moment(step) for step in steps]
    return max(_created(part), *moments, *(at.get(event, 0) for event in _TOUCHING))


def unit_count(order: Order) -> int:
    return len(fill_basket(order, random.Random(order.seed)).units)


def live_units(order: Order, parcel: int) -> list[int]:
    return [
        unit
        for unit in range(unit_count(order))
        if order.parcel_of(unit) == parcel and not order.cancelled_unit(unit)
    ]


def existing(order: Order) -> list[int]:
    """The numbers of its parcels that are packages by now."""
    if not order.has_packages:
        return []
    parcels = order.parcels()
    numbers = list(range(len(parcels)))
    if len(parcels) == 2 and not order.kind.is_split and "units" not in parcels[0]:
        numbers = numbers[: unit_count(order)]  # sent in parts, though it has one unit
    if order.shop.region.packages_after_shipping:
        return [n for n in numbers if order.shipped(n)]
    return numbers


def live_parcels(order: Order) -> list[int]:
    """Without those all of whose units were cancelled, unless all parcels were."""
    numbers = existing(order)
    return [n for n in numbers if Part(order, n).status != CANCELLED] or numbers
