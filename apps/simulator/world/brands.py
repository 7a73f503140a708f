"""Brands: those everybody may look up, and those a seller has made."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from apps.simulator.clock import day_of
from apps.simulator.world.regions import REGIONS
from apps.simulator.world.rolls import digits, rng, roll
from apps.simulator.world.sellers import Shop
from apps.simulator.world.taxonomy import ROOT, categories

_FIRST = (
    "Alderbrook", "Bellmoor", "Cinderlane", "Dunefield", "Emberly", "Fernhollow",
    "Glasswing", "Hazelgrove", "Inkwell", "Junipero", "Kestrelle", "Lumenor",
    "Mossgate", "Northloom", "Oakhaven", "Pinecrest",
)  # fmt: skip
_SECOND = (
    "", "Active", "Atelier", "Basics", "Beauty", "Co.", "Goods", "Home", "Kids",
    "Kitchen", "Living", "Outdoor", "Studio", "Supply", "Tech", "Works",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brand:
    id: str
    name: str
    is_t1: bool = False  # well known: selling it takes an authorization
    is_available: bool = True
    root_ids: frozenset[str] = frozenset()  # categories it is sold in; empty for any
    seller_id: str = ""  # of who made it; empty for everybody's
    made_on: int = 0  # day number

    def is_authorised_for(self, shop: Shop) -> bool:
        if self.seller_id:
            return True
        share = 4 if self.is_t1 else 14  # per cent
        return roll("authorised", self.id, shop.id) % 100 < share


@cache
def _public() -> dict[str, Brand]:
    roots = [one.id for one in categories(REGIONS["ID"]) if one.parent_id == ROOT]
    brands = [
        _brand(f"{first} {second}".strip(), roots)
        for second in _SECOND
        for first in _FIRST
    ]
    return {brand.id: brand for brand in brands}


def _brand(name: str, roots: list[str]) -> Brand:
    chance = rng("brand", name)
    return Brand(
        id=digits("708", 19, "brand", name),
        name=name,
        is_t1=chance.random() < 0.08,
        is_available=chance.random() > 0.03,
        root_ids=frozenset(chance.sample(roots, chance.randint(3, 8))),
    )


@dataclass
class Brands:
    """Not thread safe: the simulator's lock guards it."""

    made: dict[str, Brand] = field(default_factory=dict)

    def of(self, seller_id: str) -> list[Brand]:
        """What a seller can see, their own last."""
        return [*_public().values(), *self.made_by(seller_id)]

    def made_by(self, seller_id: str) -> list[Brand]:
        return [brand for brand in self.made.values() if brand.seller_id == seller_id]

    def get(self, seller_id: str, brand_id: str) -> Brand | None:
        brand = _public().get(brand_id) or self.made.get(brand_id)
        return brand if brand and brand.seller_id in ("", seller_id) else None

    def is_taken(self, seller_id: str, name: str) -> bool:
        wanted = name.casefold()
        return any(brand.name.casefold() == wanted for brand in self.of(seller_id))

    def apply(self, event: dict[str, Any]) -> Brand:
        """`brand_made`: seller_id, name and the moment `at`."""
        seller_id, name = event["seller_id"], event["name"]
        brand = Brand(
            id=digits("709", 19, "brand", seller_id, name.casefold()),
            name=name,
            seller_id=seller_id,
            made_on=day_of(event["at"]),
        )
        self.made[brand.id] = brand
        return brand
