"""The lexicon as a reader looks it up: by the parts of a phrase, the longest first."""

import re
from itertools import chain

from apps.products.matching import lexicon
from apps.products.matching.tokens import folded, is_unspaced, normal, tokens_of

LONGEST = 5
Phrase = tuple[str, str]  # what it is, what it means
Parts = tuple[str, ...]


def _phrases(*, in_variation: bool) -> dict[Parts, Phrase]:
    meanings: dict[str, Phrase] = {}
    labels = lexicon.LABELS if in_variation else [*lexicon.AXES, *lexicon.ADVERTISING]
    for word in chain(labels, lexicon.JOINTS):
        if not (in_variation and len(word) == 1):  # "A" and "B" are variations
            meanings[word] = ("silent", word)
    tables = (
        ("colour", lexicon.COLOURS),
        ("size", lexicon.SIZES),
        ("people", lexicon.PEOPLE),
        ("pack", lexicon.PACK_WORDS),
        ("set", lexicon.SETS),
        ("relation", lexicon.RELATIONS),
    )
    for name, table in tables:
        for word, meaning in table.items():
            if in_variation or word not in lexicon.UNCLEAR:
                meanings[word] = (name, meaning)
    meanings |= {word: ("plain", word) for word in lexicon.PLAIN}
    phrases: dict[Parts, Phrase] = {}
    for word, phrase in meanings.items():
        parts = tuple(token.text for token in tokens_of(normal(word)))
        bare = tuple(map(folded, parts))
        if in_variation or len(parts) > 1:  # "den" is black, but in German "the"
            phrases.setdefault(bare, phrase)
        phrases[parts] = phrase
    return phrases


def _parts(words: list[str]) -> frozenset[Parts]:
    spelt = [tuple(token.text for token in tokens_of(normal(w))) for w in words]
    return frozenset(spelt) | {tuple(map(folded, parts)) for parts in spelt}


IN_TITLE = _phrases(in_variation=False)
IN_VARIATION = _phrases(in_variation=True)
UNITS = {parts: unit for unit in lexicon.UNITS for parts in _parts([unit])}
PIECES = _parts(lexicon.PIECES)
PACK_OF = _parts(lexicon.PACK_OF)
AXES = frozenset(axis.casefold() for axis in lexicon.AXES)
SIZES = {normal(size): meaning for size, meaning in lexicon.SIZES.items()}


def _cutter() -> re.Pattern[str]:
    """Finds what must be cut out of unspaced text to be seen as words."""

    def either(words: list[str]) -> str:
        runs = {normal(w) for w in words if is_unspaced(w) and " " not in w}
        return "|".join(re.escape(w) for w in sorted(runs, key=lambda w: (-len(w), w)))

    colours = [word for word in lexicon.COLOURS if word.startswith("สี")]
    advertising = [word for word in lexicon.ADVERTISING if len(word) > 4]
    sure = [*colours, *advertising, *lexicon.PEOPLE, *lexicon.PACK_WORDS, "ไซส์", "ไม่มี"]
    counted = either([*lexicon.UNITS, *lexicon.PIECES])
    return re.compile(
        f"({either(sure)}|(?<=\\d)(?:{counted})|(?<=\\d )(?:{counted})|"
        f"(?:{either(lexicon.PACK_OF)})(?=\\s*\\d))"
    )


_CUT = _cutter()


def cut(text: str) -> str:
    """With spaces around what must be seen as a word in unspaced text."""
    return text if text.isascii() else _CUT.sub(r" \1 ", text)
