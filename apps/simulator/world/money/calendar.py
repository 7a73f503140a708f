"""On which day which order settles, so that nobody has to look through all of them."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from apps.simulator.world.index import Change
from apps.simulator.world.lifecycle import DAY, Event
from apps.simulator.world.money.settling import settles_at
from apps.simulator.world.orders import Order
from apps.simulator.world.world import World

_Days = defaultdict[tuple[str, int], list[Order]]
_CLOSED = frozenset({"UNPAID", "ON_HOLD", "CANCELLED"})


class Calendar:
    """Not thread safe: the simulator's lock guards it."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self.settling: _Days = defaultdict(list)  # by shop and UTC day
        self.lost: _Days = defaultdict(list)  # on the way to the buyer
        self.open: defaultdict[str, dict[int, Order]] = defaultdict(dict)
        self._known: set[int] = set()  # orders whose day of settlement is known

    def look_afresh(self, world: World) -> None:
        self._forget()
        for index in world.indexes.values():
            for order in index.by_create:
                self._note(order)

    def advance(self, changes: Iterable[Change]) -> None:
        for order, _, _ in changes:
            self._note(order)

    def settling_on(self, shop_id: str, day: int) -> list[Order]:
        return self.settling.get((shop_id, day), [])

    def lost_on(self, shop_id: str, day: int) -> list[Order]:
        return self.lost.get((shop_id, day), [])

    def unsettled(self, shop_id: str, today: int) -> list[Order]:
        """Those released and not cancelled that no statement shows yet, the oldest
        first."""
        waiting = self.open[shop_id]
        for order in list(waiting.values()):
            moment = settles_at(order)
            if moment and moment // DAY < today:
                del waiting[order.id]
        found = waiting.values()
        return sorted(found, key=lambda order: (order.created, order.id))

    def _note(self, order: Order) -> None:
        if order.id in self._known:
            return
        shop_id = order.shop.id
        if moment := settles_at(order):
            self.settling[shop_id, moment // DAY].append(order)
            self._known.add(order.id)
        if order.status in _CLOSED:
            self.open[shop_id].pop(order.id, None)
        else:
            self.open[shop_id][order.id] = order
        if order.status == "CANCELLED" and order.step_of(Event.COLLECTED):
            day = order.moments()[Event.CANCELLED] // DAY
            self.lost[shop_id, day].append(order)


def first_day(calendar: Calendar, shop_id: str) -> int | None:
    """The earliest day on which anything of a shop settles or is lost."""
    days = [
        day for shop, day in chain(calendar.settling, calendar.lost) if shop == shop_id
    ]
    return min(days, default=None)
