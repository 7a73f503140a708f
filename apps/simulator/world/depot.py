"""What is known of packages beyond a single order: who travels together, which tracking
numbers were used, and what the platform's carriers do at a shop."""

from collections import defaultdict, deque
from dataclasses import dataclass, field

from apps.simulator.world.orders import Order

Hurdle = tuple[int, str]  # an error code and its message


@dataclass(slots=True)
class Handover:
    """How a shop's packages can be given to the platform's carrier."""

    can_pickup: bool = True
    can_drop_off: bool = True


@dataclass
class Depot:
    """Not thread safe: the simulator's lock guards it. An order that has left a
    combined package is still named, its own parcels say better; hurdles and handovers
    do not survive a restart."""

    members: dict[str, dict[int, None]] = field(default_factory=dict)  # by package id
    numbers: dict[str, str] = field(default_factory=dict)  # of sellers: package id
    hurdles: defaultdict[int, deque[Hurdle]] = field(
        default_factory=lambda: defaultdict(deque)
    )  # by order id: what its next attempts to be shipped fail for
    handovers: defaultdict[str, Handover] = field(
        default_factory=lambda: defaultdict(Handover)
    )  # by shop id

    def note(self, order: Order) -> None:
        """Sort in what an order's notes say of its parcels."""
        for parcel in (order.notes or {}).get("parcels", ()):
            if parcel.get("is_combined"):
                self.members.setdefault(parcel["id"], {})[order.id] = None
            if number := parcel.get("tracking_number"):
                self.numbers[number] = parcel["id"]

    def next_hurdle(self, order_id: int) -> Hurdle | None:
        waiting = self.hurdles.get(order_id)
        return waiting.popleft() if waiting else None
