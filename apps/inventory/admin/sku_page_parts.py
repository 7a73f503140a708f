"""How many of a bundle can be made, and of which part there are too few."""

from collections import defaultdict
from dataclasses import dataclass

from apps.inventory.models import StockLevel, Warehouse
from apps.products.models import BundleComponent, Variant


@dataclass(frozen=True, slots=True)
class Part:
    """So many `each`; `available` in all warehouses."""

    variant: Variant
    each: int
    available: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Makeable:
    """`limits` is the SKU of the part that runs out first."""

    warehouse: Warehouse
    count: int
    limits: str


def parts_of(bundle: Variant) -> tuple[list[Part], list[Makeable]]:
    """Its parts, and what they make in each warehouse: goods in two places are not put
    together."""
    rows = BundleComponent.objects.filter(bundle=bundle)
    components = list(rows.select_related("component__product"))
    levels = StockLevel.objects.filter(
        variant__in=[row.component_id for row in components]
    ).select_related("warehouse")
    by_part: dict[int, dict[int, StockLevel]] = defaultdict(dict)
    warehouses: dict[int, Warehouse] = {}
    for level in levels.order_by("warehouse__name", "pk"):
        by_part[level.variant_id][level.warehouse_id] = level
        warehouses[level.warehouse_id] = level.warehouse
    return (
        [_part(row, by_part[row.component_id]) for row in components],
        [_makeable(place, components, by_part) for place in warehouses.values()],
    )


def _part(row: BundleComponent, levels: dict[int, StockLevel]) -> Part:
    return Part(
        variant=row.component,
        each=row.quantity,
        available=sum(level.available for level in levels.values()),
        is_counted=any(level.is_counted for level in levels.values()),
    )


def _makeable(
    place: Warehouse,
    components: list[BundleComponent],
    by_part: dict[int, dict[int, StockLevel]],
) -> Makeable:
    counts = []
    for row in components:
        level = by_part[row.component_id].get(place.pk)
        there = max(0, level.available) if level else 0
        counts.append((there // row.quantity, row.component.sku))
    count, limits = min(counts, default=(0, ""))
    return Makeable(place, count, limits)
