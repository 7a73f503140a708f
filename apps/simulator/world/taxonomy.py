"""The categories of each market, grown from data/categories.csv.

    taxonomy.categories(shop.region)          every category, parents first
    taxonomy.category(shop.region, "6011520") one of them, or None
    taxonomy.chain(shop.region, "6011520")    it and those above it, the root first

Most markets have the tree of version v1, three levels deep; the US has v2, deeper.
A category has the same ID wherever it exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from apps.simulator.world.regions import REGIONS, Region
from apps.simulator.world.rolls import digits
from apps.simulator.world.taxonomy_attributes import Attribute, attributes_of
from apps.simulator.world.taxonomy_rules import Rules, rules_of
from apps.simulator.world.words import language, rows

ROOT = "0"
AVAILABLE, INVITE_ONLY, NON_MAIN_CATEGORY, PROHIBITED = (
    "AVAILABLE", "INVITE_ONLY", "NON_MAIN_CATEGORY", "PROHIBITED",
)  # fmt: skip
_FLAGS = {
    "invite": INVITE_ONLY, "nonmain": NON_MAIN_CATEGORY, "prohibited": PROHIBITED,
}  # fmt: skip
_DEEPEST = {"v1": 3, "v2": 5}


def version(region: Region) -> str:
    """The only `category_version` a market has."""
    return "v2" if region.code == "US" else "v1"


@dataclass(frozen=True, slots=True)
class _Row:
    """A category as the file has it, wherever it is open."""

    id: str
    parent_id: str
    level: int
    names: Mapping[str, str]
    keywords: tuple[str, ...]
    profile: str
    permission: str
    markets: frozenset[str]
    chain: tuple[str, ...]  # IDs from the root down to this one


@dataclass(frozen=True, slots=True, eq=False)
class Category:
    id: str
    parent_id: str  # ROOT at the top
    name: str  # in the market's own language
    level: int  # 1 at the top
    is_leaf: bool
    permission: str
    chain: tuple[str, ...]  # IDs from the root down to this one
    attributes: tuple[Attribute, ...]  # of leaves only
    rules: Rules
    names: Mapping[str, str] = field(repr=False)
    keywords: tuple[str, ...] = field(repr=False)

    def name_in(self, spoken: str) -> str:
        return self.names.get(spoken) or self.names["en"]


def categories(region: Region) -> tuple[Category, ...]:
    return tuple(_tree(region.code).values())


def category(region: Region, category_id: str) -> Category | None:
    return _tree(region.code).get(category_id)


def chain(region: Region, category_id: str) -> tuple[Category, ...]:
    """A category and those above it, the root first."""
    tree = _tree(region.code)
    return tuple(tree[one] for one in tree[category_id].chain)


def is_open_elsewhere(category_id: str) -> bool:
    """Whether any market or version knows a category."""
    return any(row.id == category_id for row in _rows())


@cache
def _rows() -> tuple[_Row, ...]:
    found: list[_Row] = []
    path: list[_Row] = []
    for raw in rows("categories.csv"):
        level = int(raw["depth"])
        del path[level - 1 :]
        above = path[-1] if path else None
        row = _row(raw, level, above)
        path.append(row)
        found.append(row)
    return tuple(found)


def _row(raw: dict[str, str], level: int, above: _Row | None) -> _Row:
    flags = raw["flags"].split()
    markets = [flag.removeprefix("only:") for flag in flags if flag.startswith("only:")]
    inherited = above.markets if above else frozenset(REGIONS)
    category_id = digits("60", 7, "category", raw["en"])
    return _Row(
        id=category_id,
        parent_id=above.id if above else ROOT,
        level=level,
        names={name: raw[name] for name in ("en", "de", "id", "ms", "th", "vi")},
        keywords=tuple(word for word in raw["keywords"].split(",") if word),
        profile=raw["profile"] or (above.profile if above else ""),
        permission=next((_FLAGS[f] for f in flags if f in _FLAGS), AVAILABLE),
        markets=frozenset(markets[0].split("+")) if markets else inherited,
        chain=((*above.chain, category_id) if above else (category_id,)),
    )


@cache
def _tree(region: str) -> dict[str, Category]:
    deepest = _DEEPEST[version(REGIONS[region])]
    kept = [r for r in _rows() if r.level <= deepest and region in r.markets]
    parents = {row.parent_id for row in kept}
    spoken = language(region)
    return {
        row.id: Category(
            id=row.id,
            parent_id=row.parent_id,
            name=row.names[spoken] or row.names["en"],
            level=row.level,
            is_leaf=row.id not in parents,
            permission=row.permission,
            chain=row.chain,
            attributes=() if row.id in parents else attributes_of(row.profile),
            rules=rules_of(row.profile, region),
            names=row.names,
            keywords=row.keywords,
        )
        for row in kept
    }
