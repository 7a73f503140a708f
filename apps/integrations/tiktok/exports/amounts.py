"""Cells of money and pieces, in the spellings of each region.

MY `148.99`, `RM 1,022.25` · ID `38824`, `Rp38.824` (dot = thousands) · US `$25.00` ·
TH `฿1,290.00` · VN `199000` · SG `S$12.50` · PH `₱1,290.00`.
"""

import re
from decimal import Decimal

from apps.integrations.tiktok.exports.problems import BadValue

WITHOUT_CENTS = frozenset({"IDR", "VND", "JPY", "KRW"})
DOLLARS = frozenset({"USD", "SGD", "AUD", "CAD", "NZD", "HKD", "MXN"})
SIGNS: dict[str, frozenset[str]] = {
    "RM": frozenset({"MYR"}),
    "RP": frozenset({"IDR"}),
    "฿": frozenset({"THB"}),
    "₫": frozenset({"VND"}),
    "Đ": frozenset({"VND"}),
    "VNĐ": frozenset({"VND"}),
    "₱": frozenset({"PHP"}),
    "S$": frozenset({"SGD"}),
    "US$": frozenset({"USD"}),
    "MX$": frozenset({"MXN"}),
    "R$": frozenset({"BRL"}),
    "$": DOLLARS,
    "£": frozenset({"GBP"}),
    "€": frozenset({"EUR"}),
    "¥": frozenset({"JPY", "CNY"}),
    "\uffe5": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
}
CODES = frozenset(
    {
        "MYR", "IDR", "THB", "VND", "PHP", "SGD", "USD", "GBP", "EUR", "JPY", "CNY",
        "MXN", "BRL", "AUD", "CAD", "NZD", "HKD", "KRW",
    }
)  # fmt: skip
NO_VALUE = frozenset({"", "-", "/", "–", "—"})  # noqa: RUF001 - accounting dashes
_SPACES = str.maketrans("\u00a0\u202f\u2009", "   ")
LARGEST = Decimal(10) ** 14
MOST_UNITS = 1_000_000
CACHED_CELLS = 10_000

PLAIN = re.compile(r"\d{1,15}(\.\d{1,2})?", re.ASCII)
PARTS = re.compile(r"(\D*?)\s*(-?)\s*(\d[\d.,]*)\s*(\D*)", re.ASCII)
GROUPED_COMMA = re.compile(r"\d{1,3}(,\d{3})+", re.ASCII)
GROUPED_DOT = re.compile(r"\d{1,3}(\.\d{3})+", re.ASCII)
# `1 022.25` and `1'022.25`, as some spreadsheets write thousands
GAP = re.compile(r"(?<=\d)[ '\u2019](?=\d{3}(?!\d))", re.ASCII)
THOUSANDTH = re.compile(r"\d{1,3}[.,]\d{1,2}", re.ASCII)


class WrongCurrency(Exception):
    """The cell is not in the shop's currency, so the whole file cannot be believed."""


class Money:
    """Reads the amounts of one currency; equal cells are worked out once."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.has_cents = currency not in WITHOUT_CENTS
        self.tolerance = Decimal("0.01") if self.has_cents else Decimal(1)
        self._known: dict[str, Decimal | None] = {}

    def read(self, cell: str) -> Decimal | None:
        """The amount in major units, or None where the cell says nothing.

        Raises BadValue for anything but an amount of zero or more, and WrongCurrency.
        """
        try:
            return self._known[cell]
        except KeyError:
            pass
        if len(self._known) >= CACHED_CELLS:
            self._known.clear()
        self._known[cell] = amount = self._parse(cell)
        return amount

    def _parse(self, cell: str) -> Decimal | None:
        text = cell.translate(_SPACES).strip()
        if text in NO_VALUE:
            return None
        if self.has_cents and PLAIN.fullmatch(text):
            return Decimal(text)
        text = GAP.sub("", text)
        negative = text.startswith("(") and text.endswith(")")
        found = PARTS.fullmatch(text[1:-1] if negative else text)
        if not found:
            raise BadValue(f"“{text}” is not an amount.")
        before, minus, digits, after = found.groups()
        for sign in (before.removesuffix("-"), after):
            self._check_sign(sign.strip(), text)
        amount = self._number(digits, text)
        if (negative or minus or before.endswith("-")) and amount:
            raise BadValue(f"“{text}” is below zero.")
        if amount >= LARGEST:
            raise BadValue(f"“{text}” is too large for an amount.")
        return amount

    def _check_sign(self, sign: str, text: str) -> None:
        if not sign:
            return
        upper = sign.removesuffix(".").strip().upper()
        currencies = SIGNS.get(upper, frozenset({upper} & CODES))
        if not currencies:
            raise BadValue(f"“{text}” is not an amount.")
        if self.currency not in currencies:
            raise WrongCurrency(
                f"“{text}” is not in {self.currency}, the currency of this shop. "
                "Choose the shop this file was exported from."
            )

    def _number(self, digits: str, text: str) -> Decimal:
        """Digits with separators: two kinds tell themselves, one kind may not."""
        whole, fraction = digits, ""
        if "," in digits and "." in digits:
            at = max(digits.rfind(","), digits.rfind("."))
            whole, fraction = digits[:at], digits[at + 1 :]
        elif GROUPED_COMMA.fullmatch(digits):
            pass
        elif GROUPED_DOT.fullmatch(digits):
            if self.has_cents and digits.count(".") == 1:
                raise BadValue(
                    f"“{text}” can be read in two ways: is the dot a decimal point?"
                )
        elif digits.count(",") + digits.count(".") == 1:
            whole, fraction = re.split("[.,]", digits)
        elif not digits.isdigit():
            raise BadValue(f"“{text}” is not an amount.")
        is_grouped = GROUPED_COMMA.fullmatch(whole) or GROUPED_DOT.fullmatch(whole)
        if not whole.isdigit() and not is_grouped:
            raise BadValue(f"“{text}” is not an amount.")
        if not self.has_cents and fraction.strip("0"):
            if THOUSANDTH.fullmatch(digits):
                raise WrongCurrency(
                    f"“{text}”: {self.currency} has no decimals. A spreadsheet takes "
                    "the dot of thousands for a decimal point, so the amounts of this "
                    "file may be a thousandth of what they were. Upload the original "
                    "download, to the shop it is from."
                )
            raise BadValue(f"“{text}”: {self.currency} has no decimals.")
        if len(fraction) > 4 or (fraction and not fraction.isdigit()):
            raise BadValue(f"“{text}” has too many decimals.")
        plain = re.sub("[.,]", "", whole)
        return Decimal(f"{plain}.{fraction}" if fraction and self.has_cents else plain)


def read_pieces(text: str) -> int | None:
    """A whole number of pieces, or None where the cell says nothing.

    Raises BadValue.
    """
    if text.isascii() and text.isdigit() and len(text) < 8:
        pieces = int(text)
    elif text in NO_VALUE:
        return None
    else:
        plain = text.replace(",", "") if GROUPED_COMMA.fullmatch(text) else text
        found = re.fullmatch(r"(\d{1,12})(\.0{1,4})?", plain, re.ASCII)
        if not found:
            raise BadValue(f"“{text}” is not a whole number.")
        pieces = int(found[1])
    if pieces > MOST_UNITS:
        raise BadValue(f"“{text}” is more than a million pieces.")
    return pieces
