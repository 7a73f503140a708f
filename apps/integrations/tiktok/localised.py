"""Amounts as TikTok Shop shows them to people: "Rp9.900", "2,281,428円", "1.234,56 €".

What a dot or a comma means follows from the currency. Where it could mean either, the
amount is not known: nothing here guesses.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

LARGEST = Decimal(10**15)
_MOST_DECIMALS = 4
# Seen in the platform's own samples.
_MISSPELLED = {"IRD": "IDR"}
_SYMBOLS = {
    "RP": "IDR",
    "RM": "MYR",
    "₫": "VND",
    "Đ": "VND",
    "円": "JPY",
    "€": "EUR",
    "£": "GBP",
    "฿": "THB",
    "₱": "PHP",
    "R$": "BRL",
    "S$": "SGD",
    "US$": "USD",
    "MX$": "MXN",
}
_DOT_GROUPS = frozenset({"IDR", "VND", "BRL", "CLP", "COP", "ARS"})
_COMMA_GROUPS = frozenset(
    {
        "USD",
        "GBP",
        "MYR",
        "SGD",
        "THB",
        "PHP",
        "MXN",
        "JPY",
        "KRW",
        "CNY",
        "HKD",
        "TWD",
        "AUD",
        "CAD",
        "NZD",
    }
)
_WITHOUT_DECIMALS = frozenset({"IDR", "VND", "JPY", "KRW", "CLP"})
_SHAPE = re.compile(
    r"(?P<sign>-?)\s*(?P<before>[^\d-]*?)\s*(?P<inner>-?)"
    r"(?P<number>\d(?:[\d., ']*\d)?)\s*(?P<after>[^\d]*)"
)
_SYMBOL = re.compile(r"[^\W\d_]*\.?|[^\W\d_]*[$¢-¥₠-⃀฿]")
_GROUPED = {
    mark: re.compile(rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+") for mark in (r"\.", ",")
}


@dataclass(frozen=True, slots=True)
class Localised:
    """`amount` is None where it cannot be told; `currency` is upper case or blank."""

    amount: Decimal | None
    currency: str


def currency_of(code: str) -> str:
    """An ISO code, also where the platform misspells it; blank if it is none."""
    upper = code.strip().upper()
    upper = _MISSPELLED.get(upper, upper)
    return upper if re.fullmatch(r"[A-Z]{3}", upper) else ""


def localised_amount(text: str, currency: str = "") -> Localised:
    """Read an amount in a currency; a blank one may follow from the symbol."""
    code = currency_of(currency)
    plain = _plain(text)
    is_negative = plain.startswith("(") and plain.endswith(")")
    shape = _SHAPE.fullmatch(plain.strip("()").strip() if is_negative else plain)
    if shape is None or (shape["sign"] and shape["inner"]):
        return Localised(None, code)
    symbols = [part for part in (shape["before"], shape["after"]) if part.strip()]
    named = [_named(symbol.strip()) for symbol in symbols]
    if len(symbols) > 1 or None in named:
        return Localised(None, code)
    told = next((name for name in named if name), "")
    if told and code and told != code:
        return Localised(None, code)
    code = code or told
    amount = _number(shape["number"], code, has_symbol=bool(symbols))
    if amount is None or amount >= LARGEST:
        return Localised(None, code)
    is_negative = is_negative or bool(shape["sign"] or shape["inner"])
    return Localised(-amount if is_negative else amount, code)


def _plain(text: str) -> str:
    """One way to write digits, minus and blanks."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = plain.translate({0x2212: "-", 0x2013: "-", 0x2019: "'", 0x200B: None})
    return re.sub(r"\s", " ", plain)


def _named(symbol: str) -> str | None:
    """The currency a symbol means, blank where that is open; None if it is none."""
    upper = symbol.upper().removesuffix(".")
    if upper in _SYMBOLS:
        return _SYMBOLS[upper]
    if _SYMBOL.fullmatch(symbol) is None:
        return None
    if re.fullmatch(r"[A-Z]{3}", upper):
        return currency_of(upper)
    # A dollar or a yen sign serves several; words of other kinds are no symbols.
    return "" if unicodedata.category(upper[-1]) == "Sc" else None


def _number(text: str, currency: str, *, has_symbol: bool) -> Decimal | None:
    digits = _without_blanks(text)
    if digits is None:
        return None
    marks = [mark for mark in digits if mark in ".,"]
    if not marks:
        return Decimal(digits)
    if len(set(marks)) == 2:
        return _with_both(digits, marks[-1])
    mark = marks[0]
    is_grouped = _GROUPED[re.escape(mark)].fullmatch(digits) is not None
    if len(marks) > 1:
        return Decimal(digits.replace(mark, "")) if is_grouped else None
    whole, part = digits.split(mark)
    if not is_grouped:
        return Decimal(f"{whole}.{part}") if len(part) <= _MOST_DECIMALS else None
    if _groups(mark, currency, has_symbol=has_symbol):
        return Decimal(whole + part)
    return None


def _without_blanks(text: str) -> str | None:
    """Blanks and apostrophes part thousands and nothing else."""
    if " " not in text and "'" not in text:
        return text
    if re.fullmatch(r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d{1,2})?", text) is None:
        return None
    return text.replace(" ", "").replace("'", "")


def _with_both(digits: str, last: str) -> Decimal | None:
    """The last mark is the decimal one, if all before it are thousands."""
    other = "," if last == "." else "."
    whole, _, part = digits.rpartition(last)
    is_grouped = _GROUPED[re.escape(other)].fullmatch(whole) is not None
    if not is_grouped or len(part) > _MOST_DECIMALS:
        return None
    return Decimal(f"{whole.replace(other, '')}.{part}")


def _groups(mark: str, currency: str, *, has_symbol: bool) -> bool:
    """Whether one mark before three digits parts thousands. A bare "1.234" is also how
    the platform writes decimals, so only where there are none it is sure."""
    if mark == ",":
        return currency in _COMMA_GROUPS
    is_sure = has_symbol or currency in _WITHOUT_DECIMALS
    return currency in _DOT_GROUPS and is_sure
