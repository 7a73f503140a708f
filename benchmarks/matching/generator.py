"""A labelled set from a seed: own variants, listings, known mappings and the truth."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from apps.products.matching.facts import ChannelSku, Key, Known, OwnVariant
from benchmarks.matching import noise
from benchmarks.matching.catalogue import (
    GRAMS,
    MILLILITRES,
    SIZES,
    Article,
    Owned,
    brands,
    own_variant,
    products,
)
from benchmarks.matching.vocabulary import COLOURS, FEATURES

TUNING_SEEDS = (1, 2, 3)
HELD_OUT_SEEDS = (101, 102, 103)
SHARE_WITHOUT_OWN = 0.15


@dataclass(frozen=True)
class LabelledSet:
    """`truth` is {channel key: the variant's key, or None when there is none}."""

    channel: list[ChannelSku]
    own: list[OwnVariant]
    known: list[Known]
    truth: Mapping[Key, Key | None]


def labelled_set(seed: int, size: int) -> LabelledSet:
    """`size` own variants and as many listing SKUs, always the same for a seed."""
    dice = random.Random(seed)  # noqa: S311
    names = brands(dice, 60)
    owned, strangers = _catalogue(dice, names, size)
    lines: dict[object, list[Owned]] = defaultdict(list)
    for own in owned:
        lines[_line(own.article)].append(own)
    channel: list[ChannelSku] = []
    known: list[Known] = []
    truth: dict[Key, Key | None] = {}
    taken = {own.article.identity for own in owned}
    without = round(size * SHARE_WITHOUT_OWN)
    for own in dice.sample(owned, size - without):
        near = [o for o in lines[_line(own.article)] if o is not own]
        sku = _listing(dice, len(channel), own, near)
        known += _known(dice, sku, own, near, owned)
        truth[sku.key] = own.variant.key
        channel.append(sku)
    while len(channel) < size:
        own = dice.choice(owned)
        article = _not_ours(dice, own.article, strangers)
        if article.identity not in taken:
            sku = _foreign_listing(dice, len(channel), own, article)
            truth[sku.key] = None
            channel.append(sku)
    dice.shuffle(channel)
    return LabelledSet(channel, [own.variant for own in owned], known, truth)


def _catalogue(
    dice: random.Random, names: list[str], size: int
) -> tuple[list[Owned], list[Article]]:
    """Own articles, and as many again of the same brands that are not own."""
    seen: dict[object, Article] = {}
    for line in products(dice, names):
        for article in line:
            seen.setdefault(article.identity, article)
        if len(seen) >= 2 * size:
            break
    articles = list(seen.values())
    numbers = count(1)
    owned = [own_variant(dice, next(numbers), article) for article in articles[:size]]
    for place in dice.sample(range(1, size), size // 100):
        shared = replace(owned[place].variant, barcode=owned[place - 1].variant.barcode)
        owned[place] = replace(owned[place], variant=shared)
    return owned, articles[size:]


def _line(article: Article) -> object:
    return replace(
        article, colour=None, size="", millilitres=0, grams=0, pack=1, partner=None
    )


def _listing(
    dice: random.Random, number: int, own: Owned, near: list[Owned]
) -> ChannelSku:
    title, variation = noise.texts(dice, own.article)
    amount, currency = noise.price(dice, own.article, own.pounds)
    return ChannelSku(
        key=number,
        seller_sku=noise.seller_sku(dice, own, near, number),
        barcode=noise.barcode(dice, own, near),
        title=title,
        variation=variation,
        price=amount,
        currency=currency,
        brand=own.article.brand if dice.random() < 0.5 else "",
    )


def _known(
    dice: random.Random,
    sku: ChannelSku,
    own: Owned,
    near: list[Owned],
    owned: list[Owned],
) -> list[Known]:
    """What another shop says of the same SKU, or of the same number by chance."""
    if sku.seller_sku.isdigit() and len(sku.seller_sku) < 4:
        own = dice.choice(owned)
    elif not sku.seller_sku.startswith("SHOP") and dice.random() > 0.1:
        return []
    if dice.random() < 0.5:
        return []
    title, variation = noise.texts(dice, own.article)
    mapping = Known(sku.seller_sku, sku.barcode, title, variation, own.variant.key)
    roll = dice.random()
    if roll < 0.01 and near:
        wrong = replace(mapping, variant_key=dice.choice(near).variant.key)
        return [wrong] if roll < 0.005 else [mapping, wrong]
    return [mapping]


def _not_ours(dice: random.Random, own: Article, strangers: list[Article]) -> Article:
    """Something the client lacks: another article, or nearly one of theirs."""
    roll = dice.random()
    if roll < 0.2:
        return dice.choice(strangers)
    if roll < 0.5:
        return _other_axis(dice, own)
    if roll < 0.7:
        return replace(
            own, pack=dice.choice([n for n in (1, 2, 3, 5) if n != own.pack])
        )
    if own.model and roll < 0.9:
        stem = own.model.rstrip("0123456789")
        return replace(own, model=f"{stem}{dice.randrange(2, 60)}")
    features = list(own.features)
    fresh = [f for f in FEATURES[own.family] if f not in features]
    if roll < 0.9:
        features[dice.randrange(len(features))] = dice.choice(fresh)
    elif roll < 0.95 and len(features) > 1:
        features.pop()
    else:
        features.append(dice.choice(fresh))
    return replace(own, features=tuple(features))


def _other_axis(dice: random.Random, own: Article) -> Article:
    if own.size and dice.random() < 0.5:
        return replace(own, size=dice.choice(SIZES))
    if own.colour:
        return replace(own, colour=dice.choice(COLOURS))
    if own.millilitres:
        return replace(own, millilitres=dice.choice(MILLILITRES))
    return replace(own, grams=dice.choice(GRAMS))


def _foreign_listing(
    dice: random.Random, number: int, own: Owned, article: Article
) -> ChannelSku:
    """A listing of `article`, which nobody of ours is; some copy `own`'s numbers."""
    listing = _listing(dice, number, replace(own, article=article), [])
    is_pack = article.pack != own.article.pack
    copies_sku = dice.random() < (0.15 if is_pack else 0.02)
    copies_barcode = dice.random() < (0.15 if is_pack else 0.01)
    return replace(
        listing,
        seller_sku=own.variant.sku if copies_sku else noise.shop_sku(dice, number),
        barcode=own.variant.barcode if copies_barcode else "",
    )
