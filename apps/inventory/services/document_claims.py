"""What documents are to have booked; of stock takes, see counting.py."""

from collections.abc import Sequence

from apps.inventory.models import StockDocument, StockDocumentLine, StockMovement
from apps.inventory.models.ledger import Position
from apps.inventory.services.booking import Claim
from apps.inventory.services.opened import OPENING

Kind = StockDocument.Kind
Outcome = StockDocumentLine.Outcome
Reason = StockMovement.Reason


def claims_of(
    document: StockDocument, lines: Sequence[StockDocumentLine]
) -> list[Claim]:
    """What a document that is no stock take is to have booked, as it stands."""
    has_left = document.state == StockDocument.State.SHIPPED
    moved_at = document.ended_at if has_left else None
    return [
        Claim(
            cause_id=document.pk,
            part=str(line.position),
            positions=_positions(document, line),
            reason=Reason(document.kind),
            occurred_at=moved_at or document.effective_at,
            claimed_at=document.effective_at,
            sold_id=line.variant_id,
            opens=document.kind in OPENING,
        )
        for line in lines
    ]


def _positions(
    document: StockDocument, line: StockDocumentLine
) -> dict[tuple[int, int], Position]:
    here = (line.variant_id, document.warehouse_id)
    units = line.quantity
    if document.kind == Kind.TRANSFER:
        assert document.to_warehouse_id is not None
        there = (line.variant_id, document.to_warehouse_id)
        return {here: Position(on_hand=-units), there: Position(on_hand=units)}
    if document.kind == Kind.QUARANTINE:
        return {here: Position(on_hand=-units, quarantined=units)}
    if document.kind == Kind.HOLD:
        if document.state == StockDocument.State.SHIPPED:
            return {here: Position(on_hand=-units)}
        return {here: Position(reserved=units)}
    if document.kind == Kind.INSPECTION:
        if line.outcome == Outcome.SELLABLE:
            return {here: Position(on_hand=units)}
        if line.outcome == Outcome.QUARANTINED:
            return {here: Position(quarantined=units)}
        return {}
    return {here: Position(on_hand=units)}


def reversal_of(document: StockDocument, line: StockDocumentLine) -> Claim:
    at = document.effective_at
    return Claim(document.pk, str(line.position), {}, Reason.REVERSAL, at, at)
