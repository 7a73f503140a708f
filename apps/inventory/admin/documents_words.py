"""How documents are put on their pages, and who answers for what is done there."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.addresses import address_of
from apps.core.admin import badge
from apps.inventory.models import StockDocument, StockDocumentLine, StockLevel
from apps.inventory.services.books import Shortage
from apps.inventory.services.documents import By
from apps.users.models import User

Kind = StockDocument.Kind
State = StockDocument.State

STATE_BADGES = {State.BOOKED: "good", State.SHIPPED: "progress", State.REVERSED: "bad"}
OUTCOME_BADGES = {
    StockDocumentLine.Outcome.SELLABLE: "good",
    StockDocumentLine.Outcome.QUARANTINED: "attention",
    StockDocumentLine.Outcome.WRITTEN_OFF: "bad",
}
# What can be begun from a page: its title, and what it is for.
NEW = {
    Kind.RECEIPT: ("Receive goods", "What came in, from a supplier or elsewhere."),
    Kind.COUNT: ("Stock take", "What lay there at a moment. Differences are booked."),
    Kind.ADJUSTMENT: ("Adjust stock", "More or fewer than the books say, and why."),
    Kind.TRANSFER: ("Transfer", "From one warehouse to another."),
    Kind.QUARANTINE: ("Quarantine", "Not to be sold for now, or to be sold again."),
    Kind.HOLD: ("Hold back", "Promised to somebody who did not order in a shop."),
}


def by_whom(request: HttpRequest) -> By:
    user = request.user if isinstance(request.user, User) else None
    return By(user, address_of(request))


def state_badge(document: StockDocument) -> SafeString:
    is_held = document.kind == Kind.HOLD and document.state == State.BOOKED
    if is_held:
        return badge("Held", "attention")
    return badge(document.get_state_display(), STATE_BADGES[State(document.state)])


def place_words(document: StockDocument) -> str:
    """As “Main warehouse → Annex”."""
    if document.to_warehouse_id is None:
        return str(document.warehouse)
    return f"{document.warehouse} → {document.to_warehouse}"


def who_words(document: StockDocument) -> str:
    if document.user is not None:
        return str(document.user)
    return str(document.get_source_display())


def shortage_words(found: Iterable[Shortage]) -> list[str]:
    """What would be promised and not there, a sentence a level."""
    told = []
    for each in found:
        effect = each.effect
        loses = ""
        if each.orders:
            orders = f"{each.orders:,} order{'' if each.orders == 1 else 's'}"
            loses = f": {orders} would not get what was ordered"
        told.append(
            f"{effect.variant} in {effect.warehouse} would be {each.units:,} short"
            f"{loses}."
        )
    return told


def set_off_words(levels: Sequence[StockLevel]) -> str:
    """Why a deed of an earlier moment leaves what lies there as it is."""
    if not levels:
        return ""
    first, more = levels[0], len(levels) - 1
    others = f", and {more:,} more SKU{'' if more == 1 else 's'} there" if more else ""
    return (
        f"{first.variant} in {first.warehouse} was counted at that moment or later "
        f"({first.counted_at:%d %b %Y %H:%M} UTC){others}. The count holds: what lies "
        "there now stays as it is."
    )


def changed(before: int, after: int) -> SafeString:
    """As “12 → 15”, or one number where nothing changes."""
    if before == after:
        return format_html("{}", f"{before:,}")
    return format_html(
        '<span class="soft">{} →</span> <strong>{}</strong>',
        f"{before:,}",
        f"{after:,}",
    )


def effect_rows(effects: Iterable[Any]) -> list[dict[str, Any]]:
    """For templates/inventory/document_effects.html."""
    rows = []
    for effect in effects:
        was, will = effect.before, effect.after
        rows.append(
            {
                "effect": effect,
                "on_hand": changed(was.on_hand, will.on_hand),
                "reserved": changed(was.reserved, will.reserved),
                "available": changed(
                    was.on_hand - was.reserved, will.on_hand - will.reserved
                ),
                "quarantined": changed(was.quarantined, will.quarantined),
                "is_short": will.on_hand < will.reserved,
            }
        )
    return rows


def signed(units: int) -> str:
    return f"{units:+,}" if units else "0"
