"""SKUs and barcodes as they can be compared; what only fills a field is none at all."""

import unicodedata

from apps.products.matching.lexicon import listed
from apps.products.matching.tokens import is_unspaced

# Written into an SKU field for want of an SKU, in any case and spacing.
_FILLERS = frozenset(
    listed(
        """
        na, nan, none, null, nil, nill, undefined, unknown, empty, blank, default, sku,
        nosku, tba, tbc, tbd, x, xx, xxx, xxxx, missing, keine, kein, ohne, leer,
        unbekannt, tidakada, tiada, kosong, belumada, không, khôngcó, chưacó, ไม่มี,
        ไม่ระบุ, 无, 無, なし, 없음
        """
    )
)
_LENGTHS = (8, 11, 12, 13, 14)  # 11: a UPC whose leading zero a spreadsheet ate
_RUNS = "01234567890123", "98765432109876"


def sku_of(text: str) -> str:
    """The SKU without spaces around it; "" when it says nothing.

    Upper and lower case stay apart here: platforms keep them apart, and so may a
    client's "ab1" and "AB1".
    """
    sku = " ".join(_printable(text).split())
    return "" if _is_filler(sku) else sku


def gtin_of(text: str) -> str:
    """A GTIN in its 14 digits, whichever length it was written in; "" if invalid.

    ISBN-10 becomes its ISBN-13. Numbers that are valid but stand for nothing (zeros,
    one digit over and over, 1234567890128) are invalid, too. The first digit of a
    GTIN-14 stays: a carton is not what it holds.
    Source: GS1 General Specifications, 7.9, check digit of the standard numbers.
    """
    compact = "".join(c for c in _printable(text) if c not in " -")
    if len(compact) == 10 and _is_isbn10(compact.upper()):
        body = f"978{compact[:9]}"
        return f"0{body}{_check_digit(body)}"
    if len(compact) not in _LENGTHS or not (compact.isascii() and compact.isdigit()):
        return ""
    body = compact[:-1]
    if _check_digit(body) != compact[-1] or _stands_for_nothing(body):
        return ""
    return compact.zfill(14)


def _printable(text: str) -> str:
    """In one Unicode form, digits of all scripts as ours, nothing invisible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c
        for c in unicodedata.normalize("NFKC", text)
        if c.isprintable() or c.isspace()
    )


def _is_filler(sku: str) -> bool:
    plain = "".join(c for c in sku.casefold() if c.isalnum() or is_unspaced(c))
    is_bare = not plain.strip("0")  # nothing but zeros and signs
    return is_bare or plain in _FILLERS


def _stands_for_nothing(body: str) -> bool:
    significant = body.lstrip("0")
    is_run = any(significant in run for run in _RUNS)
    return len(significant) < 4 or len(set(significant)) == 1 or is_run


def _check_digit(body: str) -> str:
    total = sum(int(d) * (1 if i % 2 else 3) for i, d in enumerate(reversed(body)))
    return str(-total % 10)


def _is_isbn10(text: str) -> bool:
    if not (text.isascii() and text[:9].isdigit() and text[9] in "0123456789X"):
        return False
    digits = [*map(int, text[:9]), 10 if text[9] == "X" else int(text[9])]
    weighed = sum((10 - i) * digit for i, digit in enumerate(digits))
    return weighed % 11 == 0 and len(set(text[:9])) > 1
