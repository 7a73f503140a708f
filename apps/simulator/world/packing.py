"""What becomes of an order when its parcels change: shipped, split, combined, there.

Every function says what has to happen to the order, as `Simulator.tell` takes it, and
changes nothing itself.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from apps.simulator.world.futures import Future, after_a_part, on_the_way
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Json, Order
from apps.simulator.world.packages import unit_count

_NAMES = {Event.COLLECTED: "collected", Event.DELIVERED: "delivered"}
_FIRST_NEW = 10  # the last digits of new packages' ids; the first ones have 0 and 1


class Told(NamedTuple):
    what: Event
    notes: Json
    then: Future


def written_out(order: Order) -> list[Json]:
    """Its parcels with their units and steps, also where they are the default."""
    parcels = [dict(parcel) for parcel in order.parcels()]
    if "units" in parcels[0]:
        return parcels
    units = range(unit_count(order))
    for number, parcel in enumerate(parcels):
        parcel["units"] = [*units[number :: len(parcels)]]
    if step := order.step_of(Event.PARTLY_SHIPPED):
        parcels[0]["shipped"] = step
    return [parcel for parcel in parcels if parcel["units"]]


def is_waiting(order: Order, parcel: Json) -> bool:
    """Whether there is something in a parcel written out that can be shipped."""
    return not 0 < parcel.get("shipped", 0) <= order.done and any(
        not order.cancelled_unit(unit) for unit in parcel["units"]
    )


def with_units_apart(order: Order, units: Collection[int]) -> tuple[list[Json], int]:
    """Its parcels with these units in one of their own, and the number of that one."""
    parcels, wanted = written_out(order), set(units)
    for number, parcel in enumerate(parcels):
        live = {unit for unit in parcel["units"] if not order.cancelled_unit(unit)}
        if live == wanted:
            return parcels, number
        parcel["units"] = [unit for unit in parcel["units"] if unit not in wanted]
    step = order.done + 1
    others = [one for one in parcels if one["units"]]
    own = {"id": _new_id(order), "units": sorted(wanted), "created": step}
    return [*others, own], len(others)


def _new_id(order: Order, more: int = 0) -> str:
    return order.package_id(_packed(order) + more)


def _packed(order: Order) -> int:
    """The number that the next new package gets."""
    return int((order.notes or {}).get("packed", _FIRST_NEW))


def shipping(
    order: Order,
    parcels: list[Json],
    numbers: Collection[int],
    details: Json,
    now: int,
    then: Future | None = None,
) -> Told:
    """These of its `parcels`, written out, are handed to a carrier. `details` are kept
    with each; `then` is what the courier does, if that is not the order's own story."""
    step = order.done + 1
    for number in numbers:
        parcels[number] |= details | {"shipped": step}
    rest = [one for n, one in enumerate(parcels) if n not in numbers]
    is_all = not any(is_waiting(order, parcel) for parcel in rest)
    if order.stands:
        then = []
    elif then is None:
        then = on_the_way(order, now) if is_all else after_a_part(order, now)
    what = Event.SHIPPED if is_all else Event.PARTLY_SHIPPED
    return Told(what, _noted(order, parcels), then)


def _noted(order: Order, parcels: list[Json], retired: Iterable[str] = ()) -> Json:
    """`retired`: ids of packages that are no more."""
    own = order.package_id(0)[:15]
    known = [parcel["id"] for parcel in (*order.parcels(), *parcels)]
    numbers = [int(id[15:]) + 1 for id in known if id[:15] == own]
    notes: Json = {"parcels": parcels, "packed": max(_packed(order), *numbers, 0)}
    if gone := dict.fromkeys(retired, order.done + 1):
        notes["retired"] = (order.notes or {}).get("retired", {}) | gone
    return notes


def splitting(order: Order, groups: Sequence[Sequence[int]]) -> tuple[Told, list[str]]:
    """One package for each group of units, with the ids of the new ones."""
    step = order.done + 1
    ids = [_new_id(order, place) for place in range(len(groups))]
    parcels: list[Json] = [
        {"id": id, "units": sorted(units), "created": step}
        for id, units in zip(ids, groups, strict=True)
    ]
    gone = [parcel["id"] for parcel in order.parcels()]
    return _repacked(order, _noted(order, parcels, gone), rest_of(order)), ids


def _repacked(order: Order, notes: Json, then: Future) -> Told:
    return Told(Event.REPACKED, notes, then)


def rest_of(order: Order) -> Future:
    """What is to come, where the parcels are no longer as its story has them."""
    return [step for step in order.to_come() if step[0] != Event.PARTLY_SHIPPED]


def combining(orders: Sequence[Order]) -> tuple[list[Told], str]:
    """All of several orders in one package, and its id; they share the first one's
    story from now on."""
    package_id = _new_id(orders[0])
    told = []
    for order in orders:
        units = [*range(unit_count(order))]
        parcel = {"id": package_id, "units": units, "is_combined": True}
        parcel["created"] = order.done + 1
        gone = [one["id"] for one in order.parcels()]
        notes = _noted(order, [parcel], gone)
        told.append(_repacked(order, notes, rest_of(orders[0])))
    return told, package_id


def leaving(order: Order, *, is_last: bool) -> tuple[Told, str]:
    """A package of its own again; `is_last`: the combined one is no more."""
    step, new = order.done + 1, _new_id(order)
    parcel = {"id": new, "units": [*range(unit_count(order))], "created": step}
    gone = [order.parcels()[0]["id"]] if is_last else []
    return _repacked(order, _noted(order, [parcel], gone), rest_of(order)), new


def changing(order: Order, number: int, details: Json) -> Told:
    """Something else about a parcel."""
    parcels = written_out(order)
    parcels[number] |= details | {"changed": order.done + 1}
    return Told(Event.PARCEL_CHANGED, _noted(order, parcels), order.to_come())


def reaching(order: Order, numbers: Collection[int], event: Event, now: int) -> Told:
    """Parcels are collected or delivered now; with the last one, so is the order."""
    parcels = written_out(order)
    for number in numbers:
        parcels[number] |= {_NAMES[event]: order.done + 1, "hitch": ""}
    others = (one for n, one in enumerate(parcels) if n not in numbers)
    live = (
        one
        for one in others
        if any(not order.cancelled_unit(unit) for unit in one["units"])
    )
    if not all(0 < one.get(_NAMES[event], 0) <= order.done for one in live):
        notes = _noted(order, parcels)
        return Told(Event.PARCEL_CHANGED, notes, order.to_come())
    return Told(event, _noted(order, parcels), _from(order, event, now))


def _from(order: Order, event: Event, now: int) -> Future:
    """The rest of its story, with `event` now instead of when it was planned."""
    rest = order.to_come()
    for place, (what, planned) in enumerate(rest):
        if what == event:
            return [(one, at + now - planned) for one, at in rest[place + 1 :]]
    return [(one, max(at, now)) for one, at in rest]
