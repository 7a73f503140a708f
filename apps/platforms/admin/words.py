"""How shops, their figures and their tokens are put, the same on every page."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core.admin import badge
from apps.platforms.models import Shop, ShopFeature

Feature = ShopFeature.Feature


def compact(number: int | None) -> str:
    """950, 12.5K, 3.2M; a dash where nobody told us."""
    if number is None:
        return "—"
    for size, unit in ((1_000_000, "M"), (1_000, "K")):
        # What would round up to the next unit belongs to it: 999,950 is 1M.
        if number >= size * 0.99995 and number >= 1_000:
            text = f"{Decimal(number) / size:.1f}"
            return text.removesuffix(".0") + unit
    return str(number)


def rating(stars: Decimal | None) -> str:
    return "—" if stars is None else f"★ {stars.normalize():f}"


def span(delta: timedelta) -> str:
    """What is left of a token's life: 61 d, 20 h, 5 min, or over."""
    seconds = int(delta.total_seconds())
    if seconds <= 0:
        return "over"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def token_line(access: datetime | None, refresh: datetime | None, now: datetime) -> str:
    """What is left of both tokens: "access 20 h · refresh 61 d"."""
    if access is None or refresh is None:
        return "no tokens"
    return f"access {span(access - now)} · refresh {span(refresh - now)}"


def instant(moment: datetime | None) -> str:
    """An exact instant with its zone."""
    return f"{moment:%d %b %Y %H:%M:%S} UTC" if moment else "—"


def environment_badge(shop: Shop) -> SafeString | str:
    """Said beside every shop that is not for real."""
    if shop.environment == Shop.Environment.PRODUCTION:
        return ""
    return badge(shop.get_environment_display(), "attention")


def shop_badges(shop: Shop, features: set[Feature]) -> SafeString:
    """Region, test shop, Live, Affiliate."""
    parts = [badge(shop.region, "neutral"), environment_badge(shop)]
    if Feature.LIVE in features:
        parts.append(badge("Live", "viral"))
    if Feature.AFFILIATE in features:
        parts.append(badge("Affiliate", "neutral"))
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


def secret_hint(secret: str) -> str:
    """That there is one, and which; never the thing itself, and of a short one nothing
    at all."""
    if not secret:
        return "not set"
    return f"set · ends …{secret[-4:]}" if len(secret) >= 12 else "set"


def shop_title(shop: Shop) -> SafeString | str:
    if not shop.is_default:
        return shop.name
    return format_html('<span class="star" title="Default shop">★</span> {}', shop.name)
