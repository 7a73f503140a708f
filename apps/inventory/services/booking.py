"""The only writer of the ledger: says what causes are to have booked, books the rest.

A statement is whole: it names everything that causes have booked, so that what is not
named any more is taken back. Levels are locked in the order of their keys; call it
once a transaction, from one that lets nobody else speak for the same causes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.core import bulk
from apps.core.storing import portions
from apps.inventory.errors import OutOfStock, StockRefuses
from apps.inventory.models import Booking, StockLevel, StockMovement, StockNews
from apps.inventory.models.ledger import NOTHING, Position
from apps.inventory.services.counts_hold import set_off
from apps.inventory.services.incidents import settle
from apps.inventory.services.steps import Step
from apps.users.models import User

Reason = StockMovement.Reason
Place = tuple[int, int]  # variant, warehouse

_BOOKING_FIELDS = (
    "on_hand",
    "reserved",
    "expected_back",
    "quarantined",
    "shop",
    "sold",
    "per_unit",
    "occurred_at",
    "claimed_at",
    "movement_count",
    "modified_at",
)
_LEVEL_FIELDS = (
    "on_hand",
    "reserved",
    "expected_back",
    "quarantined",
    "is_counted",
    "counted_at",
    "movement_count",
    "short",
    "changed_at",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one part of a cause is to have booked in all, {(variant, warehouse): it}.

    `reason` says why, should it differ from what is booked. `per_unit` is {variant: how
    many of it are in one of `sold`}. `opens`: it says how much there is, so that the
    levels count as counted.
    """

    cause_id: int
    part: str
    positions: Mapping[Place, Position]
    reason: Reason
    occurred_at: datetime
    claimed_at: datetime
    shop_id: int | None = None
    sold_id: int | None = None
    per_unit: Mapping[int, int] = field(default_factory=dict)
    opens: bool = False


@transaction.atomic
def book(
    kind: Booking.Kind,
    cause_ids: Iterable[int],
    claims: Sequence[Claim],
    *,
    held: Sequence[Booking] | None = None,
    closes: Collection[int] = (),
    user: User | None = None,
    is_strict: bool = False,
) -> list[StockMovement]:
    """Book what these causes claim instead of what they have booked; the movements
    that took. Repeating it makes none.

    `held`: what these causes have booked, should the caller have asked already.
    `is_strict`: raises OutOfStock where a level would promise more than there is.
    """
    held = bookings_of(kind, cause_ids) if held is None else held
    places = {
        place
        for claim in claims
        for place, position in claim.positions.items()
        if position
    }
    levels = _lock(places, {booking.level_id for booking in held})
    steps, reworded = _plan(kind, claims, held, levels)
    opens = {
        levels[place].pk for claim in claims if claim.opens for place in claim.positions
    }
    return write(
        steps,
        levels.values(),
        reworded=reworded,
        opens=opens,
        closes=closes,
        user=user,
        is_strict=is_strict,
    )


def bookings_of(kind: Booking.Kind, cause_ids: Iterable[int]) -> list[Booking]:
    """What these causes have booked, with its levels: those are not locked."""
    rows = Booking.objects.filter(cause_kind=kind).select_related("level__warehouse")
    keys = sorted(set(cause_ids))
    return [row for some in portions(keys) for row in rows.filter(cause_id__among=some)]


def write(
    steps: list[Step],
    levels: Iterable[StockLevel],
    *,
    reworded: Sequence[Booking] = (),
    opens: Collection[int] = (),
    closes: Collection[int] = (),
    counted: Mapping[int, datetime | None] | None = None,
    user: User | None = None,
    is_strict: bool = False,
) -> list[StockMovement]:
    """Book steps of locked levels, and what follows from them.

    `reworded` are bookings that say something else without a step, `opens` levels that
    count as counted from now on, `closes` those that no longer do, `counted` is {level:
    when it was last counted} where that changes.
    """
    touched = {level.pk: level for level in levels}
    before = {key: (each.available, each.is_counted) for key, each in touched.items()}
    for key in opens:
        touched[key].is_counted = True
    for key in closes:
        touched[key].is_counted = False
    for key, counted_at in (counted or {}).items():
        touched[key].counted_at = counted_at
    steps = steps + set_off(steps, touched)
    now = timezone.now()
    movements = [_apply(step, now, user) for step in steps]
    _refuse_impossible(touched.values())
    if is_strict:
        _refuse_shortage(touched.values(), before)
    _save_bookings([*(step.booking for step in steps), *reworded], now)
    for step, movement in zip(steps, movements, strict=True):
        movement.booking_id = step.booking.pk
    bulk.insert(movements)
    changed = {step.level.pk for step in steps} | {*opens, *closes, *(counted or {})}
    changed |= {booking.level_id for booking in reworded}
    rows = [level for key, level in touched.items() if key in changed]
    save_levels(rows, now)
    _tell(
        level
        for level in rows
        if (level.is_counted or before[level.pk][1])
        and before[level.pk] != (level.available, level.is_counted)
    )
    return movements


def lock_levels(places: Iterable[Place]) -> dict[Place, StockLevel]:
    """These levels, made where missing, locked in the order of their keys."""
    return _lock(set(places), set())


def save_levels(levels: Sequence[StockLevel], now: datetime) -> None:
    """Save locked levels, with what they are short of and who loses by that."""
    concerned = []
    for level in levels:
        short = max(0, -level.available) if level.is_counted else 0
        if short or level.short:
            concerned.append(level)
        level.short = short
    bulk.update(levels, _LEVEL_FIELDS)
    settle(concerned, now)


def _lock(places: set[Place], keys: set[int]) -> dict[Place, StockLevel]:
    known: dict[Place, int] = {}
    for variants in portions(sorted({variant for variant, _ in places})):
        rows = StockLevel.objects.filter(variant__among=variants).order_by()
        for key, variant, warehouse in rows.values_list("pk", "variant", "warehouse"):
            known[variant, warehouse] = key
    if missing := sorted(places - known.keys()):
        StockLevel.objects.bulk_create(
            (StockLevel(variant_id=v, warehouse_id=w) for v, w in missing),
            ignore_conflicts=True,
        )
        return _lock(places, keys)
    wanted = sorted({known[place] for place in places} | keys)
    return {
        (level.variant_id, level.warehouse_id): level
        for some in portions(wanted)
        for level in StockLevel.objects.select_for_update(no_key=True)
        .filter(pk__among=some)
        .order_by("pk")
    }


def _plan(
    kind: Booking.Kind,
    claims: Sequence[Claim],
    held: Sequence[Booking],
    levels: Mapping[Place, StockLevel],
) -> tuple[list[Step], list[Booking]]:
    """The steps from what is held to what is claimed, and the bookings that take none
    but are about something else now."""
    by_key = {level.pk: level for level in levels.values()}
    left = {(row.cause_id, row.cause_part, row.level_id): row for row in held}
    ended = {
        (claim.cause_id, claim.part): claim.reason
        for claim in claims
        if not claim.positions
    }
    steps: list[Step] = []
    reworded: list[Booking] = []
    for claim in claims:
        for place, position in claim.positions.items():
            level = levels.get(place)
            if level is None:
                continue  # nothing there, and nothing to be there
            booking = left.pop((claim.cause_id, claim.part, level.pk), None)
            if booking is None:
                if position:
                    booking = _new_booking(kind, claim, level)
                    at = claim.occurred_at
                    steps.append(Step(booking, level, position, claim.reason, at))
                continue
            is_other = _describe(booking, claim, place[0])
            taken = _steps_to(booking, level, position, claim)
            if is_other and not taken:
                reworded.append(booking)
            steps += taken
    for (cause_id, part, level_id), booking in left.items():
        reason = ended.get((cause_id, part), Reason.CORRECTION)
        if gone := NOTHING - booking.position:
            level = by_key[level_id]
            steps.append(Step(booking, level, gone, reason, booking.occurred_at))
    return steps, reworded


def _new_booking(kind: Booking.Kind, claim: Claim, level: StockLevel) -> Booking:
    return bulk.new_row(
        Booking,
        cause_kind=kind,
        cause_id=claim.cause_id,
        cause_part=claim.part,
        level_id=level.pk,
        occurred_at=claim.occurred_at,
        shop_id=claim.shop_id,
        sold_id=claim.sold_id,
        per_unit=claim.per_unit.get(level.variant_id, 1),
        claimed_at=claim.claimed_at,
    )


def _describe(booking: Booking, claim: Claim, variant_id: int) -> bool:
    """Say what the booking is about; whether that is something else than before."""
    before = _about(booking)
    booking.shop_id = claim.shop_id
    booking.sold_id = claim.sold_id
    booking.per_unit = claim.per_unit.get(variant_id, 1)
    booking.claimed_at = claim.claimed_at
    return before != _about(booking)


def _about(booking: Booking) -> tuple[int | None, int | None, int, datetime]:
    return booking.shop_id, booking.sold_id, booking.per_unit, booking.claimed_at


def _steps_to(
    booking: Booking, level: StockLevel, wanted: Position, claim: Claim
) -> list[Step]:
    """From what a booking holds to what it is to hold. Goods that moved at another
    time than was thought leave that time, and arrive at the other."""
    steps = []
    held, at = booking.position, claim.occurred_at
    if held.on_hand and wanted.on_hand and booking.occurred_at != at:
        gone = Position(on_hand=-held.on_hand)
        steps.append(Step(booking, level, gone, claim.reason, booking.occurred_at))
        held = held + gone
    if held.on_hand and not wanted.on_hand:
        at = booking.occurred_at
    if difference := wanted - held:
        steps.append(Step(booking, level, difference, claim.reason, at))
    return steps


def _apply(step: Step, now: datetime, user: User | None) -> StockMovement:
    booking, level, change = step.booking, step.level, step.change
    for row in (booking, level):
        row.on_hand += change.on_hand
        row.reserved += change.reserved
        row.expected_back += change.expected_back
        row.quarantined += change.quarantined
        row.movement_count += 1
    booking.occurred_at = step.occurred_at
    level.changed_at = now
    return bulk.new_row(
        StockMovement,
        level=level,
        number=level.movement_count,
        sequence=booking.movement_count,
        reason=step.reason,
        on_hand=change.on_hand,
        reserved=change.reserved,
        expected_back=change.expected_back,
        quarantined=change.quarantined,
        on_hand_after=level.on_hand,
        reserved_after=level.reserved,
        occurred_at=step.occurred_at,
        user_id=user and user.pk,
    )


def _refuse_shortage(
    levels: Iterable[StockLevel], before: Mapping[int, tuple[int, bool]]
) -> None:
    for level in levels:
        was, _ = before[level.pk]
        if level.available < min(0, was):
            raise OutOfStock(
                f"{level.variant} in {level.warehouse}: {max(0, was):,} available, "
                f"{was - level.available:,} wanted."
            )


def _refuse_impossible(levels: Iterable[StockLevel]) -> None:
    """What a constraint would refuse too, but in words."""
    for level in levels:
        if level.quarantined < 0:
            raise StockRefuses(
                f"Fewer of {level.variant} are in quarantine in {level.warehouse} "
                "than would be taken out."
            )


def _save_bookings(bookings: Iterable[Booking], now: datetime) -> None:
    rows = list({id(booking): booking for booking in bookings}.values())
    for row in rows:
        row.modified_at = now
    known = [row for row in rows if row.pk is not None]
    bulk.insert([row for row in rows if row.pk is None])
    bulk.update(known, _BOOKING_FIELDS)


def _tell(levels: Iterable[StockLevel]) -> None:
    variants = sorted({level.variant_id for level in levels})
    bulk.insert([bulk.new_row(StockNews, variant_id=key) for key in variants])
