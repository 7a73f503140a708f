"""Which orders lose where more was promised than is there: a function of what is
booked, so it is the same in whatever order the news came."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import BigIntegerField, F, OuterRef, RowRange, Subquery, Sum
from django.db.models.expressions import Window

from apps.core.storing import portions
from apps.inventory.models import Booking, OversellIncident, StockLevel

Outcome = OversellIncident.Outcome
Lost = Mapping[int, int]  # {booking: units}

_NEWEST = ("-claimed_at", "-cause_kind", "-cause_id", "-cause_part")


def settle(levels: Sequence[StockLevel], now: datetime) -> None:
    """Open, change and close the incidents of locked and saved levels."""
    by_key = {level.pk: level for level in levels}
    lost = losers(by_key)
    rows = OversellIncident.objects.open().select_related("booking")
    open_ones = {
        row.booking_id: row
        for keys in portions(sorted(by_key))
        for row in rows.filter(level__in=keys)
    }
    changed = []
    for key, incident in open_ones.items():
        quantity = lost.get(key, 0)
        if quantity == incident.quantity:
            continue
        if quantity:
            incident.quantity = quantity
            incident.worst = max(incident.worst, quantity)
        else:
            incident.closed_at = now
            level = by_key[incident.level_id]
            incident.outcome = _outcome(incident.booking, level)
        changed.append(incident)
    _save(changed)
    _open({key: lost[key] for key in lost.keys() - open_ones.keys()}, now)


def losers(levels: Collection[int]) -> dict[int, int]:
    """{booking: units of it that are not covered} of saved levels. Who came last loses
    first.

    Where even what is promised to nobody is missing, more has left than ever came in:
    that is put down to what left last.
    """
    lost: dict[int, int] = {}
    for keys in portions(sorted(levels)):
        for booking, later, reserved, short in _last_promised(keys):
            lost[booking] = min(short - int(later), reserved)
        for booking, missing in _last_left(keys):
            lost[booking] = lost.get(booking, 0) + missing
    return lost


def _last_promised(levels: Sequence[int]) -> Iterable[tuple[int, int, int, int]]:
    """Bookings at the end of the queue, as far as the levels are short, and how much is
    promised to those behind each."""
    so_far = Window(
        Sum("reserved"),
        partition_by="level",
        order_by=[F(name[1:]).desc() for name in _NEWEST],
        frame=RowRange(end=0),
        output_field=BigIntegerField(),
    )
    holding = Booking.objects.holding().filter(level__in=levels, level__short__gt=0)
    queue = holding.annotate(later=so_far - F("reserved"))
    last = queue.filter(later__lt=F("level__short")).order_by()
    return last.values_list("pk", "later", "reserved", "level__short")


def _last_left(levels: Sequence[int]) -> Iterable[tuple[int, int]]:
    left = Booking.objects.filter(level=OuterRef("pk"), on_hand__lt=0)
    last = left.order_by("-occurred_at", *_NEWEST).values("pk")[:1]
    overdrawn = StockLevel.objects.filter(pk__in=levels, short__gt=0, on_hand__lt=0)
    found = overdrawn.annotate(last=Subquery(last)).order_by()
    return found.values_list("last", -F("on_hand"))


def _open(lost: Lost, now: datetime) -> None:
    rows = Booking.objects.in_bulk(sorted(lost))
    OversellIncident.objects.bulk_create(
        OversellIncident(
            level_id=row.level_id,
            booking=row,
            quantity=lost[key],
            worst=lost[key],
            opened_at=now,
        )
        for key, row in sorted(rows.items())
    )


def _save(incidents: Sequence[OversellIncident]) -> None:
    OversellIncident.objects.bulk_create(
        incidents,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["quantity", "worst", "closed_at", "outcome", "modified_at"],
    )


def _outcome(booking: Booking, level: StockLevel) -> Outcome:
    if not level.is_counted:
        return Outcome.UNCOUNTED
    if level.available >= 0 and (booking.reserved or booking.on_hand < 0):
        return Outcome.COVERED
    if not booking.reserved:
        return Outcome.SHIPPED if booking.on_hand < 0 else Outcome.WITHDRAWN
    return Outcome.PASSED_ON
