"""Levels of which somebody has said how much there is, and for how long that stands."""

from collections.abc import Sequence

from apps.core.storing import portions
from apps.inventory.models import StockDocument, StockDocumentLine
from apps.inventory.services.booking import Place, lock_levels

Kind = StockDocument.Kind
# Beside stock takes, which open what they count.
OPENING = (Kind.RECEIPT, Kind.ADJUSTMENT, Kind.TRANSFER)


def opened_by_none_but(
    document: StockDocument, lines: Sequence[StockDocumentLine]
) -> list[int]:
    """The levels, locked, that nobody else has said anything of: without this document
    shops are not told a 0 that nobody meant."""
    if document.kind not in (*OPENING, Kind.COUNT):
        return []
    variants = sorted({line.variant_id for line in lines})
    warehouses = {document.warehouse_id, document.to_warehouse_id} - {None}
    places = {(v, w) for v in variants for w in warehouses if w is not None}
    levels = lock_levels(places)
    left = places - _opened(variants, document)
    return sorted(levels[place].pk for place in left)


def _opened(variants: Sequence[int], but: StockDocument) -> set[Place]:
    """By documents that stand, in whichever warehouse."""
    rows = (
        StockDocumentLine.objects.filter(document__kind__in=(*OPENING, Kind.COUNT))
        .exclude(document=but)
        .exclude(document__state=StockDocument.State.REVERSED)
        .order_by()
    )
    found: set[Place] = set()
    for some in portions(variants):
        named = rows.filter(variant__in=some).values_list(
            "variant", "document__warehouse", "document__to_warehouse"
        )
        for variant, here, there in named.distinct():
            found |= {(variant, place) for place in (here, there) if place is not None}
    return found
