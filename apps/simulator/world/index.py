"""A shop's orders, kept sorted by creation and by last change as time passes."""

import heapq
from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Protocol

from apps.simulator.world.almanac import plans_of
from apps.simulator.world.claims import Claims, Pieces, add, claims_of, shift_of
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.sellers import Shop

BY_CREATE = attrgetter("created", "id")
BY_UPDATE = attrgetter("updated", "id")
_MEMORY_SIZE = 16
Change = tuple[Order, Event, int]


class Till(Protocol):
    """Who knows whether there is enough to sell, and takes it."""

    def admits(self, order: Order) -> bool: ...

    def turn_away(self, order: Order) -> None: ...

    def follow(
        self, order: Order, event: Event, moment: int, shift: Pieces
    ) -> None: ...


class ShopIndex:
    """`version` rises with every change, so that results can be remembered."""

    def __init__(self, shop: Shop, seed: int, size: int, first_day: int) -> None:
        self.shop = shop
        self._seed, self._size, self._first_day = seed, size, first_day
        self._next_day = first_day  # the first one not yet planned
        self.orders: dict[int, Order] = {}  # by id, those to come today included
        self.by_create: list[Order] = []
        self.by_update: list[Order] = []
        self._upcoming: list[tuple[int, int]] = []  # heap of (moment, order id)
        self.version = 0
        self._memory: dict[Hashable, tuple[int, list[Any]]] = {}
        self.till: Till | None = None  # None: there is enough of everything
        self._dropped: set[int] = set()  # ids of orders that never happen
        self._claims: Claims | None = None  # None: to be counted

    def remembered(self, key: Hashable) -> list[Any] | None:
        """An answer given before, if nothing has changed since."""
        version, found = self._memory.get(key, (-1, []))
        return found if version == self.version else None

    def remember(self, key: Hashable, found: list[Any]) -> None:
        if len(self._memory) >= _MEMORY_SIZE:
            self._memory.clear()
        self._memory[key] = self.version, found

    def jump(self, now: int) -> None:
        """Show the world as of `now` without telling what changed on the way."""
        self._plan(now // 86_400)
        self._upcoming = []
        for order in self.orders.values():
            order.follow(now)
            if order.done < len(order.times):
                self._upcoming.append((order.times[order.done], order.id))
        heapq.heapify(self._upcoming)
        born = [order for order in self.orders.values() if order.done]
        self.by_create = sorted(born, key=BY_CREATE)
        self.by_update = sorted(born, key=BY_UPDATE)
        self.version += 1
        self._claims = None

    def advance(self, now: int) -> Iterator[Change]:
        """Let everything due until `now` happen, in its order."""
        if self._next_day <= now // 86_400:
            for order in self._plan(now // 86_400):
                heapq.heappush(self._upcoming, (order.times[0], order.id))
        while self._upcoming and self._upcoming[0][0] <= now:
            moment, order_id = heapq.heappop(self._upcoming)
            order = self.orders[order_id]
            if order.done < len(order.times) and order.times[order.done] == moment:
                if self.till and not order.done and not self.till.admits(order):
                    self.till.turn_away(order)
                else:
                    yield self._step(order)

    def add(self, order: Order) -> None:
        """A new order, told from its beginning by the next `advance`."""
        self.orders[order.id] = order
        heapq.heappush(self._upcoming, (order.times[0], order.id))

    def drop(self, order_id: int) -> None:
        """An order that has not been placed never will be."""
        self._dropped.add(order_id)
        self.orders.pop(order_id, None)

    def committed(self, sku_id: str) -> Mapping[tuple[str, str], int]:
        """Pieces of a SKU in orders that wait to be shipped, by what they were bought
        as and the order's warehouse; counted anew after a jump, once somebody asks."""
        if self._claims is None:
            self._claims = claims_of(self.by_create)
        return self._claims.get(sku_id, {})

    def tell(
        self,
        order: Order,
        event: Event,
        moment: int,
        notes: dict[str, Any],
        then: Iterable[tuple[Event, int]] = (),
    ) -> None:
        order.tell(event, moment, notes, then)
        heapq.heappush(self._upcoming, (order.times[order.done], order.id))

    def foresee(self, order: Order, story: Iterable[tuple[Event, int]]) -> None:
        order.foresee(story)
        if order.done < len(order.times):
            heapq.heappush(self._upcoming, (order.times[order.done], order.id))

    def _plan(self, last_day: int) -> list[Order]:
        planned = []
        for day in range(self._next_day, last_day + 1):
            for plan in plans_of(self._seed, self._size, self.shop, day):
                order = Order(
                    self.shop, plan.number, plan.created, plan.kind, plan.seed
                )
                if order.id not in self._dropped:
                    self.orders[order.id] = order
                    planned.append(order)
        self._next_day = max(self._next_day, last_day + 1)
        return planned

    def _step(self, order: Order) -> Change:
        if order.done:
            place = bisect_left(self.by_update, BY_UPDATE(order), key=BY_UPDATE)
            del self.by_update[place]
        else:
            insort(self.by_create, order, key=BY_CREATE)
        event, moment = order.events[order.done], order.times[order.done]
        order.done += 1
        order.updated = moment
        insort(self.by_update, order, key=BY_UPDATE)
        if order.done < len(order.times):
            heapq.heappush(self._upcoming, (order.times[order.done], order.id))
        self.version += 1
        self._claim(order, event, moment)
        return order, event, moment

    def _claim(self, order: Order, event: Event, moment: int) -> None:
        shift = shift_of(order)
        if shift and self._claims is not None:
            add(self._claims, order, shift)
        if shift and self.till:
            self.till.follow(order, event, moment, shift)
