"""The world: sellers, shops and ninety days of orders, moving with the clock."""

import gc
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from apps.simulator.clock import day_of
from apps.simulator.world.almanac import DAYS, PLACED_FROM
from apps.simulator.world.depot import Depot
from apps.simulator.world.index import Change, ShopIndex, Till
from apps.simulator.world.lifecycle import Event, Kind, statuses_of
from apps.simulator.world.orders import Order
from apps.simulator.world.sellers import Seller, Shop, grow_sellers

_LONGEST_WALK = 26 * 3_600  # a longer step of the clock is a jump


@dataclass
class World:
    """Not thread safe: the simulator's lock guards it."""

    seed: int
    size: int
    first_day: int
    sellers: tuple[Seller, ...] = field(init=False)
    shops: dict[str, Shop] = field(init=False)
    indexes: dict[str, ShopIndex] = field(init=False)
    now: int = field(init=False, default=0)
    jumps: int = field(init=False, default=0)  # how often all was looked at afresh
    depot: Depot = field(init=False, default_factory=Depot)
    _placed: Counter[tuple[str, int]] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        self.sellers = grow_sellers(self.seed)
        shops = [shop for seller in self.sellers for shop in seller.shops]
        self.shops = {shop.id: shop for shop in shops}
        self.indexes = {
            shop.id: ShopIndex(shop, self.seed, self.size, self.first_day)
            for shop in shops
        }

    def advance(self, now: int) -> list[Change]:
        """Move to `now`; what happened on the way, unless time jumped."""
        if not self.now <= now <= self.now + _LONGEST_WALK:
            self._jump(now)
            return []
        self.now = now
        changes = [
            change for index in self.indexes.values() for change in index.advance(now)
        ]
        return sorted(changes, key=lambda change: (change[2], change[0].id))

    def _jump(self, now: int) -> None:
        self.jumps += 1
        was_enabled = gc.isenabled()
        gc.disable()  # a million small, lasting objects: collecting would only stall
        try:
            for index in self.indexes.values():
                index.jump(now)
        finally:
            if was_enabled:
                gc.enable()
        self.now = now

    def refresh(self) -> None:
        """Look at every order afresh, after some were told from a journal."""
        self._jump(self.now)

    def sell_from(self, till: Till) -> None:
        """From now on orders take from a stock, and the stock may run out."""
        for index in self.indexes.values():
            index.till = till

    def tell(
        self,
        order_id: int,
        event: Event,
        moment: int,
        notes: dict[str, Any],
        then: Iterable[tuple[Event, int]] = (),
    ) -> Order | None:
        """Let `event`, and then `then`, happen to an order instead of the rest of its
        story. `moment` is `now`, or in the past when a journal is repeated (then
        `refresh` afterwards).
        """
        for index in self.indexes.values():
            if order := index.orders.get(order_id):
                order.follow(moment)
                index.tell(order, event, moment, notes, then)
                self.depot.note(order)
                return order
        return None

    def foresee(
        self,
        order_id: int,
        story: Iterable[tuple[Event, int]],
        moment: int,
        notes: dict[str, Any],
    ) -> None:
        """Let what has happened to an order by `moment` stand and `story` follow."""
        for index in self.indexes.values():
            if order := index.orders.get(order_id):
                order.follow(moment)
                order.notes = {**(order.notes or {}), **notes} or None
                index.foresee(order, story)

    def seller_of(self, shop_id: str) -> Seller:
        return next(
            seller
            for seller in self.sellers
            if any(shop.id == shop_id for shop in seller.shops)
        )

    def seller(self, seller_id: str) -> Seller | None:
        return next((s for s in self.sellers if s.id == seller_id), None)

    def order(self, shop_id: str, order_id: str) -> Order | None:
        """The shop's order of that id, if it has been placed by now."""
        if not order_id.isascii() or not order_id.isdigit():
            return None
        order = self.indexes[shop_id].orders.get(int(order_id))
        return order if order and order.done else None

    def find_order(self, order_id: str) -> Order | None:
        found = (self.order(shop_id, order_id) for shop_id in self.shops)
        return next((order for order in found if order), None)

    def place(
        self,
        shop: Shop,
        kind: Kind,
        *,
        created: int,
        seed: int,
        past: Iterable[tuple[Event, int]],
        notes: dict[str, Any],
        follows_story: bool,
        then: Iterable[tuple[Event, int]] = (),
    ) -> Order:
        """Add an order from outside. Its story is `past` and `then`, or its kind's;
        without `then` it stands still after `past`.

        The same calls in the same order give the same ids, so a journal can repeat
        them.
        """
        self._placed[shop.id, created // 86_400] += 1
        number = PLACED_FROM + self._placed[shop.id, created // 86_400]
        order = Order(shop, number, created, kind, seed)
        order.notes = notes
        if not follows_story:
            known = list(past)
            story = [*known, *then]
            order.events = tuple(event for event, _ in story)
            order.statuses = statuses_of(order.events)
            order.times = tuple(moment for _, moment in story)
            if len(story) == len(known):
                order.notes = {**notes, "stands": True}
        self.indexes[shop.id].add(order)
        return order


def first_day_for(now: float) -> int:
    return day_of(now) - DAYS
