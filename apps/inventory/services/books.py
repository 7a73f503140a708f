"""What the ledger says before a deed is done: of a moment, and of what would follow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, Sum

from apps.core.storing import portions
from apps.inventory.models import Booking, StockDocument, StockLevel, StockMovement
from apps.inventory.services.documents import By, Deed, Effect, effects_of, take_back

MOST_LOOKED_INTO = 50


@dataclass(frozen=True, slots=True)
class Shortage:
    """A level that would promise `units` more than are there; `more` of them newly.
    `orders` is how many orders would lose, None where nobody looked."""

    effect: Effect
    units: int
    more: int
    orders: int | None


def on_hand_at(
    warehouse_id: int, variants: Collection[int], at: datetime
) -> dict[int, int]:
    """{variant: what lay there at that moment, as it is known now}"""
    found: dict[int, int] = {}
    for keys in portions(sorted(set(variants))):
        rows = StockMovement.objects.filter(
            level__variant__in=keys, level__warehouse=warehouse_id, occurred_at__lte=at
        )
        sums = rows.order_by().values_list("level__variant").annotate(Sum("on_hand"))
        found |= dict(sums)
    return found


def counted_since(deed: Deed) -> list[StockLevel]:
    """Levels that were counted at or after the moment of a deed that is to change what
    lies there: the count holds, so it sets the deed off."""
    if deed.effective_at is None or deed.kind == StockDocument.Kind.HOLD:
        return []
    places = [place for place in (deed.warehouse, deed.to_warehouse) if place]
    variants = sorted({line.variant.pk for line in deed.lines})
    return [
        level
        for some in portions(variants)
        for level in StockLevel.objects.filter(
            variant__in=some, warehouse__in=places, counted_at__gte=deed.effective_at
        ).select_related("variant", "warehouse")
    ]


def preview_take_back(document: StockDocument, by: By) -> list[Effect]:
    """What `take_back` would do to each level, with nothing written."""
    with transaction.atomic():
        effects = effects_of(take_back(document, by))
        transaction.set_rollback(True)
    return effects


def shortages(effects: Sequence[Effect]) -> list[Shortage]:
    """Where these effects leave more promised than there is, the worst first."""
    found = []
    for effect in effects:
        units = max(0, effect.after.reserved - effect.after.on_hand)
        before = max(0, effect.before.reserved - effect.before.on_hand)
        if units > before:
            found.append((effect, units, units - before))
    found.sort(key=lambda each: -each[2])
    keys = _levels([effect for effect, _, _ in found[:MOST_LOOKED_INTO]])
    told = []
    for effect, units, more in found:
        level = keys.get((effect.variant.pk, effect.warehouse.pk))
        orders = None if level is None else _orders_losing(level, units)
        told.append(Shortage(effect, units, more, orders))
    return told


def _orders_losing(level: StockLevel, units: int) -> int:
    """Of all that were promised a piece, who came last loses."""
    newest = ("-claimed_at", "-cause_kind", "-cause_id", "-cause_part")
    rows = Booking.objects.holding().filter(level=level).order_by(*newest)
    orders = set()
    for kind, cause, reserved in rows.values_list(
        "cause_kind", "cause_id", "reserved"
    ).iterator(chunk_size=200):
        if units <= 0:
            break
        units -= reserved
        if kind == Booking.Kind.ORDER:
            orders.add(cause)
    return len(orders)


def _levels(effects: Sequence[Effect]) -> dict[tuple[int, int], StockLevel]:
    places = Q()
    for effect in effects:
        places |= Q(variant=effect.variant, warehouse=effect.warehouse)
    rows = StockLevel.objects.filter(places) if effects else ()
    return {(row.variant_id, row.warehouse_id): row for row in rows}
