"""How many pieces a shop is told of a SKU, step by step. Pure: no database.

A figure comes from the narrowest rule that names it: one for the SKU beats one for the
shop, that one for the warehouse, that one for the client. A rule that names no
warehouse holds for all the SKU's warehouses in the shop together: they are served in
the order given.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from apps.inventory.models import StockRule

# The platform's bounds of a quantity in one warehouse.
MOST_TOLD = 99_999

Scope = tuple[int | None, int | None, int | None]  # variant, shop, warehouse
FIGURES = ("buffer", "share_percent", "last_pieces", "cap")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the calculation: in words, and the pieces that are left after it.

    `unnamed` are the words for who does not see the shop that the rule names.
    """

    words: str
    pieces: int
    rule: StockRule | None = None
    unnamed: str = ""

    def words_for(self, seen: Container[int]) -> str:
        """In words for who sees these shops."""
        if not self.unnamed or self.rule is None:
            return self.words
        return self.words if self.rule.last_pieces_shop_id in seen else self.unnamed


@dataclass(slots=True)
class Allotment:
    """What is told of one warehouse, and how that came about."""

    available: int
    pieces: int = 0
    steps: list[Step] = field(default_factory=list)

    def step(
        self,
        words: str,
        pieces: int,
        rule: StockRule | None = None,
        *,
        unnamed: str = "",
    ) -> None:
        self.steps.append(Step(words, pieces, rule, unnamed))
        self.pieces = pieces


def by_scope(rules: Iterable[StockRule]) -> dict[Scope, StockRule]:
    """The rules of one client, by what they name; the database keeps them single."""
    return {(rule.variant_id, rule.shop_id, rule.warehouse_id): rule for rule in rules}


def ruling(
    rules: Mapping[Scope, StockRule], variant: int, shop: int, warehouse: int
) -> dict[str, StockRule]:
    """{figure: the narrowest rule that names it}"""
    found: dict[str, StockRule] = {}
    for scope in _narrowest_first(variant, shop, warehouse) if rules else ():
        if (rule := rules.get(scope)) is not None:
            for name in FIGURES:
                if getattr(rule, name) is not None:
                    found.setdefault(name, rule)
    return found


def allot(
    available: Sequence[int], ruled: Sequence[Mapping[str, StockRule]], shop_id: int
) -> list[Allotment]:
    """What a shop is told of each of a SKU's warehouses; `ruled` is {figure: rule} of
    each.

    In this order: what is available, never below 0; less the buffer; the share, rounded
    down; what lies above the last pieces, where these are another shop's; the cap; what
    the platform takes.
    """
    rows = [Allotment(number) for number in available]
    for row in rows:
        row.step(f"{row.available:,} available", max(0, row.available))
    _keep_back(rows, ruled)
    left = [row.pieces for row in rows]
    _share(rows, ruled)
    _leave_the_last(rows, ruled, left, shop_id)
    _cap(rows, ruled)
    for row in rows:
        if row.pieces > MOST_TOLD:
            row.step(f"TikTok takes {MOST_TOLD:,} at most", MOST_TOLD)
    return rows


def _keep_back(
    rows: Sequence[Allotment], ruled: Sequence[Mapping[str, StockRule]]
) -> None:
    for rule, places in _together(ruled, "buffer"):
        wanted = left = rule.buffer or 0
        for place in places:
            kept = min(left, rows[place].pieces)
            left -= kept
            of_all = "" if kept == wanted else f", of {wanted:,} in all"
            rows[place].step(
                f"{kept:,} kept back{of_all}", rows[place].pieces - kept, rule
            )


def _share(rows: Sequence[Allotment], ruled: Sequence[Mapping[str, StockRule]]) -> None:
    for row, rules in zip(rows, ruled, strict=True):
        if (rule := rules.get("share_percent")) is not None:
            percent = rule.share_percent or 0
            row.step(f"{percent} % share", row.pieces * percent // 100, rule)


def _leave_the_last(
    rows: Sequence[Allotment],
    ruled: Sequence[Mapping[str, StockRule]],
    left: Sequence[int],
    shop_id: int,
) -> None:
    """`left` is what the buffer left of each: its last pieces are meant."""
    for rule, places in _together(ruled, "last_pieces"):
        if rule.last_pieces_shop_id == shop_id:
            continue
        last = rule.last_pieces or 0
        above = max(0, sum(left[place] for place in places) - last)
        only = f"the last {last:,} only in"
        _at_most(
            above,
            [rows[place] for place in places],
            f"{only} {rule.last_pieces_shop}",
            rule,
            unnamed=f"{only} a shop you do not see",
        )


def _cap(rows: Sequence[Allotment], ruled: Sequence[Mapping[str, StockRule]]) -> None:
    for rule, places in _together(ruled, "cap"):
        cap = rule.cap or 0
        _at_most(cap, [rows[place] for place in places], f"at most {cap:,}", rule)


def _at_most(
    most: int,
    rows: Sequence[Allotment],
    words: str,
    rule: StockRule,
    *,
    unnamed: str = "",
) -> None:
    """No more than so many in all of these, the first before the next."""
    for row in rows:
        told = min(row.pieces, most)
        most -= told
        row.step(words, told, rule, unnamed=unnamed)


def _together(
    ruled: Sequence[Mapping[str, StockRule]], figure: str
) -> list[tuple[StockRule, list[int]]]:
    """(rule, the places it rules) of a figure: each rule is applied to all at once."""
    groups: dict[int, tuple[StockRule, list[int]]] = {}
    for place, rules in enumerate(ruled):
        if (rule := rules.get(figure)) is not None:
            groups.setdefault(id(rule), (rule, []))[1].append(place)
    return list(groups.values())


def _narrowest_first(variant: int, shop: int, warehouse: int) -> Iterable[Scope]:
    return product((variant, None), (shop, None), (warehouse, None))
