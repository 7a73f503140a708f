"""Amounts by the platform's names, signed: what is taken from the seller is below zero.

They are integers in the currency's smallest unit. The supplementary sections explain
and add to nothing:

    revenue    = sum of its section
    shipping   = sum of its section
    fee_tax    = fees + taxes
    settlement = revenue + shipping + fee_tax
"""

from collections.abc import Iterable, Iterator

REVENUE, SHIPPING, FEE, TAX = "revenue", "shipping", "fee", "tax"
SHIPPING_MORE, MORE = "shipping_more", "more"  # the supplementary ones
_NOTHING: dict[str, int] = {}


class Figures:
    """`sections[section][name]`; without zeros, but for what was added as zero."""

    __slots__ = ("sections",)

    def __init__(self) -> None:
        self.sections: dict[str, dict[str, int]] = {}

    def add(self, section: str, name: str, amount: int) -> None:
        if amount:
            named = self.sections.setdefault(section, {})
            named[name] = named.get(name, 0) + amount

    def of(self, section: str) -> dict[str, int]:
        return self.sections.get(section, _NOTHING)

    def total(self, *sections: str) -> int:
        return sum(sum(self.of(section).values()) for section in sections)

    @property
    def revenue(self) -> int:
        return self.total(REVENUE)

    @property
    def shipping(self) -> int:
        return self.total(SHIPPING)

    @property
    def fee_tax(self) -> int:
        return self.total(FEE, TAX)

    @property
    def settlement(self) -> int:
        return self.total(REVENUE, SHIPPING, FEE, TAX)

    def __bool__(self) -> bool:
        return any(amount for *_, amount in self.rows())

    def __sub__(self, other: "Figures") -> "Figures":
        result = total((self,))
        for section, name, amount in other.rows():
            result.add(section, name, -amount)
        return result

    def rows(self) -> Iterator[tuple[str, str, int]]:
        for section, named in self.sections.items():
            for name, amount in named.items():
                yield section, name, amount


def total(figures: Iterable[Figures]) -> Figures:
    result = Figures()
    for one in figures:
        for section, name, amount in one.rows():
            result.add(section, name, amount)
    return result


def share_of(amount: int, rate: int, whole: int = 10_000) -> int:
    """`rate` parts of `whole` of an amount that is not negative, half up; by default
    in hundredths of a percent."""
    return (2 * amount * rate + whole) // (2 * whole)
