"""Where orders meet the stock: they take from it, or find too little and never are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.simulator.world.claims import Pieces, pieces_of
from apps.simulator.world.lifecycle import Event
from apps.simulator.world.orders import Order
from apps.simulator.world.stock import Move, Row, Stock

Json = dict[str, Any]
_CANCELLING = (Event.CANCELLED, Event.UNITS_CANCELLED, Event.REST_CANCELLED)


@dataclass(frozen=True, slots=True)
class Shortage:
    sku_id: str
    warehouse_id: str  # empty: it lies nowhere
    available: int
    wanted: int

    def __str__(self) -> str:
        where = f"in warehouse {self.warehouse_id}" if self.warehouse_id else "anywhere"
        return f"SKU {self.sku_id} has {self.available} {where}, {self.wanted} wanted"


class Checkout:
    """Not thread safe: the simulator's lock guards it. `record` lets an event happen
    and keeps it."""

    def __init__(self, stock: Stock, record: Callable[[Json], Any]) -> None:
        self._stock, self._record = stock, record

    def shortages(self, order: Order) -> list[Shortage]:
        """What there is too little of for the order to be placed."""
        return [
            Shortage(sku_id, place, available, wanted)
            for (sku_id, place), (available, wanted) in self._placed(
                order, pieces_of(order)
            ).items()
            if available < wanted
        ]

    def admits(self, order: Order) -> bool:
        is_forced = bool((order.notes or {}).get("oversells"))
        was_placed = (order.id, 1) in self._stock.steps
        return is_forced or was_placed or not self.shortages(order)

    def turn_away(self, order: Order) -> None:
        event = {"event": "order_dropped", "shop_id": order.shop.id}
        self._record(event | {"order_id": order.id})

    def follow(self, order: Order, event: Event, moment: int, shift: Pieces) -> None:
        """What an order newly claims is taken from what can be sold, and what it gives
        up by a cancellation comes back; what is shipped was taken before. Each event of
        an order counts once, also if the clock is turned back.
        """
        if (order.id, order.done) in self._stock.steps:
            return
        is_cancelled = event in _CANCELLING
        claims: Counter[str] = Counter()
        rows: list[Row] = []
        for (sku_id, place), (held, count) in self._placed(order, shift).items():
            claims[sku_id] += count
            if place and (count > 0 or is_cancelled):
                rows.append((sku_id, place, held, max(0, held - count)))
        by = "cancellation" if is_cancelled else "sale" if rows else "shipment"
        move = Move(order.shop, by, str(order.id), moment, order.done)
        self._stock.move(move, rows, claims)

    def _placed(
        self, order: Order, pieces: Pieces
    ) -> dict[tuple[str, str], tuple[int, int]]:
        """By SKU and warehouse: how many lie there, and how many of them are meant.
        Without bundles: they lie nowhere, but for their parts."""
        placed: dict[tuple[str, str], tuple[int, int]] = {}
        for piece, count in pieces.items():
            sku_id, shop = piece[0], order.shop
            if not shop.catalogue.parts(sku_id):
                place, held = self._stock.place_of(shop, piece, order.warehouse_id)
                _, before = placed.get((sku_id, place), (held, 0))
                placed[sku_id, place] = held, before + count
        return placed
