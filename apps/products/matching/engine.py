"""Which own variant a listing's SKU is: SKU, barcode, other shops, then the title."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from copy import copy

from apps.products.matching import sentences
from apps.products.matching.evidence import CodeBook, Evidence
from apps.products.matching.facts import (
    Candidate,
    ChannelSku,
    Key,
    Kind,
    Known,
    OwnVariant,
    Reason,
    Verdict,
    order_of,
)
from apps.products.matching.likeness import Likeness, Listing
from apps.products.matching.texts import Texts, Work

SURE = 95  # from here on at most one suggestion in a hundred is wrong
_SUGGESTED_FROM = 60
_RIVAL_FROM = 86  # a title that speaks so clearly for another contradicts a code
_AS_GOOD = 3  # points between candidates that nobody could rank
_CLEARLY_BEHIND = 8
_RIVALS = 12  # shown of a conflict; who cannot tell twelve apart has to search
_SAME_LANGUAGE = 40  # percent; below, titles may well be of two languages
# What is left of a code whose title says something else.
_EXCLUDED, _REPLACED, _STRANGE = 10, 85, 88

_Found = dict[Key, list[Evidence]]


class Catalogue:
    """The client's variants, read once; answers for one listing SKU after another.

    An answer depends on that SKU alone, not on what else is asked. Mappings to
    variants that are not in `own` count for nothing.
    """

    def __init__(self, own: Iterable[OwnVariant], known: Iterable[Known] = ()) -> None:
        self._variants = sorted(own, key=lambda variant: order_of(variant.key))
        self._keys = {variant.key for variant in self._variants}
        if len(self._keys) < len(self._variants):
            raise ValueError("two own variants have the same key")
        self._learn(known)

    def knowing(self, known: Iterable[Known]) -> "Catalogue":
        """One of the same variants with other mappings; texts are not read again."""
        catalogue = copy(self)
        catalogue._learn(known, self._texts)
        return catalogue

    def _learn(self, known: Iterable[Known], read: Texts | None = None) -> None:
        mappings = sorted(
            {mapping for mapping in known if mapping.variant_key in self._keys},
            key=lambda m: (
                *order_of(m.variant_key), m.seller_sku, m.barcode, m.title, m.variation
            ),
        )  # fmt: skip
        self._codes = CodeBook(self._variants, mappings)
        self._texts = Texts(self._variants, mappings, read)

    @property
    def work(self) -> Work:
        return self._texts.work

    def verdict(self, channel: ChannelSku) -> Verdict:
        listing = self._texts.listing(channel)
        found: _Found = defaultdict(list)
        for item in self._codes.evidence(channel):
            if not (item.is_weak and self._is_elsewhere(listing, item.key)):
                found[item.key].append(item)
        if not found:
            return self._by_title(listing)
        key = _agreed(found)
        if key is None:
            return self._rivalry(listing, found)
        return self._by_code(listing, key, found[key])

    def _is_elsewhere(self, listing: Listing, key: Key) -> bool:
        """Whether the text makes plain that a short number means something else."""
        likeness = self._texts.with_variant(listing, key)
        if likeness is None:
            return False
        is_strange = likeness.alike.is_replaced and not likeness.alike.percent
        return bool(likeness.difference.excluding) or is_strange

    def _by_code(self, listing: Listing, key: Key, evidence: list[Evidence]) -> Verdict:
        """The variant that all codes name, unless its text speaks against it."""
        likeness = self._texts.with_variant(listing, key)
        confidence = _code_confidence(evidence, likeness)
        if confidence < SURE or (likeness and likeness.difference.excluding):
            rivals = [
                rival
                for rival in self._texts.nearest(listing, _RIVAL_FROM)
                if rival.entry.key != key
            ]
            if rivals:
                return self._rivalry(listing, {key: evidence}, rivals)
        return Verdict(
            Kind.SUGGESTED, (_named_by_codes(key, evidence, likeness, confidence),)
        )

    def _by_title(self, listing: Listing) -> Verdict:
        likely = self._texts.nearest(listing, _SUGGESTED_FROM)
        if not likely:
            return Verdict(Kind.NONE)
        best = likely[0].confidence
        as_good = [f for f in likely if f.confidence >= best - _AS_GOOD]
        if len(as_good) > 1:
            return _conflict([_named_by_title(f, f.confidence) for f in as_good])
        if any(_is_close(likely[0], other) for other in likely[1:]):
            best = min(best, SURE - 1)
        return Verdict(Kind.SUGGESTED, (_named_by_title(likely[0], best),))

    def _rivalry(
        self, listing: Listing, found: _Found, by_title: Sequence[Likeness] = ()
    ) -> Verdict:
        rivals = [_named_by_title(f, f.confidence) for f in by_title]
        for key, evidence in found.items():
            likeness = self._texts.with_variant(listing, key)
            confidence = _code_confidence(evidence, likeness)
            rivals.append(_named_by_codes(key, evidence, likeness, confidence))
        return _conflict(rivals)


def suggest(
    channel: Iterable[ChannelSku],
    own: Iterable[OwnVariant],
    known: Iterable[Known] = (),
) -> dict[Key, Verdict]:
    """{channel key: verdict} for all SKUs; the same whatever order things come in."""
    catalogue = Catalogue(own, known)
    verdicts: dict[Key, Verdict] = {}
    for sku in channel:
        if sku.key in verdicts:
            raise ValueError("two channel SKUs have the same key")
        verdicts[sku.key] = catalogue.verdict(sku)
    return verdicts


def _is_close(best: Likeness, other: Likeness) -> bool:
    """Whether a runner-up is not clearly behind, or by its price alone."""
    is_same_text = best.alike == other.alike and best.difference == other.difference
    return is_same_text or other.confidence > best.confidence - _CLEARLY_BEHIND


def _agreed(found: _Found) -> Key | None:
    """The one variant that fits all codes; None when they name several.

    An SKU that is one variant's settles which of those sharing a barcode is meant.
    """
    by_reason: dict[Reason, set[Key]] = defaultdict(set)
    for key, evidence in found.items():
        for item in evidence:
            by_reason[item.reason].add(key)
    skus = by_reason[Reason.SAME_SKU]
    if len(skus) == 1 and skus <= by_reason[Reason.SAME_BARCODE]:
        del by_reason[Reason.SAME_BARCODE]
    named = set().union(*by_reason.values())
    return named.pop() if len(named) == 1 else None


def _code_confidence(evidence: list[Evidence], likeness: Likeness | None) -> int:
    confidence = max(item.confidence for item in evidence)
    agreeing = len({item.reason for item in evidence})
    if agreeing > 1:
        confidence += 1
    if likeness is None:
        return min(confidence, 100)
    if likeness.difference.spoken:
        return _EXCLUDED
    if agreeing == 1 and likeness.alike.is_replaced:
        if likeness.alike.percent >= _SAME_LANGUAGE:
            return _REPLACED
        if not likeness.alike.percent:
            return _STRANGE
    return min(confidence, 100)


def _named_by_codes(
    key: Key, evidence: list[Evidence], likeness: Likeness | None, confidence: int
) -> Candidate:
    ordered = sorted(evidence, key=lambda item: list(Reason).index(item.reason))
    reasons = tuple(dict.fromkeys(item.reason for item in ordered))
    return Candidate(key, confidence, reasons, sentences.of_codes(ordered, likeness))


def _named_by_title(likeness: Likeness, confidence: int) -> Candidate:
    sentence = sentences.of_title(likeness)
    return Candidate(likeness.entry.key, confidence, (Reason.TITLE,), sentence)


def _conflict(rivals: list[Candidate]) -> Verdict:
    """The strongest rivals; the confidence is shared out among them all."""
    total = sum(rival.confidence for rival in rivals)
    best = sorted(rivals, key=lambda r: (-r.confidence, order_of(r.variant_key)))
    shared = [
        Candidate(r.variant_key, 100 * r.confidence // total, r.reasons, r.sentence)
        for r in best[:_RIVALS]
    ]
    return Verdict(Kind.CONFLICT, tuple(shared))
