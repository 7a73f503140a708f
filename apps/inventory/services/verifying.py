"""Proof that the ledger adds up: levels and bookings are the sum of their movements,
stock takes hold, and incidents name who loses. Set-based: the database compares."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    RowRange,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Window
from django.db.models.functions import Coalesce

from apps.core.storing import portions
from apps.inventory.models import (
    Booking,
    OversellIncident,
    StockCount,
    StockLevel,
    StockMovement,
)
from apps.inventory.services.incidents import losers
from apps.users.models import Client

FIGURES = ("on_hand", "reserved", "expected_back", "quarantined")
MOST = 1_000  # of one kind; more of it is the same trouble
_WORDS = {
    "on_hand": "on hand",
    "expected_back": "expected back",
    "movement_count": "movements counted",
    "counted_at": "last stock take",
    "short": "short of",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not add up: what stands there, and what it should be.
    `level` is the level to re-sum, where that would mend it."""

    what: str
    figure: str
    stands: object
    adds_up_to: object
    level: int | None = None

    def __str__(self) -> str:
        figure = _WORDS.get(self.figure, self.figure)
        return f"{self.what}: {figure} {self.stands}, adds up to {self.adds_up_to}"


@dataclass(slots=True)
class Findings:
    """What a proof found. Notes are odd, but add up."""

    levels: int = 0
    movements: int = 0
    differences: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.differences)


def verify(client: Client | None = None) -> Findings:
    """Look at all levels of a client, or of everybody. Nothing is written."""
    levels = StockLevel.objects.all()
    if client is not None:
        levels = levels.filter(warehouse__client=client)
    of_level = _inside(client)
    found = Findings(
        levels=levels.count(),
        movements=StockMovement.objects.filter(of_level).count(),
    )
    for check in _CHECKS:
        found.differences += check(of_level)
    found.differences += _levels_not_summed(levels)
    found.differences += _counted_at_differs(levels)
    found.differences += _short_differs(levels)
    found.differences += _incidents_differ(levels)
    bundles = levels.filter(variant__is_bundle=True).filter(_holds_something())
    found.notes = [
        f"{level}: a bundle has no stock of its own, and here are {level.on_hand:,} on "
        f"hand, {level.reserved:,} reserved"
        for level in bundles.select_related("variant", "warehouse")[:MOST]
    ]
    return found


def _inside(client: Client | None) -> Q:
    return Q() if client is None else Q(level__warehouse__client=client)


def _holds_something() -> Q:
    return ~Q(**dict.fromkeys(FIGURES, 0))


def _levels_not_summed(levels: "QuerySet[StockLevel]") -> Iterator[Finding]:
    """Figures, and places 1…n without a gap (a constraint keeps them apart)."""
    rows = _summed(levels, "number").select_related("variant", "warehouse")
    for level in rows[:MOST]:
        yield from _differences(str(level), level, "number", level.pk)


def _bookings_not_summed(of_level: Q) -> Iterator[Finding]:
    rows = _summed(Booking.objects.filter(of_level), "sequence")
    for booking in rows.select_related("level__variant", "level__warehouse")[:MOST]:
        what = f"{booking.level}, {booking}"
        yield from _differences(what, booking, "sequence", booking.level_id)


def _summed(rows: "QuerySet[Any]", place: str) -> "QuerySet[Any]":
    """Those whose movements come to something else."""
    sums = {
        f"sum_{name}": Coalesce(
            Sum(f"movements__{name}"), Value(0), output_field=BigIntegerField()
        )
        for name in FIGURES
    }
    summed = rows.order_by().annotate(
        movements_found=Count("movements"),
        first=Coalesce(Min(f"movements__{place}"), Value(1)),
        last=Coalesce(Max(f"movements__{place}"), Value(0)),
        **sums,
    )
    agrees = Q(movement_count=F("movements_found"), first=1, last=F("movements_found"))
    for name in FIGURES:
        agrees &= Q(**{name: F(f"sum_{name}")})
    wrong: QuerySet[Any] = summed.exclude(agrees).order_by("pk")
    return wrong


def _differences(what: str, row: Any, place: str, level: int) -> Iterator[Finding]:
    pairs = [
        (name, getattr(row, name), getattr(row, f"sum_{name}")) for name in FIGURES
    ]
    pairs.append(("movement_count", row.movement_count, row.movements_found))
    for figure, stands, adds_up_to in pairs:
        if stands != adds_up_to:
            yield Finding(what, figure, stands, int(adds_up_to), level)
    if (row.first, row.last) != (1, row.movements_found):
        places = f"{row.first} to {row.last}"
        yield Finding(what, f"{place}s", places, f"1 to {row.movements_found}")


def _chain_is_broken(of_level: Q) -> Iterator[Finding]:
    """What each movement says its level came to."""
    rows = StockMovement.objects.filter(of_level).annotate(
        **{
            f"sum_{name}": Window(
                Sum(name),
                partition_by="level",
                order_by="number",
                frame=RowRange(end=0),
                output_field=BigIntegerField(),
            )
            for name in ("on_hand", "reserved")
        }
    )
    broken = rows.exclude(
        on_hand_after=F("sum_on_hand"), reserved_after=F("sum_reserved")
    )
    for row in _named(broken.order_by("level", "number"))[:MOST]:
        stands = f"{row.on_hand_after} / {row.reserved_after}"
        comes_to = f"{row.sum_on_hand} / {row.sum_reserved}"
        what = f"{row.level}, movement {row.number}"
        yield Finding(what, "on hand / reserved after it", stands, comes_to)


def _movements_elsewhere(of_level: Q) -> Iterator[Finding]:
    rows = StockMovement.objects.filter(of_level).exclude(level=F("booking__level"))
    for row in _named(rows.select_related("booking__level")).order_by("pk")[:MOST]:
        what = f"{row.level}, movement {row.number}"
        yield Finding(what, "level", row.level, row.booking.level)


def _counts_do_not_hold(of_level: Q) -> Iterator[Finding]:
    """What lay there when somebody counted is what was counted."""
    until = StockMovement.objects.filter(
        level=OuterRef("level"), occurred_at__lte=OuterRef("counted_at")
    )
    total = until.order_by().values("level").annotate(total=Sum("on_hand"))
    counts = StockCount.objects.live().filter(of_level)
    rows = counts.annotate(
        lay_there=Coalesce(
            Subquery(total.values("total")), Value(0), output_field=BigIntegerField()
        )
    ).exclude(quantity=F("lay_there"))
    for row in _named(rows).order_by("pk")[:MOST]:
        what = f"{row.level}, stock take of {row.counted_at:%Y-%m-%d %H:%M} UTC"
        yield Finding(what, "counted", row.quantity, int(row.lay_there))


def _named(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    return rows.select_related("level__variant", "level__warehouse")


def _counted_at_differs(levels: "QuerySet[StockLevel]") -> Iterator[Finding]:
    last = Max("counts__counted_at", filter=Q(counts__is_live=True))
    rows = levels.order_by().annotate(last=last)
    agrees = Q(counted_at=F("last")) | Q(counted_at__isnull=True, last__isnull=True)
    differing = rows.filter(~agrees | Q(counted_at__isnull=True, last__isnull=False))
    for level in differing.select_related("variant", "warehouse").order_by("pk")[:MOST]:
        stands, last_one = level.counted_at, level.last
        if stands != last_one:
            yield Finding(str(level), "counted_at", stands, last_one, level.pk)


def _short_differs(levels: "QuerySet[StockLevel]") -> Iterator[Finding]:
    """What a level is short of; of one that nobody has counted, nothing."""
    missing = F("reserved") - F("on_hand")
    rows = levels.annotate(missing=missing)
    wrong = (
        Q(is_counted=False, short__gt=0)
        | Q(is_counted=True, missing__gt=0) & ~Q(short=F("missing"))
        | Q(is_counted=True, missing__lte=0, short__gt=0)
    )
    for level in rows.filter(wrong).select_related("variant", "warehouse")[:MOST]:
        should = max(0, -level.available) if level.is_counted else 0
        yield Finding(str(level), "short", level.short, should, level.pk)


def _incidents_differ(levels: "QuerySet[StockLevel]") -> Iterator[Finding]:
    """Open incidents name who loses, and how much; so they add up to the shortage."""
    opened = OversellIncident.objects.open()
    concerned = levels.filter(Q(short__gt=0) | Q(pk__in=opened.values("level")))
    for keys in portions(sorted(concerned.values_list("pk", flat=True))):
        if suspects := _misjudged(keys):
            yield from _look_again(sorted({row.level_id for row, *_ in suspects}))


def _misjudged(levels: Sequence[int]) -> list[tuple[Booking, int, int]]:
    """Bookings, how much their incident is about, and how much it should be."""
    opened = OversellIncident.objects.open().filter(level__in=levels)
    told = dict(opened.values_list("booking", "quantity"))
    lost = losers(levels)
    wrong = {key for key in told.keys() | lost.keys() if told.get(key) != lost.get(key)}
    rows = _named(Booking.objects.filter(pk__in=wrong).order_by("pk"))
    return [(row, told.get(row.pk, 0), lost.get(row.pk, 0)) for row in rows[:MOST]]


@transaction.atomic
def _look_again(levels: Sequence[int]) -> list[Finding]:
    """Under the levels' locks: something may have been booked between two looks."""
    rows = StockLevel.objects.select_for_update(no_key=True).filter(pk__in=levels)
    locked = list(rows.order_by("pk").values_list("pk", flat=True))
    return [
        Finding(f"{row.level}, {row}", "incident about", stands, should, row.level_id)
        for row, stands, should in _misjudged(locked)
    ]


_CHECKS: tuple[Callable[[Q], Iterable[Finding]], ...] = (
    _bookings_not_summed,
    _chain_is_broken,
    _movements_elsewhere,
    _counts_do_not_hold,
)
