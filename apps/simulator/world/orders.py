"""One order of the world: who it is, and how far its story has come."""

from typing import Any

from apps.simulator.world.lifecycle import Event, Kind, schedule, statuses_of
from apps.simulator.world.sellers import Shop, buyer_id

_NUMBER = 10_000


class Order:
    """Small on purpose: there may be hundreds of thousands in memory.

    `done` counts the events of its story that have happened; `updated` is the
    moment of the last of them.
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
        self.notes: dict[str, Any] | None = None

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

    def tell(self, event: Event, moment: int) -> None:
        """End the natural story here and let `event` happen instead."""
        self.events = (*self.events[: self.done], event)
        self.statuses = statuses_of(self.events)
        self.times = (*self.times[: self.done], max(moment, self.updated))

    def moments(self) -> dict[Event, int]:
        """When what has happened happened."""
        return dict(zip(self.events[: self.done], self.times, strict=False))

    @property
    def release_date(self) -> int:
        """When a pre-order is due out, whatever becomes of it."""
        place = self.kind.events.index(Event.RELEASED)
        return schedule(self.kind, self.created, self.seed)[place]

    @property
    def asks_to_cancel(self) -> bool:
        past = self.events[: self.done]
        return Event.CANCEL_ASKED in past and Event.CANCEL_REFUSED not in past

    @property
    def is_fulfilled_by_platform(self) -> bool:
        return (self.seed & 0xFFFF) / 0x10000 < self.shop.fulfilled_by_platform

    @property
    def shipping_type(self) -> str:
        own = (self.seed >> 16 & 0xFFFF) / 0x10000 < self.shop.own_carrier
        return "SELLER" if own and not self.is_fulfilled_by_platform else "TIKTOK"

    @property
    def warehouse_id(self) -> str:
        return self.shop.warehouses[0 if self.seed >> 32 & 3 else 1]

    @property
    def buyer_number(self) -> int:
        """Few buyers come often, most come once or twice."""
        place = (self.seed >> 40 & 0xFFFFF) / 0x100000
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


def _identity(day: int, shop_number: int, number: int) -> int:
    """`57`, five digits of the day, two of the shop, five of the order."""
    return ((57 * 10**5 + day) * 100 + shop_number) * 10**5 + number
