"""What creators earn, one row for each SKU of an order that they brought.

An actual commission is what the order's settlement takes from the seller for it; it is
there once a statement tells of the order, and follows later refunds.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from apps.simulator.world.affiliate.creators import Creator
from apps.simulator.world.affiliate.deals import Deal
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.catalogue import Sku
from apps.simulator.world.index import BY_CREATE, ShopIndex
from apps.simulator.world.lifecycle import DAY
from apps.simulator.world.money.books import Books
from apps.simulator.world.orders import Order

# Spelt like this.
UNPAID, TO_SETTLE = "AWAITING PAYMENT", "To-SETTLE"
SETTLED, INELIGIBLE = "SETTLED", "INELIGIBLE"
_SKUS_OF_AN_ORDER = 16
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A SKU of an order, by its number among those of the deal."""

    order: Order
    number: int
    sku: Sku

    @property
    def place(self) -> Place:
        """Unique, and in the order in which entries came to be."""
        return self.order.created, self.order.id * _SKUS_OF_AN_ORDER + self.number


@dataclass(frozen=True, slots=True)
class Earning:
    """Amounts in the smallest unit; `actual_base` is None until it is settled."""

    entry: Entry
    deal: Deal
    status: str
    price: int  # of one piece, after the seller's discount
    quantity: int
    returned: int
    refunded: int
    is_fully_returned: bool
    actual_base: int | None

    @property
    def estimated_base(self) -> int:
        return self.price * self.quantity


class Ledger:
    """Not thread safe: the simulator's lock guards it."""

    def __init__(self, books: Books) -> None:
        self._books, self._creators = books, books.creators

    def entries(
        self, index: ShopIndex, since: int, until: int, creator: Creator | None = None
    ) -> list[Entry]:
        """Of a shop's orders placed in [since, until), the oldest first; those of one
        creator, or of all."""
        key = "affiliate", since, until, creator.id if creator else ""
        if (known := index.remembered(key)) is not None:
            return known
        rows = index.by_create
        start = bisect_left(rows, (since, 0), key=BY_CREATE)
        end = bisect_left(rows, (until, 0), key=BY_CREATE)
        found = [
            entry
            for order in rows[start:end]
            if (brought_by := self._creators.of(order))
            and creator in (None, brought_by)
            for entry in self._entries_of(order)
        ]
        index.remember(key, found)
        return found

    def _entries_of(self, order: Order) -> Iterator[Entry]:
        deal, basket = self._creators.deal(order), basket_of(order)
        skus = {unit.sku.id: unit.sku for unit in basket.units}
        covered = [s for s in skus.values() if deal and deal.covers(basket, s.id)]
        for number, sku in enumerate(covered):
            yield Entry(order, number, sku)

    def earning(self, entry: Entry) -> Earning:
        books, order = self._books, entry.order
        deal = self._creators.deal(order)
        assert deal is not None
        is_shown = books.is_shown(order)
        position = books.position(order, books.today * DAY if is_shown else books.soon)
        units = [
            number
            for number in position.units_of(entry.sku.id)
            if not position.basket.units[number].is_gift
        ]
        one = position.basket.units[units[0]]
        whole = {n for n in units if position.backs.of(n).is_whole}
        sent = whole & position.backs.sent
        status = _status(order, is_shown=is_shown, is_gone=len(whole) == len(units))
        left = position.rows[entry.sku.id].figures.revenue
        unsettled = 0 if status == INELIGIBLE else None
        return Earning(
            entry=entry,
            deal=deal,
            status=status,
            price=one.list_price - one.seller_discount,
            quantity=len(units),
            returned=len(sent),
            refunded=len(whole) - len(sent),
            is_fully_returned=len(whole) == len(units),
            actual_base=left if is_shown else unsettled,
        )


def _status(order: Order, *, is_shown: bool, is_gone: bool) -> str:
    if is_gone or (order.status == "CANCELLED" and not is_shown):
        return INELIGIBLE
    if is_shown:
        return SETTLED
    return UNPAID if order.status == "UNPAID" else TO_SETTLE
