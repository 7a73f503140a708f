"""All shops' requests, kept sorted by creation and by last change as time passes.

What follows from an order's own story is worked out from it. As soon as somebody deals
with a request of an order, all of its requests are kept in the journal instead.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.book import Book
from apps.simulator.world.aftersales.effects import story_after
from apps.simulator.world.aftersales.mending import mended
from apps.simulator.world.aftersales.natural import requests_of
from apps.simulator.world.aftersales.news import Spell, told
from apps.simulator.world.aftersales.racks import BY_CREATE, Rack
from apps.simulator.world.aftersales.replacing import placing
from apps.simulator.world.aftersales.requests import Request, from_json
from apps.simulator.world.index import Change
from apps.simulator.world.listing_news import News
from apps.simulator.world.orders import Order
from apps.simulator.world.world import World

Json = dict[str, Any]
Record = Callable[[Json], Any]
_SENDING = (stages.REPLACEMENT_COMPLETE, stages.EXCHANGE_COMPLETE)


class Aftersales:
    """Not thread safe: the simulator's lock guards it. `record` lets an event happen
    and keeps it; `spell` says how the platform writes a status."""

    def __init__(self, world: World, record: Record, spell: Spell) -> None:
        self._world, self._record, self.spell = world, record, spell
        self._book = Book()
        self._kept: dict[tuple[int, str, int], Json] = {}  # order, family, number
        self._kept_orders: set[int] = set()
        self._sent: set[int] = set()  # requests that have led to another order
        self.answers: dict[str, Json] = {}  # by what was asked, with its key
        self._jumps = -1

    def rack(self, shop_id: str, family: str) -> Rack:
        return self._book.racks[shop_id, family]

    def of_order(self, order: Order) -> list[Request]:
        """Those that have begun, the oldest first."""
        begun = [request for request in self._book.of_order(order) if request.done]
        return sorted(begun, key=BY_CREATE)

    def find(self, request_id: str) -> Request | None:
        """Whoever's it is, if it has begun."""
        if not request_id.isascii() or not request_id.isdigit():
            return None
        request = self._book.by_id.get(int(request_id))
        return request if request and request.done else None

    def keep(self, order: Order, *changed: Request) -> None:
        """Let these requests be as they are now, with what follows for their order."""
        if order.id not in self._kept_orders:
            for request in list(self._book.of_order(order)):
                if not request.done:
                    self._book.drop(request)
                elif request.id not in [one.id for one in changed]:
                    self._record(_event(request))
        for request in changed:
            self._record(_event(request))
        self._foresee(order)

    def _foresee(self, order: Order) -> None:
        """Tell an order what its requests will make of it, unless it knows."""
        now = self._world.now
        story, notes = story_after(order, self._book.of_order(order), now)
        known = order.notes or {}
        if story == order.to_come() and notes.items() <= known.items():
            return
        event = {"event": "order_foreseen", "order_id": order.id, "at": now}
        then = [[what.value, moment] for what, moment in story]
        self._record(event | {"then": then, "notes": notes})

    def apply(self, event: Json) -> None:
        match event["event"]:
            case "request_kept":
                state = event["request"]
                place = state["order_id"], state["family"], state["number"]
                self._kept[place] = state
                self._kept_orders.add(state["order_id"])
                is_live = self._jumps == self._world.jumps
                if is_live and (request := self._restored(state)):
                    self._book.put(request)
            case "request_sent":
                self._sent.add(event["request_id"])
            case "request_answered":
                self.answers[event["key"]] = event["answer"]

    def advance(self, now: int, changes: Iterable[Change]) -> list[tuple[str, News]]:
        """Let what is due until `now` happen; the news of it, with the shops' ids."""
        if self._jumps != self._world.jumps:
            self._look_afresh(now)
            return []
        touched: dict[int, Order] = {}
        for order, _, _ in changes:
            if order.id in self._kept_orders:
                touched[order.id] = order
            else:
                self._derive(order, now)
        news = self._step(now)
        for order in touched.values():
            self._mend(order)
        return news + self._step(now)

    def _look_afresh(self, now: int) -> None:
        requests = [
            *self._grown(),
            *filter(None, map(self._restored, self._kept.values())),
        ]
        for request in requests:
            request.follow(now)
        self._book, self._jumps = Book(requests), self._world.jumps
        self._catch_up()

    def _grown(self) -> Iterator[Request]:
        for index in self._world.indexes.values():
            for order in index.by_create:
                if order.id not in self._kept_orders:
                    yield from requests_of(order)

    def _restored(self, state: Json) -> Request | None:
        for index in self._world.indexes.values():
            if order := index.orders.get(state["order_id"]):
                return from_json(order, state)
        return None

    def _catch_up(self) -> None:
        """What orders and requests did to each other while nobody looked."""
        for request in list(self._book.by_id.values()):
            if request.done and request.status in _SENDING:
                self._send(request)
        orders = {
            request.order.id: request.order
            for request in self._book.by_id.values()
            if request.order.id in self._kept_orders
        }
        for order in orders.values():
            self._mend(order)

    def _mend(self, order: Order) -> None:
        if not order.done:
            return
        if changed := mended(order, self.of_order(order)):
            self.keep(order, *changed)
        else:
            self._foresee(order)  # it may have been told otherwise

    def _derive(self, order: Order, now: int) -> None:
        """An order's story has moved on, or goes otherwise than it did."""
        before = {request.id: request for request in self._book.of_order(order)}
        for request in requests_of(order):
            known = before.pop(request.id, None)
            if known is None:
                self._book.put(request)
            elif (known.times, known.steps) != (request.times, request.steps):
                _take_over(request, known, now)
                self._book.put(request)
        for request in before.values():
            if not request.done:
                self._book.drop(request)

    def _step(self, now: int) -> list[tuple[str, News]]:
        news: list[tuple[str, News]] = []
        for request in self._book.advance(now):
            news += [(request.order.shop.id, one) for one in told(request, self.spell)]
            if request.status in _SENDING:
                self._send(request)
        return news

    def _send(self, request: Request) -> None:
        """A replacement leads to another order, once."""
        if request.id not in self._sent:
            self._record(placing(request))
            self._record({"event": "request_sent", "request_id": request.id})


def _event(request: Request) -> Json:
    return {"event": "request_kept", "request": request.as_json()}


def _take_over(request: Request, known: Request, now: int) -> None:
    """Go on where the one was that it replaces, if their past is the same."""
    past = known.done
    if (known.times[:past], known.steps[:past]) == (
        request.times[:past],
        request.steps[:past],
    ):
        request.done, request.updated = known.done, known.updated
    else:
        request.follow(now)
