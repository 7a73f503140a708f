"""How the state of a listing is put, the same in the list and on its page."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.core.money import Money
from apps.platforms.admin.words import environment_badge
from apps.platforms.models import Shop
from apps.platforms.regions import region_of
from apps.products.models import Listing, ListingSku

STATUS_BADGES = {
    Listing.Status.DRAFT: "neutral",
    Listing.Status.PENDING: "progress",
    Listing.Status.FAILED: "bad",
    Listing.Status.LIVE: "good",
    Listing.Status.SELLER_DEACTIVATED: "neutral",
    Listing.Status.PLATFORM_DEACTIVATED: "bad",
    Listing.Status.FROZEN: "bad",
    Listing.Status.SCHEDULED: "progress",
    Listing.Status.DELETED: "neutral",
}
AUDIT_BADGES = {
    Listing.Audit.AUDITING: "progress",
    Listing.Audit.FAILED: "bad",
    Listing.Audit.PRE_APPROVED: "progress",
}
# Where the status says the same, the review is not told a second time.
_SAME = {
    (Listing.Status.PENDING, Listing.Audit.AUDITING),
    (Listing.Status.FAILED, Listing.Audit.FAILED),
}
MAPPING_BADGES = {
    ListingSku.Mapping.UNMATCHED: "attention",
    ListingSku.Mapping.SUGGESTED: "progress",
    ListingSku.Mapping.CONFLICT: "bad",
    ListingSku.Mapping.MATCHED: "good",
    ListingSku.Mapping.IGNORED: "neutral",
}
FIRST_WORDS = 60


def status_badge(listing: Listing) -> SafeString:
    if not listing.status:
        return badge(listing.status_text or "Not pulled yet", "neutral")
    status = Listing.Status(listing.status)
    return badge(listing.get_status_display(), STATUS_BADGES[status])


def audit_badge(listing: Listing) -> SafeString | str:
    """What the review says, where the status does not say it already."""
    kind = AUDIT_BADGES.get(Listing.Audit(listing.audit)) if listing.audit else None
    if kind is None or (listing.status, listing.audit) in _SAME:
        return ""
    return badge(f"Review: {listing.get_audit_display().lower()}", kind)


def is_refused(listing: Listing) -> bool:
    return (
        listing.status == Listing.Status.FAILED
        or listing.audit == Listing.Audit.FAILED
        or listing.status == Listing.Status.PLATFORM_DEACTIVATED
    )


def refusal_begins(listing: Listing) -> str:
    """The first words of why the platform refused it; empty for none."""
    if not is_refused(listing):
        return ""
    reason = next(
        (
            str(reason)
            for rejection in listing.rejections
            if isinstance(rejection, dict)
            for reason in rejection.get("reasons") or ()
        ),
        "",
    )
    return reason if len(reason) <= FIRST_WORDS else f"{reason[: FIRST_WORDS - 1]}…"


def price_range(prices: Iterable[tuple[Decimal | None, str]]) -> str:
    """Of each currency the lowest and the highest; two currencies are never mixed."""
    by_currency: dict[str, list[Decimal]] = {}
    for amount, currency in prices:
        if amount is not None and currency:
            by_currency.setdefault(currency, []).append(amount)
    words = []
    for currency, amounts in by_currency.items():
        low, high = Money(min(amounts), currency), Money(max(amounts), currency)
        is_one = low.rounded() == high.rounded()
        words.append(str(low) if is_one else f"{low} – {high.rounded().amount:,}")  # noqa: RUF001
    return ", ".join(words) or "—"


def mapping_badge(sku: ListingSku) -> SafeString:
    kind = MAPPING_BADGES[ListingSku.Mapping(sku.mapping)]
    return badge(sku.get_mapping_display(), kind)


def seller_center(listing: Listing) -> str:
    """Where the seller manages products; addresses of single ones are not known."""
    return seller_center_of(listing.shop)


def seller_center_of(shop: Shop) -> str:
    return shop.seller_center_url or region_of(shop.region).seller_center


def shop_words(shop: Shop) -> SafeString:
    return format_html(
        "<div>{} {} {}</div>",
        shop.name,
        badge(shop.region, "neutral"),
        environment_badge(shop),
    )


def feedback(listing: Listing) -> str:
    """Not sent, Sent, In review, Live, Rejected: where it stands with the platform."""
    Status, Audit = Listing.Status, Listing.Audit  # noqa: N806
    if listing.status == Status.FAILED or listing.audit == Audit.FAILED:
        return "Rejected"
    if listing.status == Status.PENDING or listing.audit == Audit.AUDITING:
        return "In review"
    if listing.status == Status.LIVE:
        return "Live"
    if listing.status == Status.DRAFT:
        return "Not sent"
    return listing.get_status_display() if listing.status else "Sent"
