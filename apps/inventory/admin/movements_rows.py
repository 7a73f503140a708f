"""Movements as the list and a SKU's page show them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.inventory.admin.causes import Cause, causes_of
from apps.inventory.models import StockLevel, StockMovement
from apps.inventory.models.ledger import PositionFields
from apps.users.models import AnyUser

Reason = StockMovement.Reason
REASON_BADGES = {
    Reason.ORDER: "progress",
    Reason.SHIPMENT: "good",
    Reason.CANCELLATION: "neutral",
    Reason.FAILED_DELIVERY: "attention",
    Reason.RETURN: "attention",
    Reason.CORRECTION: "neutral",
    Reason.RECEIPT: "good",
    Reason.ADJUSTMENT: "attention",
    Reason.TRANSFER: "progress",
    Reason.COUNT: "progress",
    Reason.INSPECTION: "good",
    Reason.QUARANTINE: "attention",
    Reason.HOLD: "neutral",
    Reason.REVERSAL: "neutral",
}

_PLACES = {
    "on_hand": "on hand",
    "reserved": "reserved",
    "expected_back": "expected back",
    "quarantined": "quarantined",
}


def seen_by(user: AnyUser) -> QuerySet[StockMovement]:
    """What `visible_to` says, so put that the newest are read off an index: with joins
    a database sorts all there are to show fifty."""
    levels = StockLevel.objects.visible_to(user).filter(pk=OuterRef("level"))
    return StockMovement.objects.filter(Exists(levels))


def whole(rows: QuerySet[StockMovement]) -> QuerySet[StockMovement]:
    """With all that a row shows of other tables."""
    return rows.select_related(
        "booking", "level__warehouse__client", "level__variant__product", "user"
    )


def with_causes(rows: Iterable[StockMovement], user: AnyUser) -> list[Any]:
    """Movements with their `cause`, as far as this user may know it."""
    found: list[Any] = list(rows)
    causes = causes_of(user, {row.booking_id: row.booking for row in found}.values())
    for row in found:
        row.cause = causes[row.booking_id]
    return found


def reason_badge(row: StockMovement) -> SafeString:
    return badge(row.get_reason_display(), REASON_BADGES[Reason(row.reason)])


def cause_link(cause: Cause) -> SafeString:
    words = format_html('<a href="{}">{}</a>', cause.url, cause.words)
    note = format_html('<br><span class="soft">{}</span>', cause.note)
    return format_html(
        '<span class="cause">{}{}</span>',
        words if cause.url else cause.words,
        note if cause.note else "",
    )


def signed(count: int) -> SafeString:
    kind = "money minus" if count < 0 else "money"
    told = f"{count:+,}" if count else "—"
    return format_html('<span class="{}">{}</span>', kind, told)


def change_words(row: PositionFields, names: Sequence[str] = tuple(_PLACES)) -> str:
    """As “-1 on hand, +1 expected back”; empty where nothing changed."""
    counts = ((getattr(row, name), _PLACES[name]) for name in names)
    return ", ".join(f"{count:+,} {words}" for count, words in counts if count)


def aside(row: StockMovement) -> str:
    """What was set aside, or taken from there."""
    return change_words(row, ("expected_back", "quarantined"))


def after(row: StockMovement) -> str:
    return f"{row.on_hand_after:,} · {row.available_after:,}"


def who(row: StockMovement) -> str:
    return str(row.user or "System")
