"""Numbers below bars: GTIN, EAN, UPC, JAN and ISBN, and their check digits."""

import re

_SEPARATORS = re.compile(r"[\s\-]")
_NUMBER = re.compile(r"[0-9]+|[0-9]{9}[Xx]")
_GTIN_LENGTHS = (8, 12, 13, 14)


def normal_barcode(text: str) -> str:
    """Without the blanks and hyphens people write into numbers; others stay."""
    bare = _SEPARATORS.sub("", text)
    return bare.upper() if _NUMBER.fullmatch(bare) else text.strip()


def barcode_warning(barcode: str) -> str:
    """What is odd about a barcode, in a sentence; empty if nothing is."""
    if not barcode:
        return ""
    if not _NUMBER.fullmatch(barcode):
        return (
            f"“{barcode}” is no GTIN, EAN, UPC, ISBN or JAN: these are numbers. TikTok "
            "would not take it."
        )
    if len(barcode) == 10:
        return _said(barcode, "ISBN", _isbn_digit(barcode[:9]))
    if len(barcode) not in _GTIN_LENGTHS:
        return (
            f"{barcode} has {len(barcode)} digits; a GTIN, EAN, UPC, ISBN or JAN has "
            "8, 10, 12, 13 or 14."
        )
    return _said(barcode, "GTIN", gtin_digit(barcode[:-1]))


def gtin_digit(digits: str) -> str:
    """The check digit that belongs behind `digits`: weights 3 and 1 from the right."""
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1)
        for place, digit in enumerate(reversed(digits))
    )
    return str(-weighed % 10)


def _isbn_digit(digits: str) -> str:
    weighed = sum(int(digit) * (10 - place) for place, digit in enumerate(digits))
    rest = -weighed % 11
    return "X" if rest == 10 else str(rest)


def _said(barcode: str, kind: str, right: str) -> str:
    if barcode[-1] == right:
        return ""
    return (
        f"The check digit of {barcode} does not hold: as a {kind} it would end in "
        f"{right}, not {barcode[-1]}. Compare it with the package."
    )
