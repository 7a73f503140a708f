"""What a title or a variation says: facets that decide, and the words that are left.

Facets are {name: values}: amounts in base units, pack counts, sizes, colours, people,
numbers. Advertising, labels and joining words are left out.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from apps.products.matching import phrases
from apps.products.matching.amounts import extent_of, is_length, measure_of, number_of
from apps.products.matching.tokens import Token, folded, normal, tokens_of

Facets = Mapping[str, frozenset[int | str]]
_MOST_PIECES = 200
_PLAUSIBLE_YEARS = range(2015, 2040)
_PROMOTION = re.compile(
    r"(?:\b(?:buy|mua|beli)\b|ซื้อ)?\s*(?<![\d.,])([1-9])\s*"
    r"(?:get|tặng|gratis|free|แถม|\+)\s*([1-9])(?![\d.,%])(?!\s*(?:gb|tb|mah|ml|g|kg)\b)"
    r"(?:\s*free\b)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """`words` in their order, without accents."""

    facets: Facets
    words: tuple[str, ...]


def read(text: str, *, in_variation: bool = False) -> Reading:
    """Read one title or variation."""
    plain = phrases.cut(normal(text))
    plain = _PROMOTION.sub(lambda m: f" {int(m[1]) + int(m[2])} pcs ", plain)
    reading = _Reader(tokens_of(plain), in_variation=in_variation).read()
    if in_variation and not reading.words and not reading.facets:
        return _read_signs(text)
    return reading


def _read_signs(text: str) -> Reading:
    """A variation that is told by its emoji alone."""
    signs = frozenset(c for c in text if unicodedata.category(c) == "So")
    return Reading({"sign": signs} if signs else {}, ())


class _Reader:
    def __init__(self, tokens: list[Token], *, in_variation: bool) -> None:
        self.tokens = tokens
        self.texts = [token.text for token in tokens]
        self.phrases = phrases.IN_VARIATION if in_variation else phrases.IN_TITLE
        self.words: list[str] = []
        self.facets: dict[str, set[int | str]] = {}
        self.kinds: list[str] = []  # of what was read so far, one each

    def read(self) -> Reading:
        at = 0
        while at < len(self.tokens):
            at = self._step(at)
        return Reading(_settled(self.facets), tuple(self.words))

    def _step(self, at: int) -> int:
        if after := self._pack_of(at):
            return after
        length, phrase = self._phrase(at)
        if phrase and not (length == 1 and self._is_in_a_model(at)):
            self._take(phrase, at)
            return at + length
        if self.tokens[at].is_number:
            return self._number(at)
        text = self.texts[at]
        if text == "+":
            self._plus(at)
        elif text in "smlx" and self._is_lone_letter(at):
            self.kinds.append("size" if text != "x" else "")
            if text != "x":
                self._add("size", text.upper())
        elif text not in '%"″':
            self._word(text, at)
        return at + 1

    def _phrase(self, at: int) -> tuple[int, phrases.Phrase | None]:
        for length in range(min(phrases.LONGEST, len(self.texts) - at), 0, -1):
            phrase = self.phrases.get(tuple(self.texts[at : at + length]))
            if phrase:
                return length, phrase
        return 0, None

    def _take(self, phrase: phrases.Phrase, at: int) -> None:
        name, meaning = phrase
        self.kinds.append(name)
        if name == "plain":
            self.words += map(folded, meaning.split())
        elif name == "pack":
            self._add("pack", int(meaning))
        elif name != "silent":
            self._add(name, meaning)
            if name == "set" and meaning == "weak":
                self.kinds[-1] = ""
        elif self._is_year(at - 1) and self.kinds[-2:-1] == ["number"]:
            self._advertise(self.texts[at - 1])

    def _pack_of(self, at: int) -> int:
        """The place after "pack of 3 pcs" starting at `at`; 0 when there is none."""
        end = self._is_pack_of(at)
        if not end:
            return 0
        self._add("pack", int(self.texts[end]))
        self.kinds.append("pack")
        return end + 1 + self._pieces(end + 1)

    def _is_pack_of(self, at: int) -> int:
        """The place of the 3 in "pack of 3" starting at `at`; 0 when there is none."""
        for end in (at + 2, at + 1):
            is_there = tuple(self.texts[at:end]) in phrases.PACK_OF and end < len(
                self.texts
            )
            if is_there and self._is_count(end):
                is_amount = self._unit(end + 1)[0] or self._follows_times(end)
                return 0 if is_amount else end
        return 0

    def _number(self, at: int) -> int:
        end, sides = self._chain(at)
        length, unit = self._unit(end)
        self.kinds.append("number")
        if len(sides) > 1:
            if unit and not is_length(unit):
                self._count(sides[0])
                self._measure(sides[-1], unit)
            else:
                self._add("extent", extent_of(sides, unit))
            return end + length
        if end < len(self.texts) and f"{sides[0]}{self.texts[end]}" in phrases.SIZES:
            self._add("size", phrases.SIZES[f"{sides[0]}{self.texts[end]}"])
            return end + 1
        if unit:
            self._measure(sides[0], unit)
            return end + length
        pieces = self._pieces(end)
        if pieces and self._is_count(at) and not self._is_pack_of(end):
            self._count(sides[0])
            return end + pieces
        if self._is_count(at) and self._is_times_sign(end):
            self._count(sides[0])
            return end + 1
        return self._bare_number(at)

    def _chain(self, at: int) -> tuple[int, list[str]]:
        """The numbers of "30 x 40 x 50" and the place after them."""
        sides = [self.texts[at]]
        end = at + 1
        while self._follows_times(end - 1):
            sides.append(self.texts[end + 1])
            end += 2
        # 500 ml x 2 is told by its unit: see _bare_number for the rest of it.
        return end, sides

    def _follows_times(self, at: int) -> bool:
        """Whether "x 40" comes next; the x of "A30 x2" belongs to the 2 alone."""
        _, sign, number = (*self.tokens[at : at + 3], None, None, None)[:3]
        if sign is None or number is None or sign.text != "x" or not number.is_number:
            return False
        return sign.is_tight or not number.is_tight

    def _is_times_sign(self, at: int) -> bool:
        """Whether this is the x of "2x Soap"; in "57 x6" it belongs to the 6."""
        after = self.tokens[at + 1 : at + 2]
        return self.texts[at : at + 1] == ["x"] and not any(t.is_number for t in after)

    def _bare_number(self, at: int) -> int:
        """A number that counts nothing: a model, a size, a pack written "x2"."""
        text = self.texts[at]
        before = self.texts[at - 1] if at else ""
        if before == "x" and self._is_times(at):
            self._count(text)
        elif self._is_year(at) and self.kinds[-2:-1] == ["silent"]:
            self._advertise(text)
        elif before == "x":
            self._add("number", f"x{text}")
        elif len(before) == 1 and self.words[-1:] == [before]:
            self.words.pop()
            self._add("number", f"{before}{text}")
        elif self._is_glued_letter(at + 1):
            self._add("number", f"{text}{self.texts[at + 1]}")
            return at + 2
        else:
            self._add("number", f"{number_of(text).normalize():f}")
        return at + 1

    def _advertise(self, year: str) -> None:
        """The year of "2024 new arrival", which only another year contradicts."""
        self.facets.get("number", set()).discard(year)
        self._add("year", year)

    def _unit(self, at: int) -> tuple[int, str]:
        for length in (2, 1):
            parts = tuple(self.texts[at : at + length])
            if len(parts) == length and parts in phrases.UNITS:
                return length, phrases.UNITS[parts]
        if self.texts[at : at + 1] and self.texts[at] in '"″':
            return 1, "inch"
        return 0, ""

    def _pieces(self, at: int) -> int:
        for length in (2, 1):
            parts = tuple(self.texts[at : at + length])
            if len(parts) == length and parts in phrases.PIECES:
                return length
        return 0

    def _measure(self, text: str, unit: str) -> None:
        dimension, value = measure_of(text, unit)
        if (dimension, value) != ("percent", 100_000):  # 100 % of anything is praise
            self._add(dimension, value)

    def _count(self, text: str) -> None:
        if _is_count(text):
            self._add("pack", int(text))
            self.kinds[-1] = "pack"
        else:
            self._add("number", text)

    def _plus(self, at: int) -> None:
        """Two things joined by + are sold as one."""
        sides = self.texts[max(at - 1, 0) : at] + self.texts[at + 1 : at + 2]
        if len(sides) == 2 and all(len(s) > 1 and not s[0].isdigit() for s in sides):
            self._add("set", "strong")

    def _word(self, text: str, at: int) -> None:
        self.kinds.append("")
        if text == "t" and self.texts[at + 1 : at + 2] == ["shirt"]:
            self.texts[at + 1] = "tshirt"
            return
        self.words.append(folded(text))

    def _is_in_a_model(self, at: int) -> bool:
        """Whether this is the letter of A54."""
        after = self.tokens[at + 1 : at + 2]
        is_letter = len(self.texts[at]) == 1 and self.texts[at].isascii()
        return is_letter and any(t.is_number and t.is_tight for t in after)

    def _is_lone_letter(self, at: int) -> bool:
        """Whether s, m or l is a size here, or x only a sign between two others."""
        if self.texts[at] == "x":
            return at + 1 < len(self.texts) and self.tokens[at + 1].is_number
        is_next_marked = self._phrase(at + 1)[1] or (None,)
        is_last = at + 1 == len(self.texts)
        beside = (*self.kinds[-1:], is_next_marked[0])
        return (is_last and at > 0) or "colour" in beside or self._is_after_label(at)

    def _is_after_label(self, at: int) -> bool:
        return at > 0 and self.texts[at - 1] in phrases.AXES

    def _is_count(self, at: int) -> bool:
        return _is_count(self.texts[at])

    def _is_year(self, at: int) -> bool:
        text = self.texts[at] if at >= 0 else ""
        return len(text) == 4 and text.isdigit() and int(text) in _PLAUSIBLE_YEARS

    def _is_times(self, at: int) -> bool:
        """Whether the number after an x counts: "x2", but the model is the X2."""
        is_model = self.tokens[at - 1].is_capital and self.tokens[at].is_tight
        return self._is_count(at) and int(self.texts[at]) <= 50 and not is_model

    def _is_glued_letter(self, at: int) -> bool:
        is_there = at < len(self.tokens) and self.tokens[at].is_tight
        return is_there and len(self.texts[at]) == 1 and self.texts[at].isalpha()

    def _add(self, name: str, value: int | str) -> None:
        self.facets.setdefault(name, set()).add(value)


def _is_count(text: str) -> bool:
    return len(text) <= 3 and text.isdigit() and 0 < int(text) <= _MOST_PIECES


def _settled(facets: dict[str, set[int | str]]) -> Facets:
    """Metric amounts win over imperial ones of the same thing."""
    for name in [name for name in facets if name.endswith("~")]:
        values = facets.pop(name)
        dimension = name[:-1]
        if dimension not in facets and not (name == "mass~" and "volume" in facets):
            facets[dimension] = values
    if "set" in facets and "strong" in facets["set"]:
        facets["set"] = {"strong"}
    return {name: frozenset(values) for name, values in facets.items() if values}
