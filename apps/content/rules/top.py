"""What sells best, and who, over all shops."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from apps.content.rules.funnel import part

# What differs by less is the same.
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What an item of a shop sold; `master_id` names what it is in all shops, if known.
    Money is in one currency."""

    shop_id: str
    item_id: str
    net: Decimal
    units: int = 0
    master_id: str | None = None

    @property
    def key(self) -> str:
        return self.master_id or f"{self.shop_id}:{self.item_id}"


@dataclass(slots=True)
class Product:
    """`share` of the net of everything, not of the top only; None of nothing."""

    key: str
    net: Decimal = Decimal(0)
    units: int = 0
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CreatorRow:
    """What a creator sold in a shop; `creator_id` is the platform's: names change."""

    creator_id: str
    net: Decimal
    orders: int = 0
    commission: Decimal = Decimal(0)
    content_ids: frozenset[str] = frozenset()
    views: int = 0


@dataclass(slots=True)
class Creator:
    """`contents` counts different ones; `conversion` is orders to views of all shops
    together."""

    creator_id: str
    net: Decimal = Decimal(0)
    orders: int = 0
    commission: Decimal = Decimal(0)
    views: int = 0
    content_ids: set[str] = field(default_factory=set)

    @property
    def contents(self) -> int:
        return len(self.content_ids)

    @property
    def conversion(self) -> float | None:
        return part(self.orders, self.views)


def top_products(rows: Iterable[ProductRow], most: int | None = None) -> list[Product]:
    """By net, then units, then key; all of them if `most` is None."""
    found: dict[str, Product] = {}
    for row in rows:
        product = found.setdefault(row.key, Product(row.key))
        product.net += row.net
        product.units += row.units
    total = sum((product.net for product in found.values()), Decimal(0))
    for product in found.values():
        product.share = product.net / total if total > 0 else None
    ranked = sorted(
        found.values(),
        key=lambda one: (-round(one.net, _DECIMALS), -one.units, one.key),
    )
    return ranked[:most]


def top_creators(rows: Iterable[CreatorRow], most: int | None = None) -> list[Creator]:
    """By net, then orders, then id."""
    found: dict[str, Creator] = {}
    for row in rows:
        creator = found.setdefault(row.creator_id, Creator(row.creator_id))
        creator.net += row.net
        creator.orders += row.orders
        creator.commission += row.commission
        creator.views += row.views
        creator.content_ids |= row.content_ids
    ranked = sorted(
        found.values(),
        key=lambda one: (-round(one.net, _DECIMALS), -one.orders, one.creator_id),
    )
    return ranked[:most]
