"""Text in one form, cut into words, numbers and the few signs that mean something."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Kana, Han.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_UNSPACED_RUN = re.compile(f"([{UNSPACED}]+)")
_LONG = 6
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]"
)
_THEIR_DIGIT = re.compile(r"(?![0-9])\d")
_OWNER = re.compile("['\u2019`\u00b4](?:s\\b)?")
_BETWEEN_SIDES = re.compile("(?<=\\d)\\s*[*\u00d7\u2715]\\s*(?=\\d)")
_TIMES = re.compile("[*\u00d7\u2715](?=\\s*\\d)|[\u00d7\u2715]")
_GLUED_MODEL = re.compile(r"(?<=[a-z])(?=[A-Z]\d)")
_TOKEN = re.compile(
    rf"[{UNSPACED}]+|\d+(?:[.,]\d+)*|[^\W\d_]-[^\W\d_]{{2,}}|[^\W\d_]+|[+%\"″]"
)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    is_tight: bool  # nothing stands between it and the token before
    is_number: bool
    is_capital: bool


def normal(text: str) -> str:
    """One Unicode form, our digits, no marks of possession; letters keep their case."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = _THEIR_DIGIT.sub(lambda m: str(unicodedata.decimal(m[0])), text)
    text = _TIMES.sub(" x ", _BETWEEN_SIDES.sub("x", text))
    return _GLUED_MODEL.sub(" ", _OWNER.sub("", text))


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text in its normal form, in small letters."""
    if not text.isascii():
        text = _UNSPACED_RUN.sub(r" \1 ", text)
    found = []
    end = -1
    for match in _TOKEN.finditer(text):
        word = match.group()
        is_number = word[0].isdigit()
        is_tight = match.start() == end
        text_of = word if is_number else word.replace("-", "").casefold()
        found.append(Token(text_of, is_tight, is_number, word.isupper()))
        end = match.end()
    return found


def folded(word: str) -> str:
    """Without accents, as people write in a hurry; unspaced scripts keep theirs."""
    if word.isascii():
        return word
    word = word.replace("đ", "d")
    if is_unspaced(word):
        return word
    apart = unicodedata.normalize("NFD", word)
    return "".join(c for c in apart if not unicodedata.combining(c))


def grams_of(words: Iterable[str]) -> frozenset[str]:
    """Three letters each of long unspaced words, which may be several in truth."""
    long = [word for word in words if len(word) >= _LONG and is_unspaced(word)]
    return frozenset(w[at : at + 3] for w in long for at in range(len(w) - 2))


def is_unspaced(word: str) -> bool:
    return _UNSPACED_RUN.match(word) is not None
