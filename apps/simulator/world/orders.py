"""One order of the world: who it is, how far its story has come, and what became of
each of its units."""

from collections.abc import Iterable
from typing import Any

from apps.simulator.world.lifecycle import (
    TOO_LATE,
    Event,
    Kind,
    schedule,
    statuses_of,
)
from apps.simulator.world.sellers import Shop, buyer_id
from apps.simulator.world.unit_state import UnitState, still_cancelled

Json = dict[str, Any]
_NUMBER = 10_000
_ANSWERS = frozenset({  # what a wish to cancel may come to
    Event.CANCEL_REFUSED, Event.UNITS_CANCELLED, Event.PARTLY_SHIPPED, Event.SHIPPED,
})  # fmt: skip
_UNSHIPPED = frozenset({"UNPAID", "ON_HOLD", "AWAITING_SHIPMENT"})
_AS_A_WHOLE = frozenset({"UNPAID", "COMPLETED", "CANCELLED"})


class Order:
    """Small on purpose: there may be hundreds of thousands in memory.

    `done` counts the events of its story that have happened; `updated` is the
    moment of the last of them. A *step* is an event's place in the story, counted
    from 1. `notes` is what the seed does not know, among it:

        parcels          what is packed otherwise than by default: [{"id", "units":
                         [numbers], "shipped": step, …}, …], see `parcels`
        cancelled_units  {str(unit): {"at", "by", "reason"}}, cancelled singly; `step`
                         in it is that of the event, which may be still to come
        stands           it moves only when it is told to
        stands_in_for    the order that a replacement or an exchange was sent for
    """

    __slots__ = (
        "created", "done", "events", "id", "kind", "notes", "seed", "shop",
        "statuses", "times", "updated",
    )  # fmt: skip

    def __init__(
        self, shop: Shop, number: int, created: int, kind: Kind, seed: int
    ) -> None:
        day = created // 86_400
        self.shop = shop
        self.id = _identity(day, shop.number, number) * _NUMBER + seed % _NUMBER
        self.created = created
        self.kind = kind
        self.seed = seed
        self.events: tuple[Event, ...] = kind.events
        self.statuses: tuple[str, ...] = kind.statuses
        self.times: tuple[int, ...] = schedule(kind, created, seed)
        self.done = 0
        self.updated = 0
        self.notes: Json | None = None

    @property
    def status(self) -> str:
        return self.statuses[self.done - 1]

    def follow(self, now: int) -> None:
        """Let its story come to `now`, forwards or backwards."""
        done = 0
        for moment in self.times:
            if moment > now:
                break
            done += 1
        self.done = done
        self.updated = self.times[done - 1] if done else 0

    def tell(
        self,
        event: Event,
        moment: int,
        notes: Json | None = None,
        then: Iterable[tuple[Event, int]] = (),
    ) -> None:
        """End the natural story here: `event` happens instead, and what `then` says
        after it. `notes` replace those of the same name; units newly cancelled in
        them are cancelled by this event."""
        later = [(event, max(moment, self.updated)), *then]
        self.events = (*self.events[: self.done], *(event for event, _ in later))
        self.statuses = statuses_of(self.events)
        self.times = (*self.times[: self.done], *(moment for _, moment in later))
        for cancelled in (notes or {}).get("cancelled_units", {}).values():
            cancelled.setdefault("step", self.done + 1)
        if notes:
            self.notes = {**(self.notes or {}), **notes}
        known = (self.notes or {}).get("cancelled_units")
        if known and "cancelled_units" not in (notes or {}):
            kept = still_cancelled(known, self.done, self.to_come())
            self.notes = {**(self.notes or {}), "cancelled_units": kept}

    def foresee(self, story: Iterable[tuple[Event, int]]) -> None:
        """Let `story` follow what has happened, instead of the rest of its own."""
        events, times = [*self.events[: self.done]], [*self.times[: self.done]]
        for event, moment in story:
            events.append(event)
            times.append(max(moment, self.updated, *times[-1:]))
        self.events, self.times = tuple(events), tuple(times)
        self.statuses = statuses_of(self.events)

    def moments(self) -> dict[Event, int]:
        """When what has happened happened."""
        return dict(zip(self.events[: self.done], self.times, strict=False))

    def to_come(self) -> list[tuple[Event, int]]:
        """The rest of its story, if nobody tells it otherwise."""
        rest = zip(self.events[self.done :], self.times[self.done :], strict=True)
        return list(rest)

    def step_of(self, event: Event) -> int:
        """The first time it happened; 0 if it has not."""
        past = self.events[: self.done]
        return past.index(event) + 1 if event in past else 0

    @property
    def stands(self) -> bool:
        return bool((self.notes or {}).get("stands"))

    @property
    def release_date(self) -> int:
        """When a pre-order is due out, whatever becomes of it."""
        place = self.kind.events.index(Event.RELEASED)
        return schedule(self.kind, self.created, self.seed)[place]

    @property
    def asks_to_cancel(self) -> bool:
        for event in reversed(self.events[: self.done]):
            if event in _ANSWERS:
                return False
            if event == Event.CANCEL_ASKED:
                return True
        return False

    @property
    def is_fulfilled_by_platform(self) -> bool:
        return (self.seed & 0xFFFF) / 0x10000 < self.shop.fulfilled_by_platform

    @property
    def shipping_type(self) -> str:
        own = (self.seed >> 16 & 0xFFFF) / 0x10000 < self.shop.own_carrier
        return "SELLER" if own and not self.is_fulfilled_by_platform else "TIKTOK"

    @property
    def is_express(self) -> bool:
        return self.seed % 9 == 0

    @property
    def warehouse_id(self) -> str:
        return self.shop.warehouses[0 if self.seed >> 32 & 3 else 1]

    @property
    def buyer_seed(self) -> int:
        """Of the order this one shares its buyer and address with; else its own."""
        return int((self.notes or {}).get("buyer_seed", self.seed))

    @property
    def buyer_number(self) -> int:
        """Few buyers come often, most come once or twice."""
        place = (self.buyer_seed >> 40 & 0xFFFFF) / 0x100000
        return int(20_000 * place**2)

    @property
    def buyer_id(self) -> str:
        return buyer_id(self.shop, self.buyer_number)

    def line_id(self, unit: int) -> str:
        return str((self.id // _NUMBER + 10**12) * _NUMBER + unit)

    def package_id(self, package: int) -> str:
        return f"115{self.id // _NUMBER % 10**12:012d}{package:04d}"

    def cancel_id(self) -> str:
        return f"403{self.id // _NUMBER % 10**12:012d}{self.seed % _NUMBER:04d}"

    # Parcels: what is packed together. Each is told of by its number among them.

    def parcels(self) -> list[Json]:
        """As noted, else one, or two in an order that is sent in parts; their units
        then are every other one. A parcel may have: id, units, shipped, collected and
        delivered (steps), and what else is known of it."""
        if noted := self._noted_parcels:
            return list(noted)
        return [{"id": self.package_id(n)} for n in range(2 if self._in_two else 1)]

    @property
    def _noted_parcels(self) -> list[Json]:
        return (self.notes or {}).get("parcels") or []

    def parcel(self, number: int) -> Json:
        """What is noted of one; nothing where it is the default."""
        noted = self._noted_parcels
        return noted[number] if noted else {}

    @property
    def _in_two(self) -> bool:
        lines = (self.notes or {}).get("lines") or []
        has_one = sum(quantity for _, quantity in lines) == 1
        return not has_one and (
            self.kind.is_split or Event.PARTLY_SHIPPED in self.events
        )

    def parcel_of(self, unit: int) -> int | None:
        """None for a unit that has left its parcel."""
        noted = self._noted_parcels
        if not noted:
            return unit % 2 if self._in_two else 0
        numbers = (n for n, one in enumerate(noted) if unit in one["units"])
        return next(numbers, None)

    def shipped(self, parcel: int) -> int:
        """The step by which a parcel was shipped: its own, or all of them's."""
        first = self.parcel(parcel).get("shipped", 0)
        if not (parcel or self._noted_parcels):
            first = self.step_of(Event.PARTLY_SHIPPED)
        return self._first(first, self.step_of(Event.SHIPPED))

    def collected(self, parcel: int) -> int:
        """The step by which the carrier got a parcel."""
        return self._reached(parcel, "collected", Event.COLLECTED)

    def delivered(self, parcel: int) -> int:
        return self._reached(parcel, "delivered", Event.DELIVERED)

    def _reached(self, parcel: int, name: str, event: Event) -> int:
        if not self.shipped(parcel):
            return 0
        noted = self.parcel(parcel).get(name, 0)
        return self._first(noted, self.step_of(event))

    def _first(self, *steps: int) -> int:
        """The earliest of those that have happened; 0 if none has."""
        return min([step for step in steps if 0 < step <= self.done], default=0)

    def moment(self, step: int) -> int:
        return self.times[step - 1] if step else 0

    @property
    def has_packages(self) -> bool:
        """From payment on; in the US only once something is shipped."""
        past = self.events[: self.done]
        if self.shop.region.packages_after_shipping:
            return Event.SHIPPED in past or Event.PARTLY_SHIPPED in past
        return Event.PAID in past or Event.ACCEPTED in past

    # Units: each is a row of its own, with a life of its own once it is shipped.

    def cancelled_unit(self, unit: int) -> Json | None:
        """{"at", "by", "reason", "step"} of a unit cancelled singly."""
        noted = (self.notes or {}).get("cancelled_units", {}).get(str(unit))
        if noted and noted["step"] <= self.done and noted["at"] <= self.updated:
            return dict(noted)
        step = self.step_of(Event.REST_CANCELLED)
        if not step or 0 < self._shipped_step_of(unit) < step:
            return None
        why = {"by": "SYSTEM", "reason": TOO_LATE}
        return {"at": self.moment(step), "step": step} | why

    def _shipped_step_of(self, unit: int) -> int:
        parcel = self.parcel_of(unit)
        return 0 if parcel is None else self.shipped(parcel)

    def unit_state(self, unit: int) -> UnitState:
        if cancelled := self.cancelled_unit(unit):
            return UnitState("CANCELLED", None, cancelled=cancelled)
        parcel = self.parcel_of(unit) if self.has_packages else None
        shipped = self.shipped(parcel) if parcel is not None else 0
        if parcel is not None and self.shop.region.packages_after_shipping:
            parcel = parcel if shipped else None
        status = self._status_of(parcel, shipped)
        return UnitState(status, parcel, self.moment(shipped))

    def _status_of(self, parcel: int | None, shipped: int) -> str:
        """Units know no hold and no partial shipment: each is here or there."""
        if self.status in _AS_A_WHOLE:
            return self.status
        if self.status in _UNSHIPPED or parcel is None or not shipped:
            return "AWAITING_SHIPMENT"
        if self.delivered(parcel):
            return "DELIVERED"
        return "IN_TRANSIT" if self.collected(parcel) else "AWAITING_COLLECTION"

    def waits(self, unit: int, done: int) -> bool:
        """Whether a unit claimed its piece after so many events: it was in the order,
        not cancelled and not shipped."""
        status = self.statuses[done - 1] if done else ""
        cancelled = self.cancelled_unit(unit)
        if cancelled and cancelled["step"] <= done:
            return False
        if status == "PARTIALLY_SHIPPING":
            return not 0 < self._shipped_step_of(unit) <= done
        return status in _UNSHIPPED


def _identity(day: int, shop_number: int, number: int) -> int:
    """`57`, five digits of the day, two of the shop, five of the order."""
    return ((57 * 10**5 + day) * 100 + shop_number) * 10**5 + number
