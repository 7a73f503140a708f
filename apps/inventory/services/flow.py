"""Where the pieces are: from what there is, through warehouses, to what shops are told.

Pure: figures in, nodes and links out. Whatever flows into a node flows out of it again,
up to what the pieces are used for. Beyond that one piece is offered by several shops at
once: those links are shared, none is wider than what is on offer.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    SOURCE = "source"
    WAREHOUSE = "warehouse"
    USE = "use"
    SHOP = "shop"


class Source(StrEnum):
    ON_HAND = "on_hand"
    QUARANTINE = "quarantine"
    BACK = "back"


class Use(StrEnum):
    RESERVED = "reserved"
    OFFERED = "offered"
    KEPT = "kept"
    NOWHERE = "nowhere"
    QUARANTINE = "quarantine"
    BACK = "back"


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """`name` is a Source, a Use, or the key of a warehouse or shop."""

    stage: Stage
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A variant in a warehouse, as its level has it."""

    variant: int
    warehouse: int
    on_hand: int
    reserved: int
    expected_back: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop is told of a variant in one of our warehouses, in pieces of it; 0,
    too, is an offer."""

    shop: int
    variant: int
    warehouse: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Link:
    source: Node
    target: Node
    units: int

    @property
    def is_shared(self) -> bool:
        """Whether other links carry the same pieces."""
        return self.target.stage == Stage.SHOP


@dataclass(frozen=True, slots=True)
class Flow:
    """`short` are units promised that are not there: they flow nowhere."""

    links: list[Link]
    short: int

    def into(self, node: Node) -> int:
        return sum(link.units for link in self.links if link.target == node)

    def out_of(self, node: Node) -> int:
        return sum(link.units for link in self.links if link.source == node)

    def units_of(self, node: Node) -> int:
        return self.out_of(node) if node.stage == Stage.SOURCE else self.into(node)

    def nodes(self, stage: Stage) -> list[Node]:
        """Those of a stage that anything flows through, the largest first where they
        have no order of their own."""
        found = {node for link in self.links for node in (link.source, link.target)}
        there = [node for node in found if node.stage == stage]
        if stage in _IN_ORDER:
            names = _IN_ORDER[stage]
            return sorted(there, key=lambda node: names.index(node.name))
        return sorted(there, key=lambda node: (-self.units_of(node), node))


_IN_ORDER = {Stage.SOURCE: [*Source], Stage.USE: [*Use]}


def flow_of(shelves: Iterable[Shelf], offers: Iterable[Offer]) -> Flow:
    told: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for offer in offers:
        shops = told[offer.variant, offer.warehouse]
        shops[offer.shop] = max(offer.pieces, shops.get(offer.shop, 0))
    units: dict[tuple[Node, Node], int] = defaultdict(int)
    short = 0
    for shelf in shelves:
        short += max(0, shelf.reserved - shelf.on_hand)
        shops = told.get((shelf.variant, shelf.warehouse), {})
        for source, target, count in _links_of(shelf, shops):
            units[source, target] += count
    links = [Link(*ends, count) for ends, count in units.items() if count]
    return Flow(sorted(links, key=lambda link: (link.source, link.target)), short)


def _links_of(shelf: Shelf, shops: dict[int, int]) -> Iterable[tuple[Node, Node, int]]:
    """`shops` is {shop: what it is told of this shelf}."""
    here = Node(Stage.WAREHOUSE, str(shelf.warehouse))
    there = max(0, shelf.on_hand)
    reserved = min(shelf.reserved, there)
    free = there - reserved
    offered = min(free, max(shops.values(), default=0))
    left = Use.KEPT if shops else Use.NOWHERE
    for source, count in (
        (Source.ON_HAND, there),
        (Source.QUARANTINE, shelf.quarantined),
        (Source.BACK, shelf.expected_back),
    ):
        yield Node(Stage.SOURCE, source), here, count
    for use, count in (
        (Use.RESERVED, reserved),
        (Use.OFFERED, offered),
        (left, free - offered),
        (Use.QUARANTINE, shelf.quarantined),
        (Use.BACK, shelf.expected_back),
    ):
        yield here, Node(Stage.USE, use), count
    for shop, pieces in shops.items():
        target = Node(Stage.SHOP, str(shop))
        yield Node(Stage.USE, Use.OFFERED), target, min(free, pieces)
