"""Finds the few own texts worth a comparison, without looking at all of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest
from itertools import combinations

from apps.products.matching.facets import Frozen
from apps.products.matching.facts import Key
from apps.products.matching.tokens import grams_of
from apps.products.matching.words import Vocabulary

# The bounds that make the work grow with the listings, not with listings times own.
_GROUPS_PER_MARK = 300  # what is in more of them finds nothing by itself
_POSTINGS = 1_200  # looked at for one listing
_GROUPS = 12  # compared with one listing
_ENTRIES = 40  # compared with one listing, of one group
_COMMON_WORDS = 6  # make pairs
_LETTERS_IN_A_WORD = 12

# A word; two common words; three letters of an unspaced word, after "".
Mark = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A text that stands for an own variant: its own, or one matched elsewhere."""

    key: Key
    facets: Frozen
    prices: Mapping[str, Decimal]
    brand: frozenset[str]
    is_known: bool


@dataclass(slots=True, eq=False)
class Group:
    """All entries with the same words; they differ in facets alone."""

    words: frozenset[str]
    weight: int = 0
    brand: frozenset[str] = frozenset()
    entries: list[Entry] = field(default_factory=list)
    by_facet: dict[object, list[int]] = field(default_factory=dict)

    def shortlist(self, facets: Frozen) -> list[Entry]:
        """The entries that share most facets with `facets`; all of a small group."""
        if len(self.entries) <= _ENTRIES:
            return self.entries
        if not self.by_facet:
            self._index()
        shared: Counter[int] = Counter()
        shared.update(self.by_facet.get(facets, ())[:_ENTRIES])
        for facet in _parts(facets):
            places = self.by_facet.get(facet, [])
            if len(places) <= _POSTINGS:
                shared.update(places)
        if not shared:
            return self.entries[:_ENTRIES]
        best = nsmallest(_ENTRIES, shared, key=lambda place: (-shared[place], place))
        return [self.entries[place] for place in best]

    def _index(self) -> None:
        for place, entry in enumerate(self.entries):
            for facet in (entry.facets, *_parts(entry.facets)):
                self.by_facet.setdefault(facet, []).append(place)


def _parts(facets: Frozen) -> Iterator[tuple[str, int | str]]:
    return ((name, value) for name, values in facets for value in values)


class Index:
    """Groups by their rarer words, by pairs of common ones, by letters of long ones."""

    def __init__(self, groups: Iterable[Group], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._groups = sorted(groups, key=lambda group: sorted(group.words))
        self._exact = {group.words: group for group in self._groups}
        self._counts = Counter(w for group in self._groups for w in group.words)
        self._letters = max(1, vocabulary.weight([""]) // _LETTERS_IN_A_WORD)
        postings: dict[Mark, list[int]] = defaultdict(list)
        for number, group in enumerate(self._groups):
            for mark in (*self._marks(group.words), *_letter_marks(group.words)):
                postings[mark].append(number)
        self._postings = {
            mark: numbers
            for mark, numbers in postings.items()
            if len(numbers) <= _GROUPS_PER_MARK
        }

    def near(self, words: frozenset[str]) -> list[Group]:
        """The groups with most of the weight of `words`, the nearest first."""
        found = self._found(words)
        least = max(found.values(), default=0) / 2
        likely = [number for number, weight in found.items() if weight >= least]
        total, groups = self._vocabulary.weight(words), self._groups
        best = nsmallest(
            _GROUPS, likely, key=lambda n: (-found[n] / (total + groups[n].weight), n)
        )
        exact = self._exact.get(words)
        near = [groups[number] for number in best]
        return near if exact is None or exact in near else [exact, *near]

    def _found(self, words: frozenset[str]) -> dict[int, int]:
        """{number of a group: weight of the marks in common}; the rarest come first."""
        unknown = [word for word in words if word not in self._vocabulary]
        marks = (*self._marks(words), *_letter_marks(unknown))
        lists = [(self._postings.get(mark, ()), mark) for mark in marks]
        lists.sort(key=lambda item: (len(item[0]), item[1]))
        found: dict[int, int] = {}
        left = _POSTINGS
        for numbers, mark in lists:
            left -= len(numbers)
            if left < 0:
                break
            weight = self._vocabulary.weight(mark) if mark[0] else self._letters
            for number in numbers:
                found[number] = found.get(number, 0) + weight
        return found

    def _marks(self, words: frozenset[str]) -> list[Mark]:
        counts = self._counts
        rare: list[Mark] = [(w,) for w in words if counts[w] <= _GROUPS_PER_MARK]
        if len(rare) == len(words):
            return rare
        common = [word for word in words if counts[word] > _GROUPS_PER_MARK]
        common.sort(key=lambda word: (counts[word], word))
        return rare + list(combinations(common[:_COMMON_WORDS], 2))


def _letter_marks(words: Iterable[str]) -> Iterator[Mark]:
    return (("", letters) for letters in grams_of(words))
