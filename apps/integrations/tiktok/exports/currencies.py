"""The currency that a column of its own names, by code or by sign."""

from apps.integrations.tiktok.exports.amounts import SIGNS
from apps.integrations.tiktok.localised import currency_of


def currency_told(text: str, expected: str) -> str:
    """`expected` where the cell is blank, and where its sign may mean that (a dollar
    may); blank where it names no currency, or could name several."""
    told = text.strip().upper().removesuffix(".")
    if not told:
        return expected
    meant = SIGNS.get(told, frozenset())
    if expected in meant:
        return expected
    if len(meant) == 1:
        return next(iter(meant))
    return currency_of(told)


def objection(text: str, expected: str) -> str:
    """What is wrong with a row of this currency in a shop that sells in `expected`, as
    a sentence; blank if nothing is."""
    told = currency_told(text, expected)
    if told == expected:
        return ""
    if not told:
        return f"“{text}” is no currency. Write its three letters, as {expected}."
    return (
        f"“{text}” is not {expected}, the currency of this shop. Choose the shop this "
        "file was exported from."
    )
