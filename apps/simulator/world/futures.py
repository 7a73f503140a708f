"""Until when a seller must have done what, and how an order's story goes on by itself.

Source: Partner Center, "Order API overview": SLA times, automatic cancellation.
"""

from dataclasses import dataclass

from apps.simulator.world.lifecycle import DAY, HOUR, MINUTE, TOO_LATE, Event
from apps.simulator.world.orders import Json, Order
from apps.simulator.world.rolls import rng

Future = list[tuple[Event, int]]
CANCELLED_BY_SYSTEM = {"cancelled_by": "SYSTEM", "cancel_reason": TOO_LATE}
_ALONE = 2 * DAY  # a rest nobody ships is cancelled at least so long after the first


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Unix seconds."""

    release: int
    ship: int
    hand_over: int
    deliver: int
    cancel: int


def deadlines(order: Order) -> Deadlines | None:
    """Counted from the order's release; None for one that nobody has paid."""
    at = order.moments()
    accepted = at.get(Event.PAID) or at.get(Event.ACCEPTED)
    if not accepted:
        return None
    planned = order.release_date if order.kind.is_pre_order else accepted + HOUR
    release = at.get(Event.RELEASED, planned)
    return Deadlines(
        release=planned if order.kind.is_pre_order else release,
        ship=release + 2 * DAY,
        hand_over=release + 3 * DAY,
        deliver=release + 10 * DAY,
        cancel=release + 4 * DAY,
    )


def on_the_way(order: Order, now: int) -> Future:
    """What the courier does after all is shipped now: as the order's story has it, only
    at another time; else as couriers do."""
    rest = order.to_come()
    for place, (event, planned) in enumerate(rest):
        if event == Event.SHIPPED:
            return [(what, at + now - planned) for what, at in rest[place + 1 :]]
    chance = rng("courier", order.id, now)
    collected = now + chance.randint(2 * HOUR, 26 * HOUR)
    delivered = collected + chance.randint(DAY, 5 * DAY)
    completed = delivered + chance.randint(4 * DAY, 8 * DAY)
    steps = (
        (Event.COLLECTED, collected),
        (Event.DELIVERED, delivered),
        (Event.COMPLETED, completed),
    )
    return [step for step in steps if not order.step_of(step[0])]


def after_a_part(order: Order, now: int) -> Future:
    """What happens to the rest after a part is shipped: the seller ships it as planned,
    or the platform cancels it in the end."""
    rest = order.to_come()
    for place, (event, _) in enumerate(rest):
        if event == Event.SHIPPED:
            return rest[place:]
    limits = deadlines(order)
    end = max(limits.cancel if limits else 0, now + _ALONE)
    return [(Event.REST_CANCELLED, end), *on_the_way(order, end)]


def unless_shipped(past: Future, now: int, released: int) -> tuple[Future, Json]:
    """How an order lives on that somebody must ship: it is paid for and released; if
    that is all, the platform cancels it in the end, which the notes explain.

    `released` is when a pre-order is due out, 0 for others.
    """
    known, future = dict(past), []
    if Event.RELEASED not in known:
        if not known.keys() & {Event.PAID, Event.ACCEPTED}:
            future.append((Event.PAID, now + 10 * MINUTE))
        released = max(released, now + HOUR)
        future.append((Event.RELEASED, released))
    known |= dict(future)
    future.append((Event.CANCELLED, known[Event.RELEASED] + 4 * DAY))
    return future, CANCELLED_BY_SYSTEM
