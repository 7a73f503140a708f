"""Whether two readings can be the same thing: sizes, colours, amounts, packs, sets."""

from dataclasses import dataclass

from apps.products.matching.reading import Facets, Reading

# Read as one list over title and variation; elsewhere the variation overrules.
_ADDED_UP = frozenset({"number", "people", "relation", "set"})
_SINGLE: frozenset[int | str] = frozenset({1})
_NOTHING: frozenset[int | str] = frozenset()
Frozen = frozenset[tuple[str, frozenset[int | str]]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Facets that exclude each other, and facets that only one side speaks of.

    `spoken` are those excluding facets that the listing itself speaks of: saying no
    pack count makes it a single, but only as long as nothing else tells. `is_open` when
    the sides put their words together in another way (for, with).
    """

    excluding: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    is_open: bool = False


SAME = Difference()


def merged(title: Reading, variation: Reading, *, is_bundle: bool = False) -> Frozen:
    """The facets of a SKU; a variation says which of the title's values it is."""
    facets: dict[str, frozenset[int | str]] = dict(title.facets)
    for name, values in variation.facets.items():
        together = facets.get(name, frozenset()) | values
        facets[name] = together if name in _ADDED_UP else values
    facets["set"] = frozenset({_set_level(facets, is_bundle=is_bundle)})
    return frozenset(facets.items())


def _set_level(facets: Facets, *, is_bundle: bool) -> int:
    """0 a single article, 1 perhaps several, 2 surely several."""
    is_pack = max(facets.get("pack", _SINGLE)) != 1
    words = facets.get("set", frozenset())
    if is_pack or "strong" in words or (is_bundle and words):
        return 2
    return 1 if words or is_bundle else 0


class FacetComparison:
    """Compares frozen facets, each pair of them once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Frozen, Frozen], Difference] = {}

    def between(self, theirs: Frozen, ours: Frozen) -> Difference:
        if theirs == ours:
            return SAME
        pair = (theirs, ours)
        found = self._found.get(pair)
        if found is None:
            found = self._found[pair] = _compare(dict(theirs), dict(ours))
        return found


def _compare(theirs: Facets, ours: Facets) -> Difference:
    excluding: list[str] = []
    unsure: list[str] = []
    for name in sorted(theirs.keys() | ours.keys()):
        nothing = _SINGLE if name == "pack" else _NOTHING
        a, b = theirs.get(name, nothing), ours.get(name, nothing)
        if a == b or name == "relation" or (name == "year" and not (a and b)):
            continue
        if name == "set":
            levels = {*a, *b}
            (excluding if levels == {0, 2} else unsure).append(name)
        elif a and b and (not a & b or (name == "number" and a - b and b - a)):
            excluding.append(name)
        else:
            unsure.append(name)
    is_open = theirs.get("relation") != ours.get("relation")
    spoken = [
        name
        for name in excluding
        if name in theirs and not (name == "set" and 0 in theirs[name])
    ]
    return Difference(tuple(excluding), tuple(spoken), tuple(unsure), is_open)
