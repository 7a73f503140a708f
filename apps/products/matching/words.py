"""The client's own words, and other people's words brought back to them."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

from rapidfuzz.distance import OSA

from apps.products.matching.tokens import is_unspaced

_SHORTEST_TYPO = 6  # in shorter words one letter makes another word
_SHORTEST_PART = 3
Words = tuple[str, ...]


class Vocabulary:
    """Built from the words of all own titles and variations, in their order."""

    def __init__(self, texts: Iterable[Words]) -> None:
        texts = sorted(set(texts))
        runs = {w for words in texts for w in words if is_unspaced(w)}
        self._lexicon = _Lexicon(runs)
        spelt = [self._cut(words) for words in texts]
        self._known = {word for words in spelt for word in words}
        pairs = {a + b: (a, b) for words in spelt for a, b in pairwise(words)}
        # "Powerbank" where we also write "Power Bank": always the parts.
        self._parts = {w: pairs[w] for w in self._known if w in pairs}
        self._known = {p for w in self._known for p in self._parts.get(w, (w,))}
        self._settled: dict[Words, tuple[frozenset[str], int]] = {}
        self._weights: dict[str, int] = {}
        self._default_weight = 1

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def weigh(self, groups: Iterable[frozenset[str]]) -> None:
        """Give each word its weight: the rarer among the groups, the heavier."""
        counts: Counter[str] = Counter()
        total = 0
        for group in groups:
            counts.update(group)
            total += 1
        self._weights = {
            word: round(1000 * math.log(1 + total / count))
            for word, count in counts.items()
        }
        self._default_weight = round(1000 * math.log(1 + total)) or 1

    def weight(self, words: Iterable[str]) -> int:
        """The weight of words together; integers, so that no order matters."""
        weights, default = self._weights, self._default_weight
        return sum([weights.get(word, default) for word in words])

    def settle(self, words: Words) -> tuple[frozenset[str], int]:
        """The words as the client writes them, and how many typos that took."""
        settled = self._settled.get(words)
        if settled is None:
            settled = self._settled[words] = self._settle(words)
        return settled

    def _settle(self, words: Words) -> tuple[frozenset[str], int]:
        found: set[str] = set()
        typos = 0
        cut = self._cut(words)
        joined = {a + b: (a, b) for a, b in pairwise(cut) if a + b in self._known}
        inside = {part for parts in joined.values() for part in parts}
        found.update(joined)
        for word in cut:
            if word in inside and word not in self._known:
                continue
            if word in self._known:
                if word not in inside:
                    found.add(word)
            elif parts := self._parts.get(word) or self._split(word):
                found.update(parts)
            elif right := self._corrected(word):
                found.add(right)
                typos += 1
            else:
                found.add(word)
        return frozenset(found), typos

    def _cut(self, words: Words) -> Words:
        if all(map(str.isascii, words)):
            return words
        return tuple(
            piece
            for word in words
            for piece in (self._lexicon.cut(word) if is_unspaced(word) else (word,))
        )

    def _split(self, word: str) -> Words:
        """Two known words written as one: Edelstahltrinkflasche."""
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            if word[:at] in self._known and word[at:] in self._known:
                return word[:at], word[at:]
        return ()

    def _corrected(self, word: str) -> str:
        """The one known word that is a slip away; "" when none is, or several are."""
        if len(word) < _SHORTEST_TYPO - 1:
            return ""
        near = {w for form in _deletions(word) for w in self._slips.get(form, ())}
        near = {w for w in near if max(len(w), len(word)) >= _SHORTEST_TYPO}
        near = {w for w in near if OSA.distance(word, w, score_cutoff=1) <= 1}
        return near.pop() if len(near) == 1 else ""

    @cached_property
    def _slips(self) -> dict[str, list[str]]:
        forms: dict[str, list[str]] = defaultdict(list)
        for word in self._known:
            if len(word) >= _SHORTEST_TYPO - 1:
                for form in _deletions(word):
                    forms[form].append(word)
        return forms


class _Lexicon:
    """Cuts unspaced text into the pieces that own titles set apart by spaces."""

    def __init__(self, runs: set[str]) -> None:
        self._lengths: dict[str, list[int]] = {}
        self._pieces: set[str] = set()
        for run in sorted(runs, key=lambda run: (len(run), run)):
            if len(run) >= _SHORTEST_PART and not self._is_made_of_pieces(run):
                self._add(run)

    def cut(self, run: str) -> list[str]:
        """Known pieces, the longest first from the left, and what is between them."""
        pieces, start, at = [], 0, 0
        while at < len(run):
            length = self._longest(run, at)
            if not length:
                at += 1
                continue
            if start < at:
                pieces.append(run[start:at])
            pieces.append(run[at : at + length])
            at += length
            start = at
        if start < len(run):
            pieces.append(run[start:])
        return pieces

    def _add(self, run: str) -> None:
        self._pieces.add(run)
        lengths = self._lengths.setdefault(run[:_SHORTEST_PART], [])
        if len(run) not in lengths:
            lengths.append(len(run))
            lengths.sort(reverse=True)

    def _longest(self, run: str, at: int) -> int:
        for length in self._lengths.get(run[at : at + _SHORTEST_PART], ()):
            if run[at : at + length] in self._pieces and at + length <= len(run):
                return length
        return 0

    def _is_made_of_pieces(self, run: str) -> bool:
        return all(piece in self._pieces for piece in self.cut(run))


def _deletions(word: str) -> set[str]:
    """The word, and the word without one of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
