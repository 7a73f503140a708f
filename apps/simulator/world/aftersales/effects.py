"""What requests make of their order: its story from now on, and what the notes say."""

from collections.abc import Iterable, Iterator
from typing import Any

from apps.simulator.world.aftersales import reasons, stages
from apps.simulator.world.aftersales.money import basket_of
from apps.simulator.world.aftersales.requests import Request, Step
from apps.simulator.world.futures import deadlines
from apps.simulator.world.lifecycle import DAY, TOO_LATE, Event
from apps.simulator.world.orders import Order

Json = dict[str, Any]
Story = list[tuple[Event, int]]
_OURS = frozenset({
    Event.CANCEL_ASKED, Event.CANCEL_REFUSED, Event.UNITS_CANCELLED,
    Event.RETURN_ASKED, Event.REFUNDED,
})  # fmt: skip
_ENDS = frozenset({Event.CANCELLED, Event.REFUNDED})
_TO_SHIP = frozenset({"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"})


class _Plot:
    """What happens to an order as its requests go on."""

    def __init__(self, order: Order, requests: list[Request]) -> None:
        self.order = order
        self.every = set(range(len(basket_of(order).units)))
        self.gone = {unit for unit in self.every if order.cancelled_unit(unit)}
        self.paid_back = {
            unit
            for request in requests
            if request.done and is_paid_back(request.status, request.facts)
            for unit in request.base["units"]
        }
        self.asks = order.asks_to_cancel
        self.asked = self.asks  # at any time from now on
        self.events: list[tuple[int, Event, Request]] = []
        for moment, request, place in _untold(requests):
            events = list(self._events(request, place))
            self.events += [(moment, event, request) for event in events]
            if _ENDS.intersection(events):
                break

    def _events(self, request: Request, place: int) -> Iterator[Event]:
        step, was_over = request.steps[place], self._is_over
        if request.family == stages.CANCEL:
            if event := self._of_cancellation(request, step):
                yield event
        else:
            if place == 0 and self.order.status != "CANCELLED":
                yield Event.RETURN_ASKED
            facts = request.base | _facts(request.steps[: place + 1])
            if is_paid_back(step.status, facts):
                self.paid_back |= set(request.base["units"])
        is_open = self.order.status not in ("COMPLETED", "CANCELLED")
        if is_open and self._is_over and not was_over and self.gone != self.every:
            yield Event.REFUNDED

    @property
    def _is_over(self) -> bool:
        return self.gone | self.paid_back == self.every

    def _of_cancellation(self, request: Request, step: Step) -> Event | None:
        if step.status == stages.CANCEL_PENDING:
            self.asks = self.asked = True
            return Event.CANCEL_ASKED
        if step.status == stages.CANCEL_OFF:
            was_asked, self.asks = self.asks, False
            return Event.CANCEL_REFUSED if was_asked else None
        units = set(request.base["units"])
        if units <= self.gone or self.order.status == "CANCELLED":
            return None
        self.gone |= units
        self.asks = False
        is_all = self.gone == self.every
        return Event.CANCELLED if is_all else Event.UNITS_CANCELLED


def is_paid_back(status: str, facts: Json) -> bool:
    """All that was paid for the units; a part of it is no reason to close an order."""
    return status in stages.REFUNDED and "amount" not in facts


def _untold(requests: Iterable[Request]) -> list[tuple[int, Request, int]]:
    """In the order in which it happens."""
    steps = [
        (request.times[place], request, place)
        for request in requests
        for place in range(request.done, len(request.steps))
    ]
    return sorted(steps, key=lambda step: (step[0], step[2]))


def _facts(steps: Iterable[Step]) -> Json:
    facts: Json = {}
    for step in steps:
        facts |= step.facts
    return facts


def story_after(order: Order, requests: list[Request], now: int) -> tuple[Story, Json]:
    """The order's story from now on, and the notes that go with it."""
    plot = _Plot(order, requests)
    merged: list[tuple[int, int, Event, Request | None]] = [
        (moment, 0, event, request) for moment, event, request in plot.events
    ]
    merged += [(at, 1, event, None) for event, at in _rest(order, requests, plot, now)]
    merged.sort(key=lambda row: row[:2])
    ends = [n for n, row in enumerate(merged) if row[2] in _ENDS and row[3]]
    merged = merged[: ends[0] + 1] if ends else merged
    notes = _notes(order, [(event, at, request) for at, _, event, request in merged])
    return [(event, moment) for moment, _, event, _ in merged], notes


def _rest(order: Order, requests: list[Request], plot: _Plot, now: int) -> Story:
    """What else was to happen. Nobody ships while a cancellation is asked for; what is
    left of the order is to be shipped in time afterwards."""
    if plot.asked:
        return [] if order.stands else _deadline(order, plot, now)
    rest = [(event, at) for event, at in order.to_come() if event not in _OURS]
    ends = [r.times[-1] for r in requests if r.family == stages.RETURN]
    latest = max(ends, default=0) + DAY
    return [
        (event, max(at, latest) if event == Event.COMPLETED else at)
        for event, at in rest
    ]


def _deadline(order: Order, plot: _Plot, now: int) -> Story:
    limits = deadlines(order)
    if limits is None or order.status not in _TO_SHIP:
        return []
    last = max((moment for moment, _, _ in plot.events), default=now)
    return [(Event.CANCELLED, max(limits.cancel, last + DAY))]


def _notes(order: Order, story: list[tuple[Event, int, Request | None]]) -> Json:
    known = (order.notes or {}).get("cancelled_units", {})
    singly = {
        unit: note for unit, note in known.items() if note.get("step", 0) <= order.done
    }
    notes: Json = {}
    for step, (event, moment, request) in enumerate(story, start=order.done + 1):
        if event == Event.CANCELLED and request is None and order.asks_to_cancel:
            notes |= {"cancelled_by": stages.SYSTEM, "cancel_reason": TOO_LATE}
        if request is None:
            continue
        by, reason = request.base["role"], request.base["reason"]
        if event == Event.CANCELLED:
            notes |= {"cancelled_by": by, "cancel_reason": reasons.words(reason)}
        if event == Event.UNITS_CANCELLED:
            note = {"at": moment, "by": by, "reason": reasons.words(reason)}
            singly |= {
                str(unit): note | {"step": step} for unit in request.base["units"]
            }
    if singly or known:
        notes["cancelled_units"] = singly
    return notes
