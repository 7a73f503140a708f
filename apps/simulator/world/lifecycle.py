"""What can happen to an order, and when.

A *kind* is a story: the events of an order's life and how long each takes. The
moments are drawn from the order's own seed, so they never change once it exists.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from apps.simulator.world.rolls import next_roll

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TOO_LATE = "system_cancel_order_reason_shipping_timeout"


class Event(StrEnum):
    PLACED = "placed"  # waiting for payment
    ACCEPTED = "accepted"  # placed without payment: cash on delivery, samples
    PAID = "paid"
    RELEASED = "released"  # out of the remorse hour, or a pre-order's release
    ADDRESS_CHANGED = "address_changed"
    CANCEL_ASKED = "cancel_asked"
    CANCEL_REFUSED = "cancel_refused"  # or the wish is withdrawn
    UNITS_CANCELLED = "units_cancelled"  # some, singly; the rest goes on
    REPACKED = "repacked"  # split, combined or taken apart again
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    REST_CANCELLED = "rest_cancelled"  # what was not shipped in time; the rest goes on
    PARCEL_CHANGED = "parcel_changed"  # another number, a hitch, one of several there
    COLLECTED = "collected"
    DELIVERED = "delivered"
    RETURN_ASKED = "return_asked"
    REFUNDED = "refunded"  # everything paid back
    COMPLETED = "completed"
    CANCELLED = "cancelled"


STATUS_AFTER = {
    Event.PLACED: "UNPAID",
    Event.ACCEPTED: "ON_HOLD",
    Event.PAID: "ON_HOLD",
    Event.RELEASED: "AWAITING_SHIPMENT",
    Event.PARTLY_SHIPPED: "PARTIALLY_SHIPPING",
    Event.SHIPPED: "AWAITING_COLLECTION",
    Event.REST_CANCELLED: "AWAITING_COLLECTION",
    Event.COLLECTED: "IN_TRANSIT",
    Event.DELIVERED: "DELIVERED",
    Event.REFUNDED: "COMPLETED",
    Event.COMPLETED: "COMPLETED",
    Event.CANCELLED: "CANCELLED",
}  # the others leave the status alone
STATUSES = (
    "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING",
    "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED",
)  # fmt: skip


def statuses_of(events: tuple[Event, ...]) -> tuple[str, ...]:
    """The order's status after each event."""
    statuses: list[str] = []
    for event in events:
        statuses.append(STATUS_AFTER.get(event) or statuses[-1])
    return tuple(statuses)


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    weight: float
    steps: tuple[tuple[Event, int, int], ...]  # (event, least, most) seconds later
    is_cod: bool = False
    is_sample: bool = False
    is_replacement: bool = False
    is_exchange: bool = False
    is_pre_order: bool = False
    is_split: bool = False
    cancelled_by: str = ""  # BUYER, SELLER or SYSTEM
    cancel_reason: str = ""
    events: tuple[Event, ...] = field(init=False)
    statuses: tuple[str, ...] = field(init=False)
    delays: tuple[tuple[int, int], ...] = field(init=False)  # (least, number of values)

    @property
    def is_free(self) -> bool:
        return self.is_sample or self.is_replacement or self.is_exchange

    def __post_init__(self) -> None:
        events = tuple(event for event, _, _ in self.steps)
        delays = tuple((low, high - low + 1) for _, low, high in self.steps)
        object.__setattr__(self, "events", events)
        object.__setattr__(self, "statuses", statuses_of(events))
        object.__setattr__(self, "delays", delays)


def schedule(kind: Kind, created: int, seed: int) -> tuple[int, ...]:
    """Unix seconds of each of the kind's events, for an order of that seed."""
    moment, state, times = created, seed, []
    for least, values in kind.delays:
        state = next_roll(state)
        moment += least + (state >> 33) % values
        times.append(moment)
    return tuple(times)


Step = tuple[Event, int, int]
_PLACED: Step = (Event.PLACED, 0, 0)
_ACCEPTED: Step = (Event.ACCEPTED, 0, 0)
_PAID: Step = (Event.PAID, 20, 25 * MINUTE)
_RELEASED: Step = (Event.RELEASED, HOUR, HOUR)
_SHIPPED: Step = (Event.SHIPPED, 2 * HOUR, 40 * HOUR)
_COLLECTED: Step = (Event.COLLECTED, 2 * HOUR, 26 * HOUR)
_DELIVERED: Step = (Event.DELIVERED, DAY, 5 * DAY)
_COMPLETED: Step = (Event.COMPLETED, 4 * DAY, 8 * DAY)
_TO_SHIP = (_PLACED, _PAID, _RELEASED)
_ON_THE_WAY = (_SHIPPED, _COLLECTED)
_TO_DOOR = (*_TO_SHIP, *_ON_THE_WAY, _DELIVERED)
_COD_ON_THE_WAY = (_ACCEPTED, _RELEASED, *_ON_THE_WAY)

KINDS = (
    Kind("normal", 600, (*_TO_DOOR, _COMPLETED)),
    Kind("cash on delivery", 180, (*_COD_ON_THE_WAY, _DELIVERED, _COMPLETED),
         is_cod=True),
    Kind("never paid", 45, (_PLACED, (Event.CANCELLED, 30 * MINUTE, 48 * HOUR)),
         cancelled_by="SYSTEM", cancel_reason="Customer overdue to pay"),
    Kind("cancelled unpaid", 20, (_PLACED, (Event.CANCELLED, 5 * MINUTE, 3 * HOUR)),
         cancelled_by="BUYER", cancel_reason="Need to change payment method"),
    Kind("remorse", 18, (_PLACED, _PAID, (Event.CANCELLED, 4 * MINUTE, 50 * MINUTE)),
         cancelled_by="BUYER", cancel_reason="Better price available"),
    Kind("cancel agreed", 22, (*_TO_SHIP, (Event.CANCEL_ASKED, HOUR, 20 * HOUR),
         (Event.CANCELLED, HOUR, 22 * HOUR)),
         cancelled_by="BUYER", cancel_reason="No longer needed"),
    Kind("cancel refused", 10, (*_TO_SHIP, (Event.CANCEL_ASKED, HOUR, 20 * HOUR),
         (Event.CANCEL_REFUSED, HOUR, 20 * HOUR), *_ON_THE_WAY, _DELIVERED,
         _COMPLETED)),
    Kind("out of stock", 12, (*_TO_SHIP, (Event.CANCELLED, HOUR, 46 * HOUR)),
         cancelled_by="SELLER", cancel_reason="Out of stock"),
    Kind("shipped too late", 6, (*_TO_SHIP, (Event.CANCELLED, 96 * HOUR, 96 * HOUR)),
         cancelled_by="SYSTEM", cancel_reason=TOO_LATE),
    Kind("lost", 6, (*_TO_SHIP, *_ON_THE_WAY, (Event.CANCELLED, 6 * DAY, 12 * DAY)),
         cancelled_by="SYSTEM", cancel_reason="Package lost"),
    Kind("refused at the door", 24, (*_COD_ON_THE_WAY, (Event.CANCELLED, 2 * DAY,
         7 * DAY)), is_cod=True,
         cancelled_by="SYSTEM", cancel_reason="Package delivery failed"),
    Kind("returned", 30, (*_TO_DOOR, (Event.RETURN_ASKED, DAY, 3 * DAY),
         (Event.REFUNDED, 4 * DAY, 9 * DAY))),
    Kind("refunded on the way", 8, (*_TO_SHIP, *_ON_THE_WAY,
         (Event.RETURN_ASKED, DAY, 2 * DAY), (Event.REFUNDED, DAY, 2 * DAY))),
    Kind("sample", 12, (_ACCEPTED, _RELEASED, *_ON_THE_WAY, _DELIVERED, _COMPLETED),
         is_sample=True),
    Kind("pre-order", 16, (_PLACED, _PAID, (Event.RELEASED, 3 * DAY, 12 * DAY),
         *_ON_THE_WAY, _DELIVERED, _COMPLETED), is_pre_order=True),
    Kind("split", 22, (*_TO_SHIP, (Event.PARTLY_SHIPPED, 2 * HOUR, 20 * HOUR),
         (Event.SHIPPED, 8 * HOUR, 30 * HOUR), _COLLECTED, _DELIVERED, _COMPLETED),
         is_split=True),
    Kind("moved house", 14, (*_TO_SHIP, (Event.ADDRESS_CHANGED, HOUR, 6 * HOUR),
         *_ON_THE_WAY, _DELIVERED, _COMPLETED)),
)  # fmt: skip

# Once a week one shop gets one order of each of these. They stand still for a week,
# so that a small world, too, shows every status at any moment.
_WEEK: tuple[int, int] = (7 * DAY + HOUR, 7 * DAY + HOUR)
STANDING_KINDS = (
    Kind("slow payer", 0, (_PLACED, (Event.PAID, *_WEEK), _RELEASED, *_ON_THE_WAY,
         _DELIVERED, _COMPLETED)),
    Kind("long pre-order", 0, (_PLACED, _PAID, (Event.RELEASED, *_WEEK),
         *_ON_THE_WAY, _DELIVERED, _COMPLETED), is_pre_order=True),
    Kind("slow split", 0, (*_TO_SHIP, (Event.PARTLY_SHIPPED, HOUR, HOUR),
         (Event.SHIPPED, *_WEEK), _COLLECTED, _DELIVERED, _COMPLETED), is_split=True),
    Kind("late collection", 0, (*_TO_SHIP, (Event.SHIPPED, HOUR, HOUR),
         (Event.COLLECTED, *_WEEK), _DELIVERED, _COMPLETED)),
    Kind("slow cancel", 0, (*_TO_SHIP, (Event.CANCEL_ASKED, HOUR, HOUR),
         (Event.CANCELLED, *_WEEK)),
         cancelled_by="BUYER", cancel_reason="Need to change color or size"),
)  # fmt: skip
# Nobody buys these: they follow from a return.
FOLLOWING_KINDS = (
    Kind("replacement", 0, (_ACCEPTED, _RELEASED, *_ON_THE_WAY, _DELIVERED, _COMPLETED),
         is_replacement=True),
    Kind("exchange", 0, (_ACCEPTED, _RELEASED, *_ON_THE_WAY, _DELIVERED, _COMPLETED),
         is_exchange=True),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in (*KINDS, *STANDING_KINDS, *FOLLOWING_KINDS)}
