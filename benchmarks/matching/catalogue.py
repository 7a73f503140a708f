"""Invented articles: what a client sells, and what nobody of theirs sells."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.products.matching.facts import OwnVariant
from benchmarks.matching.vocabulary import (
    COLOURS,
    CURRENCIES,
    FEATURES,
    LANGUAGES,
    MASSES,
    NOUNS,
    PACKS,
    PRICE_LEVELS,
    SETS,
    VOLUMES,
    Words,
)

SIZES = ("XS", "S", "M", "L", "XL", "2XL", "3XL")
MILLILITRES = (30, 50, 100, 150, 200, 250, 400, 500, 750, 1000, 1500)
GRAMS = (100, 150, 200, 250, 400, 500, 750, 1000, 2000)
_STARTS = (
    "bal cor dan fel gri hal kor lum mar nor ola pri qua ros sol tav ul ven wil zen"
)
_ENDS = "ado bea dia ela fit go ika kia lin mo na pure ra sana tex una via wo xi za"


@dataclass(frozen=True)
class Article:
    """What is sold, without words: two of them are the same when all fields are."""

    language: str
    brand: str
    family: str
    noun: Words
    features: tuple[Words, ...]
    model: str = ""
    colour: Words | None = None
    size: str = ""
    millilitres: int = 0
    grams: int = 0
    pack: int = 1
    partner: Words | None = None  # the second noun of an "A + B" bundle

    @property
    def is_bundle(self) -> bool:
        return self.pack > 1 or self.partner is not None

    @property
    def identity(self) -> tuple[object, ...]:
        """What a buyer could tell apart, whatever the order or the language."""
        shown = (self.text(row) if row else "" for row in (self.noun, self.partner))
        colour = self.text(self.colour) if self.colour else ""
        features = frozenset(map(self.text, self.features))
        amounts = (self.millilitres, self.grams, self.pack)
        return (self.brand, *shown, colour, features, self.model, self.size, *amounts)

    def text(self, words: Words, language: str = "") -> str:
        return words[LANGUAGES.index(language or self.language)]


@dataclass(frozen=True)
class Owned:
    """An article of the client, with the row that stands for it."""

    article: Article
    variant: OwnVariant
    pounds: float


def brands(dice: random.Random, count: int) -> list[str]:
    starts, ends = _STARTS.split(), _ENDS.split()
    names = [(start + end).capitalize() for start in starts for end in ends]
    return dice.sample(names, count)


def products(dice: random.Random, names: list[str]) -> Iterator[list[Article]]:
    """Lines of articles that differ in one or two axes, without end."""
    families = [family for family, nouns in NOUNS.items() for _ in nouns]
    while True:
        family = dice.choice(families)
        known = FEATURES[family]
        base = Article(
            language=dice.choice(LANGUAGES),
            brand=dice.choice(names),
            family=family,
            noun=dice.choice(NOUNS[family]),
            features=tuple(dice.sample(known, dice.choice((1, 1, 2, 2, 3)))),
        )
        yield from ([*line, *_bundles(dice, line)] for line in _lines(dice, base))


def _lines(dice: random.Random, base: Article) -> Iterator[list[Article]]:
    colours = dice.sample(COLOURS, dice.choice((1, 2, 3, 4)))
    if base.family == "apparel":
        start = dice.randrange(3)
        sizes = SIZES[start : start + dice.choice((1, 2, 3, 4))]
        yield [replace(base, colour=c, size=s) for c in colours for s in sizes]
    elif base.family == "liquid":
        amounts = sorted(dice.sample(MILLILITRES, dice.choice((1, 1, 2, 3))))
        yield [replace(base, millilitres=amount) for amount in amounts]
    elif base.family == "food":
        amounts = sorted(dice.sample(GRAMS, dice.choice((1, 1, 2, 3))))
        yield [replace(base, grams=amount) for amount in amounts]
    elif base.family == "gadget":
        letters = dice.choice(("A", "X", "S", "Pro ", "Gen ", ""))
        model = dice.randrange(2, 60)
        for number in {model, model + 1}:  # last year's and this year's
            line = replace(base, model=f"{letters}{number}")
            yield [replace(line, colour=c) for c in colours]
    else:
        yield [replace(base, colour=c) for c in colours]


def _bundles(dice: random.Random, line: list[Article]) -> Iterator[Article]:
    if dice.random() < 0.12:
        pack = dice.choice((2, 2, 3, 4, 6))
        yield from (replace(article, pack=pack) for article in line[:2])
    if dice.random() < 0.04:
        first = line[0]
        others = [n for n in NOUNS[first.family] if n != first.noun]
        yield replace(first, partner=dice.choice(others))


def own_variant(dice: random.Random, number: int, article: Article) -> Owned:
    """The row of an article, written as a tidy back office writes it."""
    words = [article.brand, *map(article.text, article.features)]
    words += [article.text(article.noun), article.model]
    if article.partner:
        words += ["+", article.text(article.partner), SETS[article.language]]
    axes = [article.text(article.colour)] if article.colour else []
    axes += [article.size] if article.size else []
    amount = amount_text(article, 0)
    in_title = dice.random() < 0.5
    if article.pack > 1:
        words.append(PACKS[article.language][0].format(n=article.pack))
    if amount and in_title:
        words.append(amount)
    elif amount:
        axes.append(amount)
    pounds = round(dice.uniform(3, 60) * article.pack**0.9, 2)
    currency = CURRENCIES[article.language]
    prices = {currency: amount_in(currency, pounds)}
    if dice.random() < 0.3:
        prices["USD"] = Decimal(str(round(pounds * 1.27, 2)))
    variant = OwnVariant(
        key=number,
        sku=_sku(dice, number, article),
        barcode=gtin13(dice) if dice.random() < 0.85 else "",
        title=" ".join(word for word in words if word),
        variation=" / ".join(axes),
        prices=prices,
        is_bundle=article.is_bundle,
        brand=article.brand if dice.random() < 0.6 else "",
    )
    return Owned(article, variant, pounds)


def amount_text(article: Article, spelling: int) -> str:
    """The volume or mass in one of the language's spellings; "" when it has none."""
    style = VOLUMES if article.millilitres else MASSES
    amount = article.millilitres or article.grams
    if not amount:
        return ""
    spellings = style[article.language]
    big = f"{amount / 1000:g}"
    return spellings[spelling % len(spellings)].format(
        ml=amount,
        g=amount,
        l=big,
        kg=big,
        l_comma=big.replace(".", ","),
        kg_comma=big.replace(".", ","),
    )


def amount_in(currency: str, pounds: float) -> Decimal:
    amount = pounds * PRICE_LEVELS[currency]
    return Decimal(round(amount)) if amount > 500 else Decimal(str(round(amount, 2)))


def gtin13(dice: random.Random) -> str:
    digits = f"{dice.choice((400, 500, 885, 893, 899, 955))}{dice.randrange(10**9):09}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def _sku(dice: random.Random, number: int, article: Article) -> str:
    style = number // 500 % 3  # a client changes its ways with the years
    if style == 0:
        colour = article.colour[0][:3].upper() if article.colour else "STD"
        amount = article.size or article.millilitres or article.grams or "0"
        return f"{article.brand[:3].upper()}-{number:05}-{colour}-{amount}"
    return (
        f"{article.noun[0][:2].lower()}{number}"
        if style == 1
        else f"{700_000 + number}"
    )
