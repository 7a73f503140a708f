"""A request to cancel or to return: what it is about, and how far it has come."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from apps.simulator.world.aftersales import stages
from apps.simulator.world.aftersales.sending_back import parcel
from apps.simulator.world.aftersales.stages import Situation
from apps.simulator.world.orders import Order

Json = dict[str, Any]
_NUMBER = 10_000
_DIGITS = 10**12
_NOTHING: Mapping[str, Any] = {}


class Step(NamedTuple):
    """`facts` hold from here on, until a later step says otherwise."""

    status: str
    role: str
    event: str
    facts: Mapping[str, Any] = _NOTHING


def request_id(order: Order, family: str, number: int) -> str:
    """`403…` and `404…`; further requests of the same order count up in the middle."""
    prefix = f"{40 + number}{3 if family == stages.CANCEL else 4}"
    return f"{prefix}{order.id // _NUMBER % _DIGITS:012d}{order.seed % _NUMBER:04d}"


class Request:
    """Its story is like an order's: `done` counts the steps that have happened, and
    those to come are what happens if nobody does anything.

    `base` says what never changes; what a story of the world began with is grown when
    somebody asks, as `facts` shows. `place` is the step of the order's story that a
    cancellation follows from, 0 for none.
    """

    __slots__ = (
        "_base", "done", "family", "grow", "id", "number", "order", "place", "steps",
        "times", "type", "updated",
    )  # fmt: skip

    def __init__(
        self,
        order: Order,
        family: str,
        number: int,
        type_: str,
        story: Iterable[tuple[int, Step]],
        base: Json | None = None,
    ) -> None:
        self.order, self.family, self.number, self.type = order, family, number, type_
        self.id = int(request_id(order, family, number))
        pairs = tuple(story)
        self.times = tuple(moment for moment, _ in pairs)
        self.steps = tuple(step for _, step in pairs)
        self.done = self.updated = self.place = 0
        self._base = base
        self.grow: Callable[[Request], Json] | None = None

    @property
    def created(self) -> int:
        return self.times[0]

    @property
    def status(self) -> str:
        return self.steps[self.done - 1].status

    @property
    def next_moment(self) -> int:
        """When its next step is due; 0 for never."""
        return self.times[self.done] if self.done < len(self.times) else 0

    @property
    def is_open(self) -> bool:
        return bool(self.done) and self.status not in stages.FINAL

    @property
    def base(self) -> Json:
        """units, role, reason, with_shipping; and, where known: amount, shipment_type,
        handover_method, previous, lively, quick."""
        if self._base is None:
            self._base = self.grow(self) if self.grow else {}
        return self._base

    @property
    def facts(self) -> Json:
        """Of what it is, and of what has happened to it so far."""
        facts = dict(self.base)
        for step in self.steps[: self.done]:
            facts |= step.facts
        return facts

    def follow(self, now: int) -> None:
        """Let its story come to `now`, forwards or backwards."""
        self.done = sum(1 for moment in self.times if moment <= now)
        self.updated = self.times[self.done - 1] if self.done else 0

    def step(self) -> None:
        self.done += 1
        self.updated = self.times[self.done - 1]

    def untold(self) -> list[tuple[int, Step]]:
        """What is to happen, or happens right now."""
        return list(zip(self.times, self.steps, strict=True))[self.done :]

    def tell(self, now: int, *steps: Step) -> None:
        """Let these steps happen now instead of the rest of its story, and then what
        follows from the last of them."""
        moment = max(now, self.updated)
        story = [(moment, step) for step in steps]
        facts = self.facts
        for step in steps:
            facts |= step.facts
        past = list(zip(self.times, self.steps, strict=True))[: self.done]
        everything = [*past, *story]
        everything += going_on(self.order, self.type, everything[-1], facts)
        self.times = tuple(at for at, _ in everything)
        self.steps = tuple(step for _, step in everything)

    def as_json(self) -> Json:
        return {
            "order_id": self.order.id,
            "family": self.family,
            "number": self.number,
            "type": self.type,
            "base": self.base,
            "done": self.done,
            "story": [
                [at, step.status, step.role, step.event, dict(step.facts)]
                for at, step in zip(self.times, self.steps, strict=True)
            ],
        }


def from_json(order: Order, state: Json) -> Request:
    story = [(row[0], Step(*row[1:])) for row in state["story"]]
    request = Request(
        order, state["family"], state["number"], state["type"], story, state["base"]
    )
    request.done = state["done"]
    request.updated = request.times[request.done - 1] if request.done else 0
    return request


def going_on(
    order: Order, type_: str, last: tuple[int, Step], facts: Mapping[str, Any]
) -> list[tuple[int, Step]]:
    """What happens after the last step if nobody does anything. `facts` are those that
    hold by then."""
    story: list[tuple[int, Step]] = []
    moment, step = last
    known = dict(facts)
    while following := stages.next_of(_situation(order, type_, step.status, known)):
        moment += following.after_seconds
        news = _news_of(order, following, known)
        step = Step(following.status, following.role, following.event, news)
        known |= news
        story.append((moment, step))
    return story


def _situation(
    order: Order, type_: str, status: str, facts: Mapping[str, Any]
) -> Situation:
    return Situation(
        status,
        type_,
        is_american=order.shop.region.code == "US",
        is_paid=bool(facts.get("is_paid", True)),
        is_lively=bool(facts.get("lively")),
        is_yielding=bool(order.seed >> 7 & 1),
        is_disputed=facts.get("arbitration") == "IN_PROGRESS",
        has_shipped="shipped" in facts,
    )


def _news_of(order: Order, following: stages.Next, facts: Mapping[str, Any]) -> Json:
    match following.event:
        case "SHIP":
            return {"shipped": parcel(order)}
        case "ACCEPT_PARTIAL_REFUND":
            return {"amount": facts["offer"]}
        case "REJECT_PARTIAL_REFUND":
            return {"offer_refused": True}
        case _:
            return {}
