"""Every shop's statements: a day's settlements, cut at 00:00 UTC.

What a day consists of follows from what had happened by its end, so a statement that
was shown stays as it is. The sums of days that are over are remembered.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.simulator.world.affiliate.deals import Creators
from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.desk import Aftersales
from apps.simulator.world.aftersales.racks import BY_UPDATE
from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import DAY
from apps.simulator.world.money.adjustments import (
    adjustments_on,
    made_by_hand,
    reserves_on,
)
from apps.simulator.world.money.calendar import Calendar, first_day
from apps.simulator.world.money.figures import total
from apps.simulator.world.money.going_back import ended_at
from apps.simulator.world.money.meddling import Meddling
from apps.simulator.world.money.settling import (
    Position,
    SkuRow,
    position,
    settles_at,
)
from apps.simulator.world.money.terms import TERMS
from apps.simulator.world.money.transactions import ORDER, Transaction
from apps.simulator.world.orders import Order
from apps.simulator.world.rolls import digits
from apps.simulator.world.sellers import Shop
from apps.simulator.world.world import World

_DAYS_HELD = 32  # whose transactions are kept at hand


@dataclass(frozen=True, slots=True)
class Statement:
    """Of the day that ended at `time`. Amounts in the smallest unit, signed."""

    id: str
    shop: Shop
    time: int
    revenue: int
    shipping: int
    fee_tax: int
    adjustment: int
    reserve: int

    @property
    def settlement(self) -> int:
        return self.revenue + self.shipping + self.fee_tax + self.adjustment

    @property
    def payable(self) -> int:
        return self.settlement + self.reserve


class Books:
    """Not thread safe: the simulator's lock guards it."""

    def __init__(
        self,
        world: World,
        aftersales: Aftersales,
        creators: Creators,
        meddling: Meddling,
    ) -> None:
        self._world, self._aftersales = world, aftersales
        self.creators, self.meddling = creators, meddling
        self.calendar = Calendar()
        self._jumps = -1
        self._forget()

    def _forget(self) -> None:
        self._statements: dict[tuple[str, int], Statement | None] = {}
        self._days: OrderedDict[tuple[str, int], list[Transaction]] = OrderedDict()
        self._first: dict[str, int] = {}

    @property
    def today(self) -> int:
        return self._world.now // DAY

    @property
    def soon(self) -> int:
        """The first moment that is still to come."""
        return self._world.now + 1

    def advance(self, changes: Iterable[Change]) -> None:
        if self._jumps == self._world.jumps:
            self.calendar.advance(changes)
            return
        self.calendar.look_afresh(self._world)
        self._forget()
        self._jumps = self._world.jumps

    # Orders.

    def position(self, order: Order, until: int) -> Position:
        requests = self._aftersales.of_order(order)
        return position(order, requests, self.creators.deal(order), until)

    def settled(self, order: Order, until: int) -> int:
        """What it has brought by then, and nothing before it is settled."""
        if not 0 < settles_at(order) < until:
            return 0
        rows = self.position(order, until).rows.values()
        return sum(row.figures.settlement for row in rows)

    def is_shown(self, order: Order) -> bool:
        """Whether a statement tells of it."""
        return 0 < settles_at(order) < self.today * DAY

    def days_of(self, order: Order) -> list[int]:
        """The days that are over on which it was settled, or money went back after
        that."""
        first, today = settles_at(order), self.today
        if not first or first // DAY >= today:
            return []
        ends = map(ended_at, self._aftersales.of_order(order))
        later = {end // DAY for end in ends if end // DAY > first // DAY}
        return sorted({first // DAY, *(day for day in later if day < today)})

    def transaction(self, order: Order, day: int) -> Transaction | None:
        """What the day has brought of it; None for nothing."""
        after = self.position(order, (day + 1) * DAY)
        rows = list(after.rows.values())
        if settles_at(order) < day * DAY:
            before = self.position(order, day * DAY).rows
            changed = (_change(row, before[row.sku.id]) for row in rows)
            rows = [row for row in changed if row.figures]
            if not rows:
                return None
        return Transaction(
            id=digits("7390", 19, "transaction", order.id, day),
            type=ORDER,
            created=order.created,
            order_id=str(order.id),
            figures=total(row.figures for row in rows),
            skus=tuple(rows),
            order=order,
        )

    def expected(self, shop: Shop) -> list[Transaction]:
        """What is still to be settled as things stand, in the order of `created`."""
        orders = self.calendar.unsettled(shop.id, self.today)
        rows = [self._estimate(order) for order in orders]
        rows += [
            made_by_hand(shop, made)
            for made in self.meddling.made[shop.id]
            if made.at // DAY == self.today
        ]
        return sorted(rows, key=lambda row: (row.created, int(row.id)))

    def _estimate(self, order: Order) -> Transaction:
        rows = tuple(self.position(order, self.soon).rows.values())
        return Transaction(
            id=digits("7395", 19, "estimate", order.id),
            type=ORDER,
            created=order.created,
            order_id=str(order.id),
            figures=total(row.figures for row in rows),
            skus=rows,
            order=order,
        )

    # Days.

    def transactions(self, shop: Shop, day: int) -> list[Transaction]:
        """All of a day, in the order of `created`."""
        if (known := self._days.get((shop.id, day))) is not None:
            self._days.move_to_end((shop.id, day))
            return known
        found = sorted(self._gather(shop, day), key=lambda row: (row.created, row.id))
        if day < self.today:
            self._days[shop.id, day] = found
            if len(self._days) > _DAYS_HELD:
                self._days.popitem(last=False)
        return found

    def _gather(self, shop: Shop, day: int) -> Iterator[Transaction]:
        orders = {o.id: o for o in self.calendar.settling_on(shop.id, day)}
        orders |= {o.id: o for o in self._paid_back_on(shop, day)}
        for order in orders.values():
            if row := self.transaction(order, day):
                yield row
        yield from adjustments_on(shop, day, self.calendar, self.settled)
        for made in self.meddling.made[shop.id]:
            if made.at // DAY == day:
                yield made_by_hand(shop, made)
        if not TERMS[shop.region.code].has_wallet:
            yield from reserves_on(shop, day, self.calendar, self.settled)

    def _paid_back_on(self, shop: Shop, day: int) -> Iterator[Order]:
        """Orders that had been settled before, and of which money went back."""
        for family in (stages.CANCEL, stages.RETURN):
            rows = self._aftersales.rack(shop.id, family).by_update
            start = bisect_left(rows, (day * DAY, 0), key=BY_UPDATE)
            end = bisect_left(rows, ((day + 1) * DAY, 0), key=BY_UPDATE)
            for request in rows[start:end]:
                if ended_at(request) and 0 < settles_at(request.order) < day * DAY:
                    yield request.order

    def statement(self, shop: Shop, day: int) -> Statement | None:
        """Of a day; None for one on which nothing happened."""
        key = shop.id, day
        if key not in self._statements or day >= self.today:
            self._statements[key] = _statement(shop, day, self.transactions(shop, day))
        return self._statements[key]

    def statements(
        self, shop: Shop, first: int = 0, last: int = 2**40
    ) -> list[Statement]:
        """Of the days from `first` to before `last` that are over, the oldest first."""
        known = self._first_day(shop)
        days = range(max(first, known), min(last, self.today))
        found = (self.statement(shop, day) for day in days)
        return [statement for statement in found if statement]

    def find_statement(self, shop: Shop, id: str) -> Statement | None:
        """Its id names its day."""
        if not (id.isascii() and id.isdigit() and len(id) == 19):
            return None
        found = self.statements(shop, int(id[4:9]), int(id[4:9]) + 1)
        return next((one for one in found if one.id == id), None)

    def _first_day(self, shop: Shop) -> int:
        """On which anything of the shop was settled; tomorrow if nothing was yet."""
        if shop.id not in self._first:
            earliest = first_day(self.calendar, shop.id)
            if earliest is None:
                return self.today + 1
            self._first[shop.id] = earliest
        return self._first[shop.id]


def _change(after: SkuRow, before: SkuRow) -> SkuRow:
    return SkuRow(after.sku, after.quantity, after.figures - before.figures)


def _statement(shop: Shop, day: int, rows: list[Transaction]) -> Statement | None:
    if not rows:
        return None
    return Statement(
        id=statement_id(shop, day),
        shop=shop,
        time=(day + 1) * DAY,
        revenue=sum(row.figures.revenue for row in rows),
        shipping=sum(row.figures.shipping for row in rows),
        fee_tax=sum(row.figures.fee_tax for row in rows),
        adjustment=sum(row.adjustment for row in rows),
        reserve=sum(row.reserve for row in rows),
    )


def statement_id(shop: Shop, day: int) -> str:
    """`7238`, five digits of the day, ten of the shop's own."""
    return f"7238{day:05d}{digits('', 10, 'statement', shop.id, day)}"
