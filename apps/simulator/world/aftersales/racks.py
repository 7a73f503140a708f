"""Requests in the order in which they were made, and in which they last changed."""

from bisect import bisect_left, insort
from operator import attrgetter

from apps.simulator.world.aftersales.requests import Request

BY_CREATE = attrgetter("created", "id")
BY_UPDATE = attrgetter("updated", "id")


class Rack:
    """A shop's requests of one family, those that have begun."""

    def __init__(self) -> None:
        self.by_create: list[Request] = []
        self.by_update: list[Request] = []

    def put(self, request: Request) -> None:
        insort(self.by_create, request, key=BY_CREATE)
        insort(self.by_update, request, key=BY_UPDATE)

    def take(self, request: Request) -> None:
        for rows, key in ((self.by_create, BY_CREATE), (self.by_update, BY_UPDATE)):
            del rows[bisect_left(rows, key(request), key=key)]

    def sort(self) -> None:
        self.by_create.sort(key=BY_CREATE)
        self.by_update = sorted(self.by_create, key=BY_UPDATE)
