"""Levels summed anew from their movements, for when the proof found a difference."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from apps.inventory.models import Booking, StockCount, StockLevel, StockMovement
from apps.inventory.services.booking import save_levels
from apps.inventory.services.news import tell_of

FIGURES = ("on_hand", "reserved", "expected_back", "quarantined")


def mend(levels: Iterable[int]) -> int:
    """Sum these levels and what is booked in them anew, and settle their incidents:
    how many there were. Movements stay as they are; they are what is summed."""
    keys = sorted(set(levels))
    for key in keys:
        _mend(key)
    return len(keys)


@transaction.atomic
def _mend(key: int) -> None:
    level = StockLevel.objects.select_for_update(no_key=True).get(pk=key)
    movements = StockMovement.objects.filter(level=level).order_by()
    per_booking = {
        row["booking"]: row for row in _sums(movements.values("booking"), "sequence")
    }
    bookings = list(Booking.objects.filter(level=level))
    for booking in bookings:
        _take(booking, per_booking.get(booking.pk, {}))
    Booking.objects.bulk_update(bookings, [*FIGURES, "movement_count"], batch_size=500)
    whole = _sums(movements.values("level"), "number")
    _take(level, next(iter(whole), {}))
    level.counted_at = _last_count(level)
    save_levels([level], timezone.now())
    if level.is_counted:
        tell_of([level.variant_id])


def _sums(rows: "QuerySet[Any, Any]", place: str) -> list[dict[str, Any]]:
    sums = {f"sum_{name}": Sum(name) for name in FIGURES}
    return list(rows.annotate(last=Max(place), **sums))


def _take(row: StockLevel | Booking, sums: dict[str, Any]) -> None:
    """New places go on after the last, even where there is a gap."""
    for name in FIGURES:
        setattr(row, name, int(sums.get(f"sum_{name}", 0)))
    row.movement_count = sums.get("last", 0)


def _last_count(level: StockLevel) -> datetime | None:
    counts = StockCount.objects.live().filter(level=level)
    last: datetime | None = counts.aggregate(last=Max("counted_at"))["last"]
    return last
