"""Stock takes: so many lay there at that moment, and that holds."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Max, Sum

from apps.inventory.errors import DocumentRefused, Fault
from apps.inventory.models import (
    Booking,
    StockCount,
    StockDocument,
    StockDocumentLine,
    StockLevel,
    StockMovement,
)
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import lock_levels, write
from apps.inventory.services.counts_hold import new_booking
from apps.inventory.services.steps import Step
from apps.users.models import User

Reason = StockMovement.Reason


def book_counts(
    document: StockDocument,
    lines: Sequence[StockDocumentLine],
    *,
    user: User | None,
) -> list[StockMovement]:
    """Book the differences to what the ledger says of the moment of counting.

    To be called in a transaction. Raises DocumentRefused where a SKU was counted at
    that very moment already.
    """
    at = document.effective_at
    places = {line.pk: (line.variant_id, document.warehouse_id) for line in lines}
    levels = lock_levels(places.values())
    of_line = {line.pk: levels[places[line.pk]] for line in lines}
    _refuse_twice(of_line, lines, at)
    counts = StockCount.objects.bulk_create(
        StockCount(
            level=of_line[line.pk], line=line, quantity=line.quantity, counted_at=at
        )
        for line in lines
    )
    booked = _on_hand_at(of_line.values(), at)
    steps = [
        Step(
            new_booking(count, at),
            count.level,
            Position(on_hand=count.quantity - booked[count.level_id]),
            Reason.COUNT,
            at,
        )
        for count in counts
        if count.quantity != booked[count.level_id]
    ]
    return write(
        steps,
        levels.values(),
        opens=[level.pk for level in levels.values()],
        counted={
            level.pk: max(at, level.counted_at or at) for level in levels.values()
        },
        user=user,
    )


def take_back_counts(
    document: StockDocument, *, closes: Collection[int], user: User | None
) -> list[StockMovement]:
    """As if nobody had counted: what the counts set off comes back. To be called in a
    transaction that holds the document's lock. `closes`: see `write`."""
    counts = list(
        StockCount.objects.live()
        .filter(line__document=document)
        .select_related("level")
    )
    places = [(each.level.variant_id, each.level.warehouse_id) for each in counts]
    levels = {level.pk: level for level in lock_levels(places).values()}
    keys = [count.pk for count in counts]
    StockCount.objects.filter(pk__in=keys).update(is_live=False)
    bookings = Booking.objects.filter(cause_kind=Booking.Kind.COUNT, cause_id__in=keys)
    steps = [
        Step(
            booking,
            levels[booking.level_id],
            Position(on_hand=-booking.on_hand),
            Reason.REVERSAL,
            booking.occurred_at,
        )
        for booking in bookings
        if booking.on_hand
    ]
    return write(
        steps,
        levels.values(),
        closes=closes,
        counted=_last_counts(levels),
        user=user,
    )


def _refuse_twice(
    of_line: Mapping[int, StockLevel],
    lines: Sequence[StockDocumentLine],
    at: datetime,
) -> None:
    taken = set(
        StockCount.objects.live()
        .filter(level__in=of_line.values(), counted_at=at)
        .values_list("level", flat=True)
    )
    faults = [
        Fault(
            "variant",
            f"{line.variant} was counted at that very moment already. Take that stock "
            "take back first.",
            line.position - 1,
        )
        for line in lines
        if of_line[line.pk].pk in taken
    ]
    if faults:
        raise DocumentRefused(faults)


def _on_hand_at(levels: Iterable[StockLevel], at: datetime) -> dict[int, int]:
    """{level: what the ledger says lay there at that moment}. From what lies there now
    backwards, because most counts are about now."""
    on_hand = {level.pk: level.on_hand for level in levels}
    later = StockMovement.objects.filter(level__in=list(on_hand), occurred_at__gt=at)
    for level, moved in later.order_by().values_list("level").annotate(Sum("on_hand")):
        on_hand[level] -= int(moved)
    return on_hand


def _last_counts(levels: Mapping[int, StockLevel]) -> dict[int, datetime | None]:
    rows = StockCount.objects.live().filter(level__in=levels)
    last = dict(rows.order_by().values_list("level").annotate(Max("counted_at")))
    return {key: last.get(key) for key in levels}
