"""A stock take holds: late news of goods that moved before it is set off against it.

What lay there at the count's moment is what was counted, whatever is learnt later of
how it came about. So the first count at or after a movement's time takes up the
movement's opposite, and later counts see no difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from apps.core.storing import portions
from apps.inventory.models import Booking, StockCount, StockLevel, StockMovement
from apps.inventory.models.ledger import Position
from apps.inventory.services.steps import Step


def set_off(steps: Iterable[Step], levels: Mapping[int, StockLevel]) -> list[Step]:
    """The steps of counts that these steps call for. `levels` by their keys."""
    late = [
        step
        for step in steps
        if step.change.on_hand
        and step.level.counted_at is not None
        and step.occurred_at <= step.level.counted_at
    ]
    if not late:
        return []
    since = min(step.occurred_at for step in late)
    counts = _counts_of({step.level.pk for step in late}, since)
    totals: dict[int, int] = defaultdict(int)
    takers: dict[int, StockCount] = {}
    for step in late:
        taker = _taker(step, counts[step.level.pk])
        if taker is not None:
            totals[taker.pk] -= step.change.on_hand
            takers[taker.pk] = taker
    bookings = _bookings_of(takers, steps)
    return [
        Step(
            bookings[key],
            levels[takers[key].level_id],
            Position(on_hand=total),
            StockMovement.Reason.COUNT,
            takers[key].counted_at,
        )
        for key, total in totals.items()
        if total
    ]


def _taker(step: Step, counts: list[StockCount]) -> StockCount | None:
    """The first count at or after the step's time; of a count's own step, after."""
    for count in counts:
        if step.booking.cause_kind == Booking.Kind.COUNT:
            if count.counted_at > step.occurred_at:
                return count
        elif count.counted_at >= step.occurred_at:
            return count
    return None


def _counts_of(levels: set[int], since: datetime) -> dict[int, list[StockCount]]:
    """{level: its live counts since then, the earliest first}"""
    counts: dict[int, list[StockCount]] = defaultdict(list)
    rows = StockCount.objects.live().filter(counted_at__gte=since)
    for keys in portions(sorted(levels)):
        for row in rows.filter(level__in=keys).order_by("counted_at"):
            counts[row.level_id].append(row)
    return counts


def _bookings_of(
    counts: Mapping[int, StockCount], steps: Iterable[Step]
) -> dict[int, Booking]:
    """{count: its booking}; where this very batch books a count, the same object."""
    under_way = {
        step.booking.cause_id: step.booking
        for step in steps
        if step.booking.cause_kind == Booking.Kind.COUNT
    }
    rows = Booking.objects.filter(cause_kind=Booking.Kind.COUNT)
    stored = {
        row.cause_id: row
        for keys in portions(sorted(counts.keys() - under_way.keys()))
        for row in rows.filter(cause_id__in=keys)
    }
    found = stored | under_way
    return {
        key: found.get(key) or new_booking(count, count.counted_at)
        for key, count in counts.items()
    }


def new_booking(count: StockCount, at: datetime) -> Booking:
    """For a count that made no difference so far."""
    return Booking(
        cause_kind=Booking.Kind.COUNT,
        cause_id=count.pk,
        level_id=count.level_id,
        occurred_at=at,
        claimed_at=at,
    )
