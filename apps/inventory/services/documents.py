"""Receipts, adjustments, transfers, inspections, quarantine and holds: written down
and booked in one transaction. Stock takes are booked in counting.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from apps.inventory.errors import DocumentRefused, Fault, StockRefuses
from apps.inventory.models import (
    Booking,
    StockDocument,
    StockDocumentLine,
    StockMovement,
    Warehouse,
)
from apps.inventory.models.ledger import Position
from apps.inventory.services import counting
from apps.inventory.services.booking import book
from apps.inventory.services.document_claims import claims_of, reversal_of
from apps.inventory.services.opened import opened_by_none_but
from apps.products.models import Supplier, Variant
from apps.users.models import Client
from apps.users.services import audit
from apps.users.services.audit import By as By

Kind = StockDocument.Kind
Outcome = StockDocumentLine.Outcome
Reason = StockMovement.Reason

MOST_LINES = 5_000
MOST_UNITS = 10_000_000
_SIGNED = (Kind.ADJUSTMENT, Kind.QUARANTINE)
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Line:
    """See StockDocumentLine for what the quantity means for each kind."""

    variant: Variant
    quantity: int
    outcome: str = ""
    order_id: int | None = None
    order_line_key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A document to be. Without `effective_at`, now. The same `key` (of the client) is
    the same deed: repeating it gives the document that stands."""

    kind: Kind
    warehouse: Warehouse
    lines: Sequence[Line]
    effective_at: datetime | None = None
    to_warehouse: Warehouse | None = None
    supplier: Supplier | None = None
    reason: str = ""
    reference: str = ""
    note: str = ""
    source: StockDocument.Source = StockDocument.Source.PAGE
    key: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a document does, or would do, to one level: before and after."""

    variant: Variant
    warehouse: Warehouse
    before: Position
    after: Position


@dataclass(slots=True)
class Booked:
    """The document, and the movements it took; none where it stood already."""

    document: StockDocument
    movements: list[StockMovement] = field(default_factory=list)


@transaction.atomic
def book_document(client: Client, deed: Deed, by: By) -> Booked:
    """Write a deed down and book it.

    Raises DocumentRefused with all that is wrong with it; OutOfStock where a transfer
    or a hold asks for more than is available.
    """
    if standing := standing_document(client, deed.kind, deed.key):
        return Booked(standing)
    if faults := faults_of(client, deed):
        raise DocumentRefused(faults)
    try:
        with transaction.atomic():
            document = _write_down(client, deed, by)
    except IntegrityError:
        if standing := standing_document(client, deed.kind, deed.key):
            return Booked(standing)
        raise
    lines = list(document.lines.select_related("variant"))
    if document.kind == Kind.COUNT:
        movements = counting.book_counts(document, lines, user=by.user)
    else:
        movements = book(
            Booking.Kind.DOCUMENT,
            [document.pk],
            claims_of(document, lines),
            user=by.user,
            is_strict=document.kind in (Kind.TRANSFER, Kind.HOLD),
        )
    _record(f"booked a {document.get_kind_display().lower()}", document, by)
    return Booked(document, movements)


def standing_document(client: Client, kind: Kind, key: str) -> StockDocument | None:
    """The document of this name. Raises DocumentRefused where it is another deed."""
    if not key:
        return None
    found = StockDocument.objects.filter(client=client, key=key).first()
    if found is not None and found.kind != kind:
        raise DocumentRefused([Fault("key", f"{found} is called so already.")])
    return found


def preview_document(client: Client, deed: Deed, by: By) -> list[Effect]:
    """What `book_document` would do to each level, with nothing written."""
    with transaction.atomic():
        booked = book_document(client, deed, by)
        effects = effects_of(booked.movements)
        transaction.set_rollback(True)
    return effects


def effects_of(movements: Sequence[StockMovement]) -> list[Effect]:
    """What movements just booked did to each of their levels."""
    sums: dict[int, Position] = {}
    for movement in movements:
        change = sums.get(movement.level_id, Position()) + movement.position
        sums[movement.level_id] = change
    levels = {movement.level_id: movement.level for movement in movements}
    prefetch_related_objects(list(levels.values()), "variant", "warehouse")
    return [
        Effect(
            level.variant, level.warehouse, level.position - sums[key], level.position
        )
        for key, level in levels.items()
    ]


@transaction.atomic
def take_back(document: StockDocument, by: By) -> list[StockMovement]:
    """Undo a document's effect; the document stays. Repeating it changes nothing."""
    document = StockDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    if document.state == StockDocument.State.REVERSED:
        return []
    lines = list(document.lines.all())
    closes = opened_by_none_but(document, lines)
    if document.kind == Kind.COUNT:
        movements = counting.take_back_counts(document, closes=closes, user=by.user)
    else:
        movements = book(
            Booking.Kind.DOCUMENT,
            [document.pk],
            [reversal_of(document, line) for line in lines],
            closes=closes,
            user=by.user,
        )
    _end(document, StockDocument.State.REVERSED, by)
    _record(f"took back a {document.get_kind_display().lower()}", document, by)
    return movements


@transaction.atomic
def send_out(document: StockDocument, by: By) -> list[StockMovement]:
    """What was held has left the warehouse. Repeating it changes nothing.

    Raises StockRefuses for what is no hold, or is no longer one.
    """
    document = StockDocument.objects.select_for_update(of=["self"]).get(pk=document.pk)
    if document.state == StockDocument.State.SHIPPED:
        return []
    if document.kind != Kind.HOLD or document.state != StockDocument.State.BOOKED:
        raise StockRefuses("Only what is held can be sent out.")
    _end(document, StockDocument.State.SHIPPED, by)
    lines = list(document.lines.select_related("variant"))
    movements = book(
        Booking.Kind.DOCUMENT, [document.pk], claims_of(document, lines), user=by.user
    )
    _record("sent out what was held", document, by)
    return movements


def faults_of(client: Client, deed: Deed) -> list[Fault]:
    """All that is wrong with a deed, in sentences."""
    faults = list(_whole_faults(client, deed))
    seen: set[int] = set()
    for row, line in enumerate(deed.lines):
        faults += _line_faults(client, deed, line, row)
        if deed.kind == Kind.COUNT and line.variant.pk in seen:
            message = f"{line.variant} is counted twice. Add its counts up."
            faults.append(Fault("variant", message, row))
        seen.add(line.variant.pk)
    return faults


def _whole_faults(client: Client, deed: Deed) -> list[Fault]:
    faults = []
    places = [deed.warehouse, *([deed.to_warehouse] if deed.to_warehouse else [])]
    for place in places:
        if place.client_id != client.pk:
            faults.append(Fault("warehouse", "There is no such warehouse."))
        elif not place.is_active:
            faults.append(Fault("warehouse", f"{place} is closed."))
    if deed.kind != Kind.TRANSFER:
        if deed.to_warehouse is not None:
            faults.append(Fault("to_warehouse", "Only a transfer goes somewhere."))
    elif deed.to_warehouse is None:
        faults.append(Fault("to_warehouse", "Say where it is to go."))
    elif deed.to_warehouse == deed.warehouse:
        faults.append(Fault("to_warehouse", "It is there already."))
    if deed.kind == Kind.ADJUSTMENT and not deed.reason:
        faults.append(Fault("reason", "Say why; the ledger keeps it."))
    if deed.supplier is not None and deed.supplier.client_id != client.pk:
        faults.append(Fault("supplier", "There is no such supplier."))
    # What moves after a stock take's moment counts, so it is never of one to come.
    ahead = timedelta() if deed.kind == Kind.COUNT else _AHEAD
    if deed.effective_at and deed.effective_at > timezone.now() + ahead:
        faults.append(Fault("effective_at", "That is still to come."))
    if not deed.lines:
        faults.append(Fault("lines", "Name at least one SKU."))
    if len(deed.lines) > MOST_LINES:
        faults.append(Fault("lines", f"A document has at most {MOST_LINES:,} lines."))
    return faults


def _line_faults(client: Client, deed: Deed, line: Line, row: int) -> list[Fault]:
    variant, faults = line.variant, []
    if variant.client_id != client.pk:
        return [Fault("variant", "There is no such SKU.", row)]
    if variant.is_bundle and not _leaves_bundle(deed, line):
        faults.append(Fault("variant", bundle_words(variant), row))
    least = 0 if deed.kind == Kind.COUNT else 1
    amount = abs(line.quantity) if deed.kind in _SIGNED else line.quantity
    if not least <= amount <= MOST_UNITS:
        message = f"{variant}: from {least} to {MOST_UNITS:,}, not {line.quantity:,}."
        faults.append(Fault("quantity", message, row))
    if deed.kind == Kind.INSPECTION and line.outcome not in Outcome.values:
        message = f"{variant}: say what becomes of it."
        faults.append(Fault("outcome", message, row))
    if deed.kind != Kind.INSPECTION and line.outcome:
        faults.append(Fault("outcome", "Only an inspection has an outcome.", row))
    return faults


def bundle_words(variant: Variant) -> str:
    return (
        f"{variant} is a bundle and has no stock of its own. Name its parts. What lay "
        "there before it was one is taken out by counting 0."
    )


def _leaves_bundle(deed: Deed, line: Line) -> bool:
    """What lay there, or was sold, before it was a bundle: out, or as it is left."""
    if deed.kind == Kind.INSPECTION:
        return line.order_id is not None
    if deed.kind == Kind.ADJUSTMENT:
        return line.quantity < 0
    return deed.kind == Kind.COUNT and line.quantity == 0


def _write_down(client: Client, deed: Deed, by: By) -> StockDocument:
    document = StockDocument.objects.create(
        client=client,
        kind=deed.kind,
        warehouse=deed.warehouse,
        to_warehouse=deed.to_warehouse,
        supplier=deed.supplier,
        reason=deed.reason,
        reference=deed.reference,
        note=deed.note,
        effective_at=deed.effective_at or timezone.now(),
        source=deed.source,
        key=deed.key,
        user=by.user,
    )
    StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            position=position,
            variant=line.variant,
            quantity=line.quantity,
            outcome=line.outcome,
            order_id=line.order_id,
            order_line_key=line.order_line_key,
            note=line.note,
        )
        for position, line in enumerate(deed.lines, start=1)
    )
    return document


def _end(document: StockDocument, state: StockDocument.State, by: By) -> None:
    document.state = state
    document.ended_at = timezone.now()
    document.ended_by = by.user
    document.save(update_fields=["state", "ended_at", "ended_by", "modified_at"])


def _record(verb: str, document: StockDocument, by: By) -> None:
    audit.record(
        verb,
        document,
        client=document.client,
        actor=by.user,
        address=by.address,
        process=by.process,
    )
