"""What became of the units of an order, one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.simulator.world.lifecycle import Event

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class UnitState:
    """`status` is the API's display status; `parcel` the number of the unit's parcel
    among `order.parcels()`, None where there is none (yet); `shipped_at` is 0 until it
    is shipped; `cancelled` is {"at", "by", "reason"} of a unit cancelled singly."""

    status: str
    parcel: int | None
    shipped_at: int = 0
    cancelled: Json | None = None


def still_cancelled(
    cancelled: dict[str, Json], done: int, future: Iterable[tuple[Event, int]]
) -> dict[str, Json]:
    """The notes of units cancelled singly, after their order was told otherwise: those
    of the past, and those of a future that still comes, maybe by another step."""
    steps = {
        moment: done + place
        for place, (event, moment) in enumerate(future, start=1)
        if event == Event.UNITS_CANCELLED
    }
    return {
        unit: note if note["step"] <= done else note | {"step": steps[note["at"]]}
        for unit, note in cancelled.items()
        if note["step"] <= done or note["at"] in steps
    }
