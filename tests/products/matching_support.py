"""Short ways to build what the matching engine is told."""

from collections.abc import Mapping
from decimal import Decimal

from apps.products.matching import (
    ChannelSku,
    Key,
    Kind,
    Known,
    OwnVariant,
    Verdict,
    suggest,
)


def make_channel(
    *,
    key: Key = 1,
    seller_sku: str = "",
    barcode: str = "",
    title: str = "",
    variation: str = "",
    price: str = "",
    currency: str = "GBP",
    brand: str = "",
) -> ChannelSku:
    amount = Decimal(price) if price else None
    return ChannelSku(
        key, seller_sku, barcode, title, variation, amount, currency, brand
    )


def make_own(
    key: Key,
    *,
    sku: str = "",
    barcode: str = "",
    title: str = "",
    variation: str = "",
    prices: Mapping[str, str] | None = None,
    is_bundle: bool = False,
    brand: str = "",
) -> OwnVariant:
    amounts = {name: Decimal(amount) for name, amount in (prices or {}).items()}
    return OwnVariant(key, sku, barcode, title, variation, amounts, is_bundle, brand)


def make_known(
    variant_key: Key,
    *,
    seller_sku: str = "",
    barcode: str = "",
    title: str = "",
    variation: str = "",
) -> Known:
    return Known(seller_sku, barcode, title, variation, variant_key)


def verdict_on(
    channel: ChannelSku, *own: OwnVariant, known: tuple[Known, ...] = ()
) -> Verdict:
    return suggest([channel], own, known)[channel.key]


def named(verdict: Verdict) -> set[Key]:
    return {candidate.variant_key for candidate in verdict.candidates}


def title_confidence(theirs: tuple[str, str], ours: tuple[str, str]) -> int:
    """The confidence in `ours`, alone in its catalogue; 0 when it is not suggested."""
    channel = make_channel(title=theirs[0], variation=theirs[1])
    own = make_own("ours", title=ours[0], variation=ours[1])
    verdict = verdict_on(channel, own)
    assert verdict.kind is not Kind.CONFLICT
    return verdict.best.confidence if verdict.best else 0
