"""Which category suits a title: the leaf whose words the title has most of."""

import re
from functools import cache, lru_cache

from apps.simulator.world.regions import REGIONS, Region
from apps.simulator.world.taxonomy import PROHIBITED, Category, categories, category

_WORD = re.compile(r"[^\W_]+")
_THAI = re.compile(r"[\u0e00-\u0e7f]")
_PARENTS_COUNT = 0.1  # of what the same words count in the leaf's own name


def suitable(
    region: Region, title: str, *, with_prohibited: bool = False
) -> Category | None:
    """The best leaf, or None where not one word fits."""
    best, most = None, 0.0
    words = _words(title)
    for leaf, own, above in _phrases(region.code):
        if leaf.permission == PROHIBITED and not with_prohibited:
            continue
        score = _score(own, title, words) + _PARENTS_COUNT * _score(above, title, words)
        if score > most and _score(own, title, words):
            best, most = leaf, score
    return best


@cache
def _phrases(
    region: str,
) -> list[tuple[Category, frozenset[str], frozenset[str]]]:
    """Every leaf with the phrases that speak for it, and those of its parents."""
    market = REGIONS[region]
    found = []
    for leaf in categories(market):
        if not leaf.is_leaf:
            continue
        parents = [category(market, one) for one in leaf.chain[:-1]]
        above = frozenset().union(*(_all_names(p) for p in parents if p))
        found.append((leaf, _all_names(leaf), above))
    return found


def _all_names(one: Category) -> frozenset[str]:
    names = {name for name in one.names.values() if name} | set(one.keywords)
    parts = {part.strip() for name in names for part in re.split(r"[&/]", name)}
    return frozenset(part.casefold() for part in names | parts)


def _score(phrases: frozenset[str], title: str, words: frozenset[str]) -> float:
    """The length of the longest phrase in the title, plus a little for the others."""
    lengths = sorted((len(p) for p in phrases if _has(p, title, words)), reverse=True)
    return lengths[0] + 0.2 * sum(lengths[1:]) if lengths else 0.0


def _has(phrase: str, title: str, words: frozenset[str]) -> bool:
    if _THAI.search(phrase):  # written without spaces
        return phrase in title.casefold()
    wanted = _words(phrase)
    return bool(wanted) and wanted <= words


@lru_cache(maxsize=4_096)
def _words(text: str) -> frozenset[str]:
    """Lower case, the plural's s cut off."""
    found = _WORD.findall(text.casefold())
    return frozenset(w.removesuffix("s") if len(w) > 3 else w for w in found)
