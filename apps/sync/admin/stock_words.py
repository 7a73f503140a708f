"""How pushes and drifts are put, the same on every page."""

from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.integrations.contracts.stock import StockFault
from apps.products.models import ListingSku
from apps.sync.models import StockDrift, StockPush
from apps.sync.services.stock_push.answers import CONSENT

PUSH_BADGES = {
    StockPush.State.UNKNOWN: "neutral",
    StockPush.State.DUE: "progress",
    StockPush.State.SENDING: "progress",
    StockPush.State.IN_STEP: "good",
    StockPush.State.FAILED: "attention",
    StockPush.State.BLOCKED: "bad",
}
DRIFT_BADGES = {
    StockDrift.State.OPEN: "attention",
    StockDrift.State.REPAIRED: "good",
    StockDrift.State.TAKEN_OVER: "good",
    StockDrift.State.LEFT: "neutral",
    StockDrift.State.GONE: "neutral",
}

# Of each fault: what it is called, and what to do.
FAULTS: dict[str, tuple[str, str]] = {
    StockFault.RETRY: (
        "TikTok was busy",
        "It is tried again by itself; nothing is to be done.",
    ),
    StockFault.ZERO_REFUSED: (
        "Takes no 0",
        "Choose in the shop's Stock tab what is done where TikTok takes no 0.",
    ),
    StockFault.OUT_OF_RANGE: (
        "Too many pieces",
        "Limit what the shop is told with a stock rule (“at most”).",
    ),
    StockFault.WAREHOUSE: (
        "Warehouse refused",
        "Press “Look for warehouses” in the shop's Stock tab, and check which of "
        "yours each one is.",
    ),
    StockFault.LOCKED: (
        "Locked by TikTok",
        "TikTok sets this SKU's stock elsewhere: in a campaign, a combined listing or "
        "its own warehouse. Change it in Seller Center, or wait until that is over.",
    ),
    StockFault.STATUS: (
        "Listing's state",
        "The listing is read again. Put it on sale, and it is told by itself.",
    ),
    StockFault.GONE: (
        "Not in the shop",
        "The listing is read again. If it was replaced, match the new one.",
    ),
    StockFault.SELLER: (
        "Shop restricted",
        "TikTok takes nothing of this shop until the seller acts in Seller Center.",
    ),
    CONSENT: (
        "No permission",
        "Connect the shop again, with the app that the words above name; then it is "
        "told by itself.",
    ),
    StockFault.OTHER: (
        "Refused",
        "Read TikTok's words, change what they speak of, then press “Tell now”.",
    ),
}


def push_badge(push: StockPush) -> SafeString:
    kind = PUSH_BADGES[StockPush.State(push.state)]
    return badge(push.get_state_display(), kind)


def drift_badge(drift: StockDrift) -> SafeString:
    kind = DRIFT_BADGES[StockDrift.State(drift.state)]
    return badge(drift.get_state_display(), kind)


def advice(push: StockPush) -> str:
    """What to do about a push that was refused; empty if nothing was."""
    if push.state not in (StockPush.State.FAILED, StockPush.State.BLOCKED):
        return ""
    return FAULTS.get(push.fault, FAULTS[StockFault.OTHER])[1] if push.fault else ""


def difference_badge(push: StockPush) -> SafeString | str:
    """Whether the shop has yet to be told, or shows another number than it was told."""
    if push.wanted_total is not None and push.wanted_total != push.accepted_total:
        if push.accepted_total is None:
            return badge("Never told", "attention")
        change = push.wanted_total - push.accepted_total
        return badge(f"To tell: {change:+,}", "progress")
    if has_unlike_figure(push):
        assert push.found_total is not None
        assert push.accepted_total is not None
        change = push.found_total - push.accepted_total
        return badge(f"Shows {change:+,}", "attention")
    return ""


def has_unlike_figure(push: StockPush) -> bool:
    """What it showed before it was told says nothing."""
    if push.accepted_total is None or push.found_total is None:
        return False
    is_newer = (
        push.accepted_at is not None
        and push.found_at is not None
        and push.found_at >= push.accepted_at
    )
    return is_newer and push.found_total != push.accepted_total


def shown(
    accepted: Any,
    accepted_at: datetime | None,
    found: Any,
    found_at: datetime | None,
) -> Any:
    """What the shop shows, as far as is known: what it took last, unless somebody has
    looked since. None where nobody knows."""
    if found_at is None:
        return None if accepted_at is None else accepted
    return found if accepted_at is None or found_at >= accepted_at else accepted


def sku_words(sku: ListingSku) -> SafeString:
    """Our SKU (else the seller's), with what the listing is called."""
    name = sku.variant.sku if sku.variant else sku.seller_sku or sku.remote_id
    title = " · ".join(text for text in (sku.listing.title, sku.variation) if text)
    return format_html(
        '<div class="titled"><span class="linked">{}</span><br>'
        '<span class="soft">{}</span></div>',
        name,
        title or "Not pulled yet",
    )


def figure(pieces: Any) -> str:
    """As many as were told; a dash where nobody told."""
    if pieces is None:
        return "—"
    return f"{pieces:,}" if isinstance(pieces, int) else str(pieces)
