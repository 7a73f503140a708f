"""How many pieces can be sold, and who moves that number: buyers, apps, the seller.

The quantities are those of the listings. A sale takes its pieces from them as the world
moves on; a push overwrites what sales have made of them. What happens in a jump of the
clock leaves the stock alone: the quantities are what is left afterwards.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.simulator.world.listing_news import News
from apps.simulator.world.listings import Listing
from apps.simulator.world.reserved import Reserved
from apps.simulator.world.sellers import Shop
from apps.simulator.world.shelves import Shelves
from apps.simulator.world.stock_news import Level, stock_changed
from apps.simulator.world.world import World

Json = dict[str, Any]
Held = dict[str, int]  # pieces by warehouse
Row = tuple[str, str, int, int]  # SKU, warehouse, pieces before and after
MOVES_KEPT = 200  # of each SKU


@dataclass(frozen=True, slots=True)
class Move:
    shop: Shop
    by: str  # sale, cancellation, shipment, push, edit or seller_center
    reference: str  # an order's id, an app's name
    at: int
    step: int = 0  # which of the order's events, counted from 1


class Stock:
    """Not thread safe: the simulator's lock guards it.

    `record` lets an event happen and keeps it; `tell` passes on news of a shop, which
    it makes only if somebody wants them.
    """

    def __init__(
        self,
        world: World,
        shelves: Shelves,
        record: Callable[[Json], Any],
        tell: Callable[[str, Callable[[], News]], None],
    ) -> None:
        self._world, self._shelves = world, shelves
        self._record, self._tell = record, tell
        self.reserved = Reserved()
        self.moves: defaultdict[str, deque[Json]] = defaultdict(
            lambda: deque(maxlen=MOVES_KEPT)
        )  # by SKU id, the oldest first
        self.steps: set[tuple[int, int]] = set()  # of orders that have moved stock
        self._told = 0

    def held(self, shop: Shop, sku_id: str) -> Held:
        """Empty for a bundle and for a SKU that is no more."""
        found = self._shelves.of(shop).sku(sku_id)
        rows = found[1].get("inventory", ()) if found else ()
        return {row["warehouse_id"]: row["quantity"] for row in rows}

    def place_of(
        self, shop: Shop, piece: tuple[str, str], warehouse_id: str
    ) -> tuple[str, int]:
        """The warehouse a piece for an order comes from, and how many lie there: the
        order's, else the first; of a bundle, one that has all of its parts. Empty if
        there is none."""
        sku_id, bought_as = piece
        places = self._places(shop, bought_as)
        if not places:
            return "", 0
        place = source(places, warehouse_id)
        return place, self.held(shop, sku_id)[place]

    def _places(self, shop: Shop, sku_id: str) -> list[str]:
        """Where a SKU lies; of a bundle, where all of its parts do."""
        parts = [self.held(shop, part.id) for part, _ in shop.catalogue.parts(sku_id)]
        first, *others = parts or [self.held(shop, sku_id)]
        return [one for one in first if all(one in held for held in others)]

    def committed(self, shop: Shop, sku_id: str, held: Iterable[str]) -> Held:
        """Pieces sold and not yet shipped, in the warehouse they were taken from."""
        counts = dict.fromkeys(held, 0)
        claims = self._world.indexes[shop.id].committed(sku_id)
        for (bought_as, warehouse_id), count in claims.items():
            places = [one for one in self._places(shop, bought_as) if one in counts]
            if counts:
                counts[source(places or counts, warehouse_id)] += count
        return counts

    @contextmanager
    def watched(
        self, shop: Shop, listing: Listing, by: str, reference: str, moment: int
    ) -> Iterator[None]:
        """Note what the block makes of a listing's stock."""
        before = _quantities(listing)
        yield
        rows = [
            (*place, before[place], quantity)
            for place, quantity in _quantities(listing).items()
            if before.get(place, quantity) != quantity
        ]
        self.move(Move(shop, by, reference, moment), rows, {})

    def move(self, move: Move, rows: list[Row], claims: Mapping[str, int]) -> None:
        """`claims`: by how much each SKU's committed pieces have changed."""
        if rows:
            event = {"event": "stock_moved", "shop_id": move.shop.id, "rows": rows}
            event |= {"by": move.by, "reference": move.reference}
            self._record(event | {"at": move.at, "step": move.step})
        more: Counter[str] = Counter()
        for sku_id, _, before, after in rows:
            more[sku_id] += after - before
        for sku_id in dict.fromkeys([*more, *claims]):
            deltas = more[sku_id], claims.get(sku_id, 0)
            self._tell(move.shop.id, partial(self._news, move, sku_id, deltas))

    def apply(self, event: Json) -> None:
        """`stock_moved`: the quantities as they are afterwards."""
        if event["step"]:
            self.steps.add((int(event["reference"]), event["step"]))
        shelf = self._shelves.of(self._world.shops[event["shop_id"]])
        move = {name: event[name] for name in ("at", "by", "reference")}
        for sku_id, warehouse_id, before, after in event["rows"]:
            place = {"warehouse_id": warehouse_id, "from": before, "to": after}
            self.moves[sku_id].append(move | place)
            if listing := shelf.by_sku.get(sku_id):
                put_quantity(listing, sku_id, warehouse_id, after)

    def _news(self, move: Move, sku_id: str, deltas: tuple[int, int]) -> News:
        shelf = self._shelves.of(move.shop)
        held = self.held(move.shop, sku_id)
        available = sum(held.values())
        committed = sum(self.committed(move.shop, sku_id, held).values())
        level = Level(available, committed, self.reserved.of(sku_id, available), deltas)
        listing = shelf.by_sku.get(sku_id)
        ids = move.shop.id, listing.id if listing else "0", sku_id
        self._told += 1
        return stock_changed(ids, level, move.by, move.at, self._told)


def put_quantity(
    listing: Listing, sku_id: str, warehouse_id: str, quantity: int
) -> None:
    """In every version of the product that has the SKU there."""
    for content in listing.versions():
        for sku in content["skus"]:
            for row in sku.get("inventory", ()):
                if (sku["id"], row["warehouse_id"]) == (sku_id, warehouse_id):
                    row["quantity"] = quantity


def source(held: Iterable[str], wanted: str) -> str:
    """The warehouse an order's pieces come from: its own, else the first."""
    places = list(held)
    return wanted if wanted in places else places[0]


def _quantities(listing: Listing) -> dict[tuple[str, str], int]:
    """By SKU and warehouse."""
    return {
        (sku["id"], row["warehouse_id"]): row["quantity"]
        for sku in listing.content["skus"]
        for row in sku.get("inventory", ())
    }
