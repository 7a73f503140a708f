"""Every request there is or will be, and when each moves on."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator

from apps.simulator.world.aftersales.racks import Rack
from apps.simulator.world.aftersales.requests import Request
from apps.simulator.world.orders import Order


class Book:
    """Not thread safe: the simulator's lock guards it."""

    def __init__(self, requests: Iterable[Request] = ()) -> None:
        self.by_id: dict[int, Request] = {}
        self.racks: defaultdict[tuple[str, str], Rack] = defaultdict(Rack)
        self._by_order: defaultdict[int, list[Request]] = defaultdict(list)
        self._upcoming: list[tuple[int, int]] = []  # heap of (moment, request id)
        for request in requests:
            self._note(request)
            if moment := request.next_moment:
                self._upcoming.append((moment, request.id))
            if request.done:
                self._rack_of(request).by_create.append(request)
        for rack in self.racks.values():
            rack.sort()
        heapq.heapify(self._upcoming)

    def of_order(self, order: Order) -> list[Request]:
        """Also those that have not begun."""
        return self._by_order.get(order.id, [])

    def put(self, request: Request) -> None:
        """Take it in, instead of the one of the same id."""
        if known := self.by_id.get(request.id):
            self.drop(known)
        self._note(request)
        self._expect(request)
        if request.done:
            self._rack_of(request).put(request)

    def drop(self, request: Request) -> None:
        del self.by_id[request.id]
        self._by_order[request.order.id].remove(request)
        if request.done:
            self._rack_of(request).take(request)

    def advance(self, now: int) -> Iterator[Request]:
        """Let every step due until `now` happen; the request after each."""
        while self._upcoming and self._upcoming[0][0] <= now:
            moment, request_id = heapq.heappop(self._upcoming)
            request = self.by_id.get(request_id)
            if request is None or request.next_moment != moment:
                continue  # it goes otherwise since
            if request.done:
                self._rack_of(request).take(request)
            request.step()
            self._rack_of(request).put(request)
            self._expect(request)
            yield request

    def _note(self, request: Request) -> None:
        self.by_id[request.id] = request
        self._by_order[request.order.id].append(request)

    def _expect(self, request: Request) -> None:
        if moment := request.next_moment:
            heapq.heappush(self._upcoming, (moment, request.id))

    def _rack_of(self, request: Request) -> Rack:
        return self.racks[request.order.shop.id, request.family]
