"""Listings as sellers write them: the same article in other words, with faults."""

import random
import unicodedata
from decimal import Decimal

from benchmarks.matching.catalogue import Article, Owned, amount_in, amount_text
from benchmarks.matching.vocabulary import (
    COLOUR_LABELS,
    CURRENCIES,
    EMOJI,
    FEATURES,
    LANGUAGES,
    MARKETING,
    PACKS,
    SETS,
    SIZE_LABELS,
)

_SPELT_SIZES = {"2XL": ("2XL", "XXL", "2xl"), "3XL": ("3XL", "XXXL", "3xl")}
_PLACEHOLDERS = ("", "", "", "", " ", "N/A", "-", "none", "0", "n/a", "null")
_DEAD_CODES = ("0000000000000", "0", "1234567890128", "N/A", "1111111111116", "-")


def texts(dice: random.Random, article: Article) -> tuple[str, str]:
    """A listing's title and variation."""
    language = article.language
    if dice.random() < 0.06:  # another country's shop
        language = dice.choice(LANGUAGES)
    features = [article.text(feature, language) for feature in article.features]
    if len(features) > 1 and dice.random() < 0.06:
        features.pop()
    if dice.random() < 0.1:  # what buyers search for, true or not
        untrue = dice.choice(FEATURES[article.family])
        features.append(article.text(untrue, language))
    noun = article.text(article.noun, language)
    if article.partner:
        partner = article.text(article.partner, language)
        plus = dice.choice((" + ", " & ", "+"))
        noun = f"{noun}{plus}{partner} {SETS[language]}"
    parts = [*features, noun]
    if dice.random() < 0.5:
        dice.shuffle(parts)
    if dice.random() < 0.85:
        parts.insert(dice.choice((0, 0, 0, len(parts))), article.brand)
    if article.model:
        parts.append(_respelt_model(dice, article.model))
    if article.pack > 1:
        pack = dice.choice(PACKS[language]).format(n=article.pack)
        parts.insert(dice.choice((0, len(parts))), pack)
    axes = _axes(dice, article, language)
    if axes and dice.random() < 0.1:
        parts += axes
        axes = []
    if dice.random() < 0.03:
        axes = dice.choice(([], ["Default"]))
    title = _dressed(dice, [_mistyped(dice, part) for part in parts], language)
    separator = dice.choice((" / ", ", ", "/", " - ", ",", " "))
    return title, separator.join(axes)


def _axes(dice: random.Random, article: Article, language: str) -> list[str]:
    axes = []
    amount = amount_text(article, dice.randrange(6))
    if article.colour:
        colour = article.text(article.colour, language)
        if language == "th" and dice.random() < 0.3:
            colour = colour.removeprefix("สี")
        is_labelled = dice.random() < 0.15
        axes.append(f"{COLOUR_LABELS[language]}: {colour}" if is_labelled else colour)
    if article.size:
        size = dice.choice(_SPELT_SIZES.get(article.size, (article.size,)))
        is_labelled = dice.random() < 0.15
        axes.append(f"{SIZE_LABELS[language]} {size}" if is_labelled else size)
    axes += [amount] if amount else []
    if dice.random() < 0.2:
        axes.reverse()
    return axes


def _respelt_model(dice: random.Random, model: str) -> str:
    return dice.choice((model, model, model.upper(), model.replace(" ", "")))


def _mistyped(dice: random.Random, part: str) -> str:
    if len(part) < 6 or dice.random() > 0.04 or any(c.isdigit() for c in part):
        return part
    at = dice.randrange(1, len(part) - 1)
    kind = dice.randrange(3)
    if kind == 0:
        return part[:at] + part[at + 1 :]
    if kind == 1:
        return part[:at] + part[at] + part[at:]
    return part[:at] + part[at + 1] + part[at] + part[at + 2 :]


def _dressed(dice: random.Random, parts: list[str], language: str) -> str:
    phrases = list(MARKETING[language])
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        phrase = phrases.pop(dice.randrange(len(phrases)))
        parts.insert(dice.choice((0, len(parts))), phrase)
    if dice.random() < 0.3:
        parts.insert(dice.choice((0, len(parts))), dice.choice(EMOJI))
    is_tight = language == "th" and dice.random() < 0.4
    title = ("" if is_tight else " ").join(parts)
    if dice.random() < 0.08:
        title = title.upper()
    if language == "vi" and dice.random() < 0.15:
        title = without_marks(title)
    if dice.random() < 0.1:
        title = title.replace(" ", dice.choice(("  ", " | ", " - ", ", ")), 1)
    return title


def without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def price(
    dice: random.Random, article: Article, pounds: float
) -> tuple[Decimal | None, str]:
    roll = dice.random()
    currency = CURRENCIES[article.language]
    if roll < 0.05:
        return None, currency
    if roll < 0.2:
        currency = dice.choice(list(CURRENCIES.values()))
    factor = dice.uniform(2, 5) if roll > 0.97 else dice.uniform(0.85, 1.3)
    return amount_in(currency, pounds * factor), currency


def seller_sku(dice: random.Random, own: Owned, near: list[Owned], number: int) -> str:
    """What stands as SKU at the listing of `own`; `near` is the rest of its line."""
    sku = own.variant.sku
    roll = dice.random()
    if roll < 0.42:
        return sku
    if roll < 0.47:
        return sku.swapcase()
    if roll < 0.5:
        return f" {sku} "
    if roll < 0.515 and near:
        return dice.choice(near).variant.sku  # pasted into the wrong row
    if roll < 0.75:
        return dice.choice(_PLACEHOLDERS)
    return shop_sku(dice, number)


def shop_sku(dice: random.Random, number: int) -> str:
    """A number of the shop's own; short ones mean other things in other shops."""
    if dice.random() < 0.1:
        return str(dice.randrange(1, 999))
    return f"SHOP{number:06}"


def barcode(dice: random.Random, own: Owned, near: list[Owned]) -> str:
    code = own.variant.barcode
    roll = dice.random()
    if roll < 0.35:
        return code
    if roll < 0.4 and code:
        return f"0{code}"
    if roll < 0.43 and near:
        return dice.choice(near).variant.barcode  # one barcode for the whole line
    if roll < 0.46 and code:
        return code[:-1] + str((int(code[-1]) + 1) % 10)
    return dice.choice(_DEAD_CODES) if roll < 0.55 else ""
