"""All texts that stand for own variants, read once and ready to be compared with."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from apps.products.matching.facets import FacetComparison, Frozen, merged
from apps.products.matching.facts import ChannelSku, Key, Known, OwnVariant, order_of
from apps.products.matching.index import Entry, Group, Index
from apps.products.matching.likeness import (
    Alike,
    Likeness,
    Listing,
    chance_of,
    compare_entry,
    compare_words,
)
from apps.products.matching.reading import Reading, read
from apps.products.matching.words import Vocabulary, Words

_NO_BRAND = frozenset({"no brand", "nobrand", "generic", "oem", "none", "unbranded"})


@dataclass
class Work:
    """How much was compared so far."""

    texts: int = 0
    variants: int = 0


class Texts:
    """Own titles and variations, and those of listings matched elsewhere.

    `read` has read the same variants: what it knows of them is not worked out again.
    """

    def __init__(
        self,
        own: Iterable[OwnVariant],
        known: Iterable[Known],
        read: "Texts | None" = None,
    ) -> None:
        self.work = Work()
        self._readings: dict[tuple[str, bool], Reading]
        self._readings = read._readings if read else {}
        self._facets: FacetComparison = read._facets if read else FacetComparison()
        self._places: dict[Key, list[tuple[Group, Entry]]] = defaultdict(list)
        variants = {variant.key: variant for variant in own}
        self._vocabulary: Vocabulary = (
            copy(read._vocabulary)  # its words; their weights come below
            if read
            else Vocabulary(
                self._words(v.title, v.variation) for v in variants.values()
            )
        )
        groups: dict[frozenset[str], Group] = {}
        for v in variants.values():
            self._add(groups, v, v.title, v.variation, is_known=False)
        for k in known:
            v = variants[k.variant_key]
            self._add(groups, v, k.title, k.variation, is_known=True)
        groups.pop(frozenset(), None)
        self._vocabulary.weigh(groups)
        for group in groups.values():
            group.weight = self._vocabulary.weight(group.words)
        self._index = Index(groups.values(), self._vocabulary)

    def listing(self, sku: ChannelSku) -> Listing:
        words, typos = self._vocabulary.settle(self._words(sku.title, sku.variation))
        brand = self._brand(sku.brand)
        facets = self._merged(sku.title, sku.variation)
        weight = self._vocabulary.weight(words)
        return Listing(words, weight, typos, facets, brand, sku.price, sku.currency)

    def nearest(self, listing: Listing, least: int) -> list[Likeness]:
        """The variants meant with `least` percent or more, the likeliest first."""
        best: dict[Key, Likeness] = {}
        for group in self._index.near(listing.words) if listing.words else ():
            alike = compare_words(listing, group, self._vocabulary)
            self.work.texts += 1
            if chance_of(alike) < least:
                continue
            for entry in group.shortlist(listing.facets):
                found = self._compare(listing, group, entry, alike)
                known = best.get(entry.key)
                if found.confidence >= least and (
                    known is None or found.confidence > known.confidence
                ):
                    best[entry.key] = found
        return sorted(
            best.values(), key=lambda f: (-f.confidence, order_of(f.entry.key))
        )

    def with_variant(self, listing: Listing, key: Key) -> Likeness | None:
        """The listing beside that variant's likeliest text; None when it has none.

        Its own text is taken when it excludes the listing, whatever other shops say.
        """
        found = [
            self._compare(
                listing, group, entry, compare_words(listing, group, self._vocabulary)
            )
            for group, entry in self._places[key]
        ]
        for likeness in found:
            if likeness.difference.excluding and not likeness.entry.is_known:
                return likeness
        return max(found, key=lambda f: (f.confidence, f.alike.percent), default=None)

    def _compare(
        self, listing: Listing, group: Group, entry: Entry, alike: Alike
    ) -> Likeness:
        self.work.variants += 1
        difference = self._facets.between(listing.facets, entry.facets)
        return compare_entry(listing, group, alike, entry, difference)

    def _add(
        self,
        groups: dict[frozenset[str], Group],
        variant: OwnVariant,
        title: str,
        variation: str,
        *,
        is_known: bool,
    ) -> None:
        words, _ = self._vocabulary.settle(self._words(title, variation))
        brand = self._brand(variant.brand)
        facets = self._merged(title, variation, is_bundle=variant.is_bundle)
        entry = Entry(variant.key, facets, variant.prices, brand, is_known)
        group = groups.setdefault(words, Group(words))
        group.brand |= brand
        group.entries.append(entry)
        self._places[variant.key].append((group, entry))

    def _words(self, title: str, variation: str) -> Words:
        said = self._reading(title), self._reading(variation, in_variation=True)
        return said[0].words + said[1].words

    def _merged(self, title: str, variation: str, *, is_bundle: bool = False) -> Frozen:
        said = self._reading(title), self._reading(variation, in_variation=True)
        return merged(*said, is_bundle=is_bundle)

    def _brand(self, brand: str) -> frozenset[str]:
        if brand.strip().casefold() in _NO_BRAND:
            return frozenset()
        return self._vocabulary.settle(self._reading(brand).words)[0]

    def _reading(self, text: str, *, in_variation: bool = False) -> Reading:
        key = (text, in_variation)
        reading = self._readings.get(key)
        if reading is None:
            reading = self._readings[key] = read(text, in_variation=in_variation)
        return reading
