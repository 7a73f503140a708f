"""How sure a title makes us: words, facets and price, turned into a confidence.

The numbers are fitted to the tuning seeds of benchmarks/listing_matching.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.products.matching.facets import Difference, Frozen
from apps.products.matching.index import Entry, Group
from apps.products.matching.tokens import grams_of, is_unspaced
from apps.products.matching.words import Vocabulary

_ALIKE, _ABOUT = Decimal("1.2"), Decimal("1.6")
_FOR_PRICE = {"alike": 0, "": 1, "near": 2, "far": 12}
_OPEN, _VAGUE = 94, 80
_ENOUGH_FACTS = 3  # "Shirt" and "Shirt" prove little
_IMPLIED_FACETS = 1  # set, which every reading has


@dataclass(frozen=True, slots=True)
class Listing:
    """What we read of a channel SKU."""

    words: frozenset[str]
    weight: int
    typos: int
    facets: Frozen
    brand: frozenset[str]
    price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Two sets of words compared: shares of the weight, from 0 to 1."""

    percent: int
    is_replaced: bool  # both sides have words of ours that the other lacks
    ours_missing: float
    theirs_known: float  # words we know and use elsewhere
    theirs_unknown: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """An entry compared with a listing; `price` is a word for staff, "" if unknown."""

    entry: Entry
    alike: Alike
    difference: Difference
    price: str
    confidence: int


def compare_words(listing: Listing, group: Group, vocabulary: Vocabulary) -> Alike:
    theirs, ours = listing.words, group.words
    weight = vocabulary.weight
    ours_left = ours - theirs - listing.brand
    theirs_left = theirs - ours - group.brand
    known_left = [word for word in theirs_left if word in vocabulary]
    missing, left, known = weight(ours_left), weight(theirs_left), weight(known_left)
    if missing and left > known:
        unknown_left = theirs_left.difference(known_left)
        ours_shared, theirs_shared = _shared_grams(ours_left, unknown_left, vocabulary)
        missing, left = missing - ours_shared, left - theirs_shared
    whole = group.weight + listing.weight
    theirs_total = listing.weight or 1
    return Alike(
        percent=100 * (whole - missing - left) // whole if whole else 0,
        is_replaced=missing > 0 and known > 0,
        ours_missing=missing / (group.weight or 1),
        theirs_known=known / theirs_total,
        theirs_unknown=(left - known) / theirs_total,
    )


def _shared_grams(
    ours: frozenset[str], theirs: frozenset[str], vocabulary: Vocabulary
) -> tuple[int, int]:
    """The weight on each side of what unspaced words have in common within them."""
    our_grams, their_grams = grams_of(ours), grams_of(theirs)
    shared = len(our_grams & their_grams)
    if 2 * shared <= max(len(our_grams), len(their_grams)):
        return 0, 0
    return (
        vocabulary.weight(filter(is_unspaced, ours)) * shared // len(our_grams),
        vocabulary.weight(filter(is_unspaced, theirs)) * shared // len(their_grams),
    )


def price_word(listing: Listing, prices: Mapping[str, Decimal]) -> str:
    """How the price compares: alike, near, far; "" when there is nothing to compare."""
    ours = prices.get(listing.currency)
    if ours is None or listing.price is None:
        return ""
    if not (_is_price(ours) and _is_price(listing.price)):
        return ""
    ratio = max(ours, listing.price) / min(ours, listing.price)
    return "alike" if ratio <= _ALIKE else "near" if ratio <= _ABOUT else "far"


def _is_price(amount: Decimal) -> bool:
    return amount.is_finite() and amount > 0


def chance_of(alike: Alike) -> float:
    """How often, in percent, texts so alike were the same article, all else alike."""
    chance = min(98.0, 104 - 100 * alike.ours_missing)
    if alike.theirs_known:
        chance -= 25 + 40 * alike.theirs_known
    if alike.theirs_unknown:
        chance -= 8 + 25 * alike.theirs_unknown
    return chance - 25 if alike.is_replaced else chance


def compare_entry(
    listing: Listing, group: Group, alike: Alike, entry: Entry, difference: Difference
) -> Likeness:
    price = price_word(listing, entry.prices)
    is_other_brand = bool(entry.brand) and not listing.brand & entry.brand
    if difference.excluding or (listing.brand and is_other_brand):
        return Likeness(entry, alike, difference, price, 0)
    chance = chance_of(alike) - _FOR_PRICE[price] - 2 * listing.typos
    if difference.unsure:
        chance -= 25 + 5 * len(difference.unsure)
        chance -= 8 if "number" in difference.unsure else 0
    confidence = max(0, min(round(chance), _most(listing, group, difference, price)))
    return Likeness(entry, alike, difference, price, confidence)


def _most(listing: Listing, group: Group, difference: Difference, price: str) -> int:
    """What a title may claim at most: little was said, or something is left open."""
    facts = len(group.words) + len(listing.facets) - _IMPLIED_FACETS
    if facts < _ENOUGH_FACTS:
        return _VAGUE
    is_open = listing.typos or price == "near" or difference.is_open
    return _OPEN if is_open else 98
